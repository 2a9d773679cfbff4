import { ReplicationError } from './errors.ts';
import { STANDING_ROWS } from './limits.ts';
import type { Standing } from './port.ts';
import type { Queries } from './session.ts';
import { sound } from './storable.ts';
import type { Outbox } from './write-events.ts';

/** Appliances and locks as they stand: rows that changed, and none of what is gone. All of it in one transaction. */

const APPLIANCES = `
  insert into voltsafe.appliance as t (origin, hub, appliance, as_of_seq, name, room, circuit, wattage, is_on, relay_state,
    fault, reserved_w, power_w, view)
  select distinct on (v->>'id') $1::uuid, $2::text, v->>'id', $3::bigint, v->>'name', v->>'room', v->>'circuit',
    (v->>'wattage')::float8, (v->>'is_on')::boolean, v->>'relay_state', v->>'fault', (v->>'reserved_w')::float8,
    (v->>'power_w')::float8, v
  from json_array_elements($4::json) v where v->>'id' is not null
  on conflict (origin, appliance) do update set hub = excluded.hub, as_of_seq = excluded.as_of_seq, name = excluded.name,
    room = excluded.room, circuit = excluded.circuit, wattage = excluded.wattage, is_on = excluded.is_on,
    relay_state = excluded.relay_state, fault = excluded.fault, reserved_w = excluded.reserved_w,
    power_w = excluded.power_w, view = excluded.view
  where t.view::text <> excluded.view::text or t.hub <> excluded.hub`;

const LOCKS = `
  insert into voltsafe.lock as t (origin, hub, resource, fencing_token, as_of_seq, holder, principal, mode, state,
    acquired_at, view)
  select distinct on (v->>'resource', v->>'fencing_token') $1::uuid, $2::text, v->>'resource',
    (v->>'fencing_token')::bigint, $3::bigint, v->>'holder', v->>'principal', v->>'mode', v->>'state',
    (v->>'acquired_at')::timestamptz, v
  from json_array_elements($4::json) v where v->>'resource' is not null and v->>'fencing_token' is not null
  on conflict (origin, resource, fencing_token) do update set hub = excluded.hub, as_of_seq = excluded.as_of_seq,
    holder = excluded.holder, principal = excluded.principal, mode = excluded.mode, state = excluded.state,
    acquired_at = excluded.acquired_at, view = excluded.view
  where t.view::text <> excluded.view::text or t.hub <> excluded.hub`;

const GONE_APPLIANCES = `delete from voltsafe.appliance a where origin = $1 and not exists (
  select from json_array_elements_text($2::json) as kept (id) where kept.id = a.appliance)`;

const GONE_LOCKS = `delete from voltsafe.lock l where origin = $1 and not exists (
  select from json_array_elements_text($2::json) as kept (id) where kept.id = l.resource || ' ' || l.fencing_token)`;

/** What an older connection of this hub had under way comes too late. */
const MOVE = `update voltsafe.origin_cursor set standing_seq = $2::bigint, updated_at = now()
  where origin = $1 and standing_seq <= $2 returning 1`;

export async function writeStanding(session: Queries, { origin, hub }: Outbox, standing: Standing): Promise<void> {
  await session.query('begin');
  try {
    const moved = await session.query(MOVE, [origin, standing.asOfSeq]);
    if (moved.length === 0) throw new ReplicationError('cursor_moved', 'Postgres shows this hub as it stands later');
    for (const part of parts(standing.appliances))
      await session.query(APPLIANCES, [origin, hub, standing.asOfSeq, part]);
    for (const part of parts(standing.locks)) await session.query(LOCKS, [origin, hub, standing.asOfSeq, part]);
    await session.query(GONE_APPLIANCES, [origin, names(standing.appliances, ['id'])]);
    await session.query(GONE_LOCKS, [origin, names(standing.locks, ['resource', 'fencing_token'])]);
    await session.query('commit');
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

function* parts(views: readonly unknown[]): Generator<string, void> {
  for (let from = 0; from < views.length; from += STANDING_ROWS) {
    yield sound(JSON.stringify(views.slice(from, from + STANDING_ROWS)));
  }
}

function names(views: readonly unknown[], keys: readonly string[]): string {
  const named = views.map((view) => keys.map((key) => fieldOf(view, key)).join(' '));
  return sound(JSON.stringify(named));
}

function fieldOf(view: unknown, key: string): string {
  return typeof view === 'object' && view !== null ? String(Reflect.get(view, key)) : '';
}
