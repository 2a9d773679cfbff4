import pg from 'pg';
import type { RevisedRow } from '../../daemon/core/power.ts';
import { byteArray, plainArray, textArray } from '../../daemon/replication/arrays.ts';
import type { LedgerRow } from '../../daemon/replication/port.ts';
import type { Offline } from './two-weeks.ts';

/** The same rows into tables of the same shape, with nothing but `insert ... select from unnest`: what drain is held against. */

const ROWS = 1_000;
const ORIGIN = '00000000-0000-4000-8000-000000000000';

const EVENTS = `insert into bare.event (origin, hub, seq, wall_ms, up_ms, boot_id, kind, who, appliance, body, hash)
  select '${ORIGIN}', 'bare', * from unnest($1::bigint[], $2::float8[], $3::float8[], $4::text[], $5::text[], $6::json[],
    $7::text[], $8::json[], $9::bytea[])`;

const POWER = (table: string, key: string) => `insert into ${table} (hub, origin${key}, source, at, avg_w, min_w, max_w,
    energy_wh, voltage, samples, covered_s, estimated, interactive_w, background_w, clock_sure, rev)
  select 'bare', '${ORIGIN}', * from unnest(${key === '' ? '' : '$15::text[], '}$1::text[], $2::timestamptz[], $3::float8[],
    $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::int[], $9::float8[], $10::boolean[], $11::float8[],
    $12::float8[], $13::boolean[], $14::bigint[])`;
const MINUTES = POWER('bare.power_readings', '');
const LONGER = POWER('bare.power_rollup', ', resolution');

/** The tables of a database that is migrated already, empty. */
export async function makeBareTables(client: pg.Client): Promise<void> {
  await client.query(`create schema bare;
    create table bare.event (like voltsafe.event including all);
    create table bare.power_readings (like voltsafe.power_readings including all);
    create table bare.power_rollup (like voltsafe.power_rollup including all)`);
}

/** Returns how many rows it inserted. Reading them is a part of it, as it is of the drain. */
export async function insertBare(url: string, { bench, telemetry }: Offline, lastSeq: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await makeBareTables(client);
  let count = 0;
  for (let after = 0; after < lastSeq; ) {
    const rows = await pageOf(bench.ledger, after, lastSeq);
    await client.query(EVENTS, eventColumns(rows));
    count += rows.length;
    after = rows.at(-1)?.seq ?? lastSeq;
  }
  for (let rev = 0; ; ) {
    const { rows } = await telemetry.rowsAfter(rev, ROWS);
    const minutes = rows.filter(({ resolution }) => resolution === 'minute');
    const longer = rows.filter(({ resolution }) => resolution !== 'minute');
    if (minutes.length > 0) await client.query(MINUTES, powerColumns(minutes));
    const resolutions = textArray(longer.map(({ resolution }) => resolution));
    if (longer.length > 0) await client.query(LONGER, [...powerColumns(longer), resolutions]);
    count += rows.length;
    const last = rows.at(-1);
    if (last === undefined) break;
    rev = last.rev;
  }
  await client.end();
  return count;
}

async function pageOf(ledger: Offline['bench']['ledger'], after: number, lastSeq: number): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  while (rows.length < ROWS) {
    const from = rows.at(-1)?.seq ?? after;
    const page = await ledger.readRows(from, Math.min(ROWS - rows.length, lastSeq - from));
    if (page.length === 0) break;
    rows.push(...page);
  }
  return rows;
}

function eventColumns(rows: readonly LedgerRow[]): string[] {
  return [
    plainArray(rows.map(({ seq }) => seq)),
    plainArray(rows.map(({ wallMs }) => wallMs)),
    plainArray(rows.map(({ upMs }) => upMs)),
    textArray(rows.map(({ bootId }) => bootId)),
    textArray(rows.map(({ kind }) => kind)),
    textArray(rows.map(({ who }) => who)),
    textArray(rows.map(({ appliance }) => appliance)),
    textArray(rows.map(({ body }) => body)),
    byteArray(rows.map(({ hash }) => hash)),
  ];
}

function powerColumns(rows: readonly RevisedRow[]): string[] {
  const watts = (of: (row: RevisedRow) => number | null) => plainArray(rows.map((row) => thousandth(of(row))));
  return [
    textArray(rows.map(({ source }) => source)),
    textArray(rows.map(({ startMs }) => new Date(startMs).toISOString())),
    watts(({ avgMw }) => avgMw),
    watts(({ minMw }) => minMw),
    watts(({ maxMw }) => maxMw),
    watts(({ energyMwh }) => energyMwh),
    watts(({ voltageMv }) => voltageMv),
    plainArray(rows.map(({ samples }) => samples)),
    watts(({ coveredMs }) => coveredMs),
    plainArray(rows.map(({ isEstimated }) => isEstimated)),
    watts(({ interactiveMw }) => interactiveMw),
    watts(({ backgroundMw }) => backgroundMw),
    plainArray(rows.map(({ isClockSure }) => isClockSure)),
    plainArray(rows.map(({ rev }) => rev)),
  ];
}

function thousandth(value: number | null): number | null {
  return value === null ? null : value / 1000;
}
