import { byteArray, plainArray, textArray } from './arrays.ts';
import { ReplicationError } from './errors.ts';
import type { LedgerRow } from './port.ts';
import type { Queries } from './session.ts';
import { type Storable, storable, unreadable } from './storable.ts';

/**
 * One statement, and so one transaction and one round trip: the rows, and the cursor if it stands where it stood. Rows that
 * are there already must be the same (hash); then they are a harmless replay.
 */
const INSERT = `
  with given as materialized (
    select * from unnest($3::bigint[], $4::float8[], $5::float8[], $6::text[], $7::text[], $8::json[], $9::text[],
      $10::json[], $11::bytea[], $12::text[]) as g (seq, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash, verbatim)
  ), inserted as (
    insert into voltsafe.event (origin, hub, seq, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash, verbatim)
    select $1::uuid, $2::text, seq, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash, verbatim from given
    on conflict (origin, seq) do nothing returning 1
  ), moved as (
    update voltsafe.origin_cursor set last_seq = $13::bigint, last_hash = $14::bytea, hub = $2, updated_at = now()
    where origin = $1 and last_seq = $15::bigint returning 1
  )
  select voltsafe.demand(exists (select from moved), 'VS001', 'the cursor is not where this hub left it'),
    voltsafe.demand(
      (select count(*) from inserted) = cardinality($3::bigint[]) or not exists (
        select from given g join voltsafe.event e on e.origin = $1 and e.seq = g.seq where e.hash <> g.hash
      ), 'VS002', 'Postgres has other events under the same numbers')`;

export interface Outbox {
  readonly origin: string;
  readonly hub: string;
}

/** `afterSeq` is where the cursor stands. Rejects when none of it is in. */
export async function writeEvents(
  session: Queries,
  to: Outbox,
  afterSeq: number,
  rows: readonly LedgerRow[],
): Promise<void> {
  try {
    await insert(session, to, afterSeq, rows.map(storable));
  } catch (error) {
    if (!(error instanceof ReplicationError) || !error.isOfRows) throw error;
    await oneByOne(session, to, afterSeq, rows);
  }
}

/** A value that Postgres does not take stops nobody for ever: that row alone goes as plain text. */
async function oneByOne(session: Queries, to: Outbox, afterSeq: number, rows: readonly LedgerRow[]): Promise<void> {
  let before = afterSeq;
  for (const row of rows) {
    try {
      await insert(session, to, before, [storable(row)]);
    } catch (error) {
      if (!(error instanceof ReplicationError) || !error.isOfRows) throw error;
      await insert(session, to, before, [unreadable(row)]);
    }
    before = row.seq;
  }
}

async function insert(
  session: Queries,
  { origin, hub }: Outbox,
  afterSeq: number,
  given: readonly Storable[],
): Promise<void> {
  const rows = given.map(({ row }) => row);
  const last = rows.at(-1);
  if (last === undefined) return;
  await session.query(INSERT, [
    origin,
    hub,
    plainArray(rows.map(({ seq }) => seq)),
    plainArray(rows.map(({ wallMs }) => wallMs)),
    plainArray(rows.map(({ upMs }) => upMs)),
    textArray(rows.map(({ bootId }) => bootId)),
    textArray(rows.map(({ kind }) => kind)),
    textArray(rows.map(({ who }) => who)),
    textArray(rows.map(({ appliance }) => appliance)),
    textArray(rows.map(({ body }) => body)),
    byteArray(rows.map(({ hash }) => hash)),
    textArray(given.map(({ verbatim }) => verbatim)),
    last.seq,
    `\\x${last.hash.toString('hex')}`,
    afterSeq,
  ]);
}
