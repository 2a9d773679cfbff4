import { ReplicationError } from './errors.ts';
import type { EventSource, PowerSource } from './port.ts';
import type { Answer, Queries } from './session.ts';

/** What is said on each new connection: who this is, how far Postgres is, and whether it has what this ledger has. */

export interface HubName {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Where its days begin; UTC where it is not told, or not known to the server. */
  readonly timezone?: string;
}

export interface Reached {
  readonly seq: number;
  readonly rev: number;
}

const HUB = `
  insert into voltsafe.hub (hub, name, version, origin, timezone)
  values ($1, $2, $3, $4::uuid, voltsafe.known_zone($5))
  on conflict (hub) do update set name = excluded.name, version = excluded.version, origin = excluded.origin,
    timezone = excluded.timezone, last_seen = now()`;

const ORIGIN = `
  insert into voltsafe.origin (origin, hub, kind, version, restored_from, restored_seq)
  values ($1::uuid, $2, $3, $4, $5::uuid, $6::bigint)
  on conflict (origin) do update set hub = excluded.hub, version = excluded.version, last_seen = now(),
    restored_from = coalesce(voltsafe.origin.restored_from, excluded.restored_from),
    restored_seq = coalesce(voltsafe.origin.restored_seq, excluded.restored_seq)`;

const CURSOR = `insert into voltsafe.origin_cursor (origin, hub) values ($1::uuid, $2) on conflict do nothing`;

const TIP = `
  select c.last_seq::text as last_seq, coalesce(e.hash, c.last_hash) as hash
  from voltsafe.origin_cursor c left join voltsafe.event e on e.origin = c.origin and e.seq = c.last_seq
  where c.origin = $1`;

export async function greetEvents(session: Queries, hub: HubName, source: EventSource): Promise<number> {
  const { origin, restoredFrom = null } = source;
  await session.query(HUB, [hub.id, hub.name, hub.version, origin, hub.timezone ?? null]);
  const restored = [restoredFrom?.origin ?? null, restoredFrom?.seq ?? null];
  await session.query(ORIGIN, [origin, hub.id, 'ledger', hub.version, ...restored]);
  await session.query(CURSOR, [origin, hub.id]);
  const [tip] = await session.query(TIP, [origin]);
  await compare(source, tip);
  return Number(tip?.last_seq ?? 0);
}

/**
 * Another file of power history begins at 0, and its rows stand beside those of the old one. A file that ends before what
 * Postgres has lost its last rows in a power cut, and will give their revs to others. (0: it is not open yet.)
 */
export async function greetPower(
  session: Queries,
  hub: HubName,
  origin: string,
  source: Pick<PowerSource, 'lastRev'>,
): Promise<number> {
  await session.query(ORIGIN, [origin, hub.id, 'power', hub.version, null, null]);
  await session.query(CURSOR, [origin, hub.id]);
  const [cursor] = await session.query(
    `update voltsafe.origin_cursor set last_rev = least(last_rev, coalesce(nullif($2::bigint, 0), last_rev))
      where origin = $1 returning last_rev::text as rev`,
    [origin, source.lastRev()],
  );
  return Number(cursor?.rev ?? 0);
}

/** For `last_seen`: a hub that has nothing to tell is not a silent one. The first of `origins` is the ledger. */
export async function heartbeat(session: Queries, hub: HubName, origins: readonly string[]): Promise<void> {
  const beat = 'update voltsafe.hub set last_seen = now() where hub = $1 returning origin::text';
  const [stands] = await session.query(beat, [hub.id]);
  await session.query('update voltsafe.origin set last_seen = now() where origin = any ($1::uuid[])', [
    `{${origins.join(',')}}`,
  ]);
  // Nobody else greets as this hub while it runs.
  if (stands === undefined || stands.origin === origins[0]) return;
  throw new ReplicationError('hub_twice', `the ledger ${stands.origin} is copied as hub "${hub.id}", too`);
}

async function compare(source: EventSource, tip: Answer | undefined): Promise<void> {
  const seq = Number(tip?.last_seq ?? 0);
  const hash = tip?.hash;
  if (seq === 0) return;
  if (seq > source.lastSeq()) {
    throw new ReplicationError(
      'ledger_behind',
      `Postgres has event ${seq} of this ledger, which ends at ${source.lastSeq()}`,
    );
  }
  const [ours] = await source.read(seq - 1, 1);
  if (!(hash instanceof Uint8Array) || ours?.seq !== seq || !ours.hash.equals(hash)) {
    throw new ReplicationError('hash_differs', `event ${seq} in Postgres is not event ${seq} of this ledger`);
  }
}
