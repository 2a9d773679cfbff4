import { randomUUID } from 'node:crypto';
import type { Event } from '../../daemon/core/events.ts';
import type { RevisedRow } from '../../daemon/core/power.ts';
import { GENESIS, hashOf, rowOf } from '../../daemon/ledger/chain.ts';
import type { EventSource, LedgerRow, Standing } from '../../daemon/replication/port.ts';
import { ANN } from '../ledger/events.ts';
import { ask } from '../postgres/server.ts';
import type { Dice } from '../sim/dice.ts';
import { type Copying, copying, History, MINUTE_MS } from './fixtures.ts';

export const DAY_MS = 86_400_000;
/** Many work on the machines of the tests. */
export const WITHIN = { timeout: 15_000, interval: 50 };
/** Fifty hubs in one process: each looks rarely, and says often that it is there. */
export const UNHURRIED = { pollMs: 100, gatherMs: 5, heartbeatMs: 500 } as const;
const CODES = ['capacity_exceeded', 'relay_unreachable', 'lock_held'] as const;
const SOURCES = ['house', 'circuit:kitchen', 'appliance:oven'] as const;

/** What is the same of hubs and their copies. */
interface Copied {
  readonly events: readonly Event[];
  readonly origin: string;
}

/** It remembers what it was given, for who holds the copy against it. */
class Remembering extends History {
  readonly all: RevisedRow[] = [];

  override put(row: Parameters<History['put']>[0]): RevisedRow {
    const whole = super.put(row);
    this.all.push(whole);
    return whole;
  }
}

/** A hub without its rest: a ledger in memory with the hashes of a real one, a power history, and what stands. */
export class FleetHub implements EventSource {
  readonly id: string;
  readonly timezone: string;
  readonly origin = randomUUID();
  readonly power = new Remembering();
  readonly events: Event[] = [];
  readonly rows: LedgerRow[] = [];
  readonly restoredFrom: { readonly origin: string; readonly seq: number } | null;
  /** Leases in short, or as the core shows them. */
  locks: readonly object[] = [];

  constructor(id: string, timezone: string, of?: { readonly backup: Copied; readonly upTo: number }) {
    this.id = id;
    this.timezone = timezone;
    this.restoredFrom = of === undefined ? null : { origin: of.backup.origin, seq: of.upTo };
    if (of !== undefined) for (const event of of.backup.events.slice(0, of.upTo)) this.append(event);
  }

  lastSeq(): number {
    return this.rows.length;
  }

  async read(afterSeq: number, limit: number): Promise<readonly LedgerRow[]> {
    return this.rows.slice(afterSeq, afterSeq + limit);
  }

  append(event: Event): void {
    const { wall_ms: wallMs, up_ms: upMs, boot_id: bootId, ...row } = rowOf(event, 'boot-1');
    const hash = hashOf(this.rows.at(-1)?.hash ?? GENESIS, { ...row, wall_ms: wallMs, up_ms: upMs, boot_id: bootId });
    this.events.push(event);
    this.rows.push({ ...row, wallMs, upMs, bootId, hash });
  }

  /** Somebody asks for something, within the last three days. */
  act(dice: Dice, wallMs = Date.now() - dice.int(0, 3 * DAY_MS)): void {
    const seq = this.rows.length + 1;
    const reservedMw = dice.int(0, 5_000_000);
    const stamp = { seq, upMs: seq * 10.25, wallMs, who: ANN, reservedMw, limitMw: 5_000_500 } as const;
    const appliance = dice.pick(['oven', 'lamp']);
    const request = { isOn: true };
    if (dice.chance(0.3)) {
      const refusal = { code: dice.pick(CODES), detail: `no room for ${dice.int(1, 9999)} W` };
      return this.append({ kind: 'refused', appliance, refusal, request, ...stamp });
    }
    const order = { isOn: true, generation: seq, cause: 'request', isSettled: true, replaces: null, request } as const;
    this.append({ kind: 'ordered', appliance, ...order, ...stamp });
  }

  /** The minute before `nowMs`, of each source. */
  minute(dice: Dice, nowMs: number): void {
    const startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    for (const source of SOURCES) this.power.put(draw(source, startMs, dice.int(1, 3_000_000)));
  }

  /** Days as the hub rolled them up. */
  days(dice: Dice, count: number): void {
    for (let startMs = midnight(Date.now(), this.timezone), i = 0; i < count; i += 1) {
      for (const source of SOURCES)
        this.power.put({ ...draw(source, startMs, dice.int(1, 3_000_000)), resolution: 'day' });
      startMs = midnight(startMs - MINUTE_MS, this.timezone);
    }
  }

  standing(): Standing {
    const acquired_at = new Date().toISOString();
    const lease = { mode: 'exclusive', state: 'held', principal: 'token:1', expires_in_ms: 60_000, acquired_at };
    const locks = this.locks.map((lock) => ({ ...lease, ...lock }));
    return { asOfSeq: this.lastSeq(), appliances: [{ id: 'oven', name: 'Oven', is_on: true }], locks };
  }

  copiedTo(url: string, timing: object = {}): Copying {
    const hub = { id: this.id, name: this.id, version: '1.0.0', timezone: this.timezone };
    return copying(url, {
      hub,
      events: this,
      power: this.power,
      standing: () => this.standing(),
      timing: { ...UNHURRIED, ...timing },
    });
  }
}

export function draw(source: string, startMs: number, energyMwh: number) {
  return { source, startMs, energyMwh, avgMw: energyMwh * 60, maxMw: energyMwh * 70 };
}

/** The midnight before, found by asking the calendar: another way than that of the views. */
export function midnight(ms: number, timezone: string): number {
  const dayOf = (at: number) => dayIn(at, timezone);
  let startMs = Math.floor(ms / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
  while (dayOf(startMs - 1) === dayOf(ms)) startMs -= 15 * MINUTE_MS;
  return startMs;
}

export function dayIn(ms: number, timezone: string): string {
  const format = FORMATS.get(timezone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: timezone });
  FORMATS.set(timezone, format);
  return format.format(ms);
}

/** Dear to make. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Every row of `voltsafe.event` of a ledger, held against it: missing, changed, or of another hub. */
export async function differences(url: string, { id, origin, rows }: FleetHub): Promise<string[]> {
  const sql = `select seq::int, hub, kind, appliance, body::text, encode(hash, 'hex') as hash from voltsafe.event
    where origin = $1 order by seq`;
  const told = (await ask(url, sql, [origin])).map((row) => JSON.stringify(row));
  const due = rows.map(({ seq, kind, appliance, body, hash }) =>
    JSON.stringify({ seq, hub: id, kind, appliance, body, hash: hash.toString('hex') }),
  );
  const missing = due.filter((row, i) => told[i] !== row);
  return told.length === due.length ? missing : [`${told.length} rows instead of ${due.length}`, ...missing];
}
