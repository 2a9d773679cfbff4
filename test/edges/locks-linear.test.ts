import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Dice } from '../sim/dice.ts';
import type { Client, Toggled } from './client.ts';
import { judge, type Verdict } from './linearizable.ts';
import { httpLocks, type Locks, liveLocks, type Said } from './lock-clients.ts';
import type { Op } from './lock-model.ts';
import { type House, runningHouse } from './rig.ts';

const SECONDS = Number(process.env.VOLTSAFE_LOCK_SECONDS ?? 6);
const SEED = Number(process.env.VOLTSAFE_SEED ?? Date.now() % 1_000_000);
const CLIENTS = 8;
/** Histories are judged one by one: each of a time that a search can oversee. */
const ROUND_MS = 3000;
const LOADS = 3;

type Asked = Omit<Op, 'client' | 'resource' | 'invokedMs' | 'returnedMs' | 'outcome' | 'token'>;

/** Somebody who locks, renews, switches and releases at random, and remembers when it asked and what it was told. */
class Player {
  readonly name: string;
  /** Of this round. */
  history: Op[] = [];
  readonly #dice: Dice;
  readonly #client: Client;
  readonly #locks: Locks;
  /** Resource -> the last token, live or not. */
  readonly #tokens = new Map<string, number>();

  constructor(name: string, dice: Dice, client: Client, locks: Locks) {
    this.name = name;
    this.#dice = dice;
    this.#client = client;
    this.#locks = locks;
  }

  async play(loads: readonly string[], untilMs: number): Promise<void> {
    this.history = [];
    this.#tokens.clear();
    while (performance.now() < untilMs) {
      await this.#once(this.#dice.pick(loads));
      // Most ask again at once; some sleep longer than the shortest lease. This is the load, not a wait for anything.
      if (this.#dice.chance(0.3)) await pause(systemClock, this.#dice.int(1, 15));
      if (this.#dice.chance(0.01)) await pause(systemClock, this.#dice.int(400, 700));
    }
  }

  async #once(load: string): Promise<void> {
    const resource = `appliance:${load}`;
    const shown = this.#tokens.get(resource);
    const dice = this.#dice;
    if (shown === undefined || dice.chance(0.1)) return this.#acquire(resource);
    const verb = dice.weighted({ renew: 2, release: 4, downgrade: 1, toggle: 4, look: 1 });
    if (verb === 'toggle') return this.#toggle(load, resource, shown);
    if (verb === 'look') return this.#look(resource);
    // Some go on with a token that is over.
    if (verb === 'release' && dice.chance(0.7)) this.#tokens.delete(resource);
    const said = await this.#note(resource, { verb, shown }, () =>
      this.#locks[verb](resource, { fencing_token: shown }),
    );
    if (verb === 'renew' && said.status === 409 && dice.chance(0.5)) this.#tokens.delete(resource);
    if (verb === 'downgrade' && said.body.lock !== undefined) this.#tokens.set(resource, said.body.lock.fencing_token);
  }

  async #acquire(resource: string): Promise<void> {
    const dice = this.#dice;
    const mode = dice.chance(0.6) ? 'exclusive' : 'shared';
    const ttlMs = dice.chance(0.3) ? 500 : 20_000;
    const waitMs = dice.chance(0.4) ? dice.int(1, 300) : 0;
    const fields = { mode, ttl_ms: ttlMs, wait_ms: waitMs, lock_delay_ms: 0 } as const;
    const asked = { verb: 'acquire', mode, ttlMs, waitMs } as const;
    const said = await this.#note(resource, asked, () => this.#locks.acquire(resource, fields));
    if (said.body.lock !== undefined) this.#tokens.set(resource, said.body.lock.fencing_token);
  }

  async #toggle(load: string, resource: string, shown: number): Promise<void> {
    const body = { is_on: this.#dice.chance(0.5) };
    const headers = { 'x-fencing-token': `${encodeURIComponent(resource)}=${shown}` };
    const path = `/api/appliances/${load}/toggle`;
    const said = await this.#note(resource, { verb: 'toggle', shown }, () =>
      this.#client.ask<Toggled & Said['body']>(path, { method: 'POST', body, headers }),
    );
    if (said.status === 423 && this.#dice.chance(0.7)) this.#tokens.delete(resource);
  }

  async #look(resource: string): Promise<void> {
    await this.#note(resource, { verb: 'look' }, () => this.#client.ask(`/api/locks/${encodeURIComponent(resource)}`));
  }

  async #note(resource: string, asked: Asked, ask: () => Promise<Said>): Promise<Said> {
    const invokedMs = performance.now();
    const said = await ask();
    const returnedMs = performance.now();
    const { status, body } = said;
    const outcome = status === 200 ? 'granted' : (body.code ?? String(status));
    const token = body.lock?.fencing_token ?? body.fencing_token ?? null;
    const seen = asked.verb === 'look' ? { holders: holdersIn(body) } : {};
    const { already_released: alreadyReleased = false } = body;
    const op = {
      ...asked,
      ...seen,
      alreadyReleased,
      client: this.name,
      resource,
      invokedMs,
      returnedMs,
      outcome,
      token,
    };
    this.history.push(op);
    return said;
  }
}

function holdersIn(body: Said['body']): Record<string, number> {
  const holders = body.holders as { holder: string; fencing_token: number }[];
  return Object.fromEntries(holders.map(({ holder, fencing_token: token }) => [holder, token]));
}

/** The history of one resource. A wait that came to nothing only explains why others were refused. */
function historyOf(players: readonly Player[], resource: string): Op[] {
  const all = players.flatMap(({ history }) => history).filter((op) => op.resource === resource);
  const waits = all.filter(({ waitMs = 0 }) => waitMs > 0);
  const isQueued = (op: Op) =>
    waits.some((wait) => wait !== op && wait.invokedMs < op.returnedMs && op.invokedMs < wait.returnedMs);
  return all.filter(({ outcome }) => outcome !== 'wait_timeout').map((op) => ({ ...op, isQueued: isQueued(op) }));
}

/** Every other one over WebSocket. */
async function clientsOf(house: House): Promise<[string, Client, Locks][]> {
  const names = Array.from({ length: CLIENTS }, (_, i) => `client-${i}`);
  return Promise.all(
    names.map(async (name, i): Promise<[string, Client, Locks]> => {
      const client = house.clientOf(await house.newToken('operator', name));
      const locks = i % 2 === 0 ? httpLocks(client) : await liveLocks(client);
      onTestFinished(() => locks.close());
      return [name, client, locks];
    }),
  );
}

function words({ order, stuck }: Verdict): string {
  const line = ({ client, verb, mode, ttlMs, shown, outcome, token, invokedMs, returnedMs, holders }: Op) =>
    `${invokedMs.toFixed(1)}..${returnedMs.toFixed(1)} ${client} ${verb} ${JSON.stringify({ mode, ttlMs, shown, outcome, token, holders })}`;
  return `after\n${order.slice(-12).map(line).join('\n')}\nnone of these can come next:\n${stuck.map(line).join('\n')}`;
}

/** The checker bites: the same history with a token that was given twice, or a write after its release, is refused. */
function expectBite(history: readonly Op[], dice: Dice): void {
  const isGranted = ({ outcome, alreadyReleased }: Op) => outcome === 'granted' && alreadyReleased === false;
  const grant = dice.pick(history.filter((op) => op.verb === 'acquire' && isGranted(op)));
  const end = dice.pick(history.filter((op) => op.verb === 'release' && isGranted(op)));
  const late = { invokedMs: performance.now(), returnedMs: performance.now() };
  const twice: Op = { ...grant, client: 'a stranger' };
  const stale: Op = { ...end, ...late, verb: 'toggle' };
  for (const spoil of [twice, stale]) expect(judge([...history, spoil]).isLinearizable).toBe(false);
}

class Rounds {
  readonly house: House;
  readonly dice = new Dice(SEED);
  readonly counts = new Map<string, number>();
  readonly #players: readonly Player[];
  #round = 0;

  constructor(house: House, players: (dice: Dice) => readonly Player[]) {
    this.house = house;
    this.#players = players(this.dice);
  }

  /** With fresh names: each history begins with resources that nobody ever locked. */
  async next(): Promise<void> {
    this.#round += 1;
    const loads = Array.from({ length: LOADS }, (_, i) => `load-${this.#round}-${i}`);
    for (const load of loads) await this.house.add(load, 1);
    const untilMs = performance.now() + ROUND_MS;
    await Promise.all(this.#players.map((player) => player.play(loads, untilMs)));
    for (const load of loads) this.#judge(historyOf(this.#players, `appliance:${load}`));
  }

  #judge(history: readonly Op[]): void {
    for (const { verb, outcome } of history) this.#count(`${verb} ${outcome}`);
    const verdict = judge(history);
    expect(verdict.isLinearizable, words(verdict)).toBe(true);
    expectBite(history, this.dice);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

describe(`what ${CLIENTS} clients at once are told`, () => {
  it(`is as if one asked after the other, for ${SECONDS} s`, { timeout: 60_000 + SECONDS * 5000 }, async () => {
    const house = await runningHouse({ buses: {} });
    const clients = await clientsOf(house);
    const rounds = new Rounds(house, (dice) =>
      clients.map(([name, client, locks]) => new Player(name, dice, client, locks)),
    );
    const { counts } = rounds;
    onTestFinished(() => console.log(`VOLTSAFE_SEED=${SEED}`, JSON.stringify(Object.fromEntries([...counts].sort()))));
    const endMs = performance.now() + SECONDS * 1000;
    do await rounds.next();
    while (performance.now() < endMs);
    for (const kind of ['acquire granted', 'acquire lock_held', 'renew granted', 'toggle granted', 'toggle locked'])
      expect(counts.get(kind), kind).toBeGreaterThan(0);
  });
});

describe('the checker', () => {
  const at = (fromMs: number, toMs: number) => ({ resource: 'x', invokedMs: fromMs, returnedMs: toMs });
  const lock = (client: string, token: number, fromMs: number, toMs: number, ttlMs = 1000): Op => ({
    ...{ client, verb: 'acquire', mode: 'exclusive', ttlMs, outcome: 'granted', token },
    ...at(fromMs, toMs),
  });
  const end = (client: string, shown: number, fromMs: number, toMs: number): Op => ({
    ...{ client, verb: 'release', shown, outcome: 'granted', token: null },
    ...at(fromMs, toMs),
  });
  const write = (client: string, shown: number, outcome: string, fromMs: number, toMs: number): Op => ({
    ...{ client, verb: 'toggle', shown, outcome, token: null },
    ...at(fromMs, toMs),
  });

  it.each<[string, boolean, Op[]]>([
    ['one after the other', true, [lock('a', 1, 0, 1), end('a', 1, 2, 3), lock('b', 2, 4, 5)]],
    ['at once, in an order that exists', true, [lock('b', 2, 0, 9), lock('a', 1, 0, 9), end('a', 1, 1, 9)]],
    ['two holders', false, [lock('a', 1, 0, 1), lock('b', 2, 2, 3), end('a', 1, 4, 5)]],
    ['a token twice', false, [lock('a', 1, 0, 1), end('a', 1, 2, 3), lock('b', 1, 4, 5)]],
    ['a token that was skipped', false, [lock('a', 1, 0, 1), end('a', 1, 2, 3), lock('b', 3, 4, 5)]],
    ['an expiry burns one', true, [lock('a', 1, 0, 1), lock('b', 3, 1001, 1002)]],
    ['an early expiry', false, [lock('a', 1, 0, 1), lock('b', 3, 990, 995)]],
    ['a write while it holds', true, [lock('a', 1, 0, 1), write('a', 1, 'granted', 2, 3)]],
    ['a stale write', false, [lock('a', 1, 0, 1), end('a', 1, 2, 3), write('a', 1, 'granted', 4, 5)]],
    [
      'a stale write after the next one',
      false,
      [lock('a', 1, 0, 1), lock('b', 3, 1100, 1101), write('a', 1, 'granted', 1102, 1103)],
    ],
    ['a write of a holder that is refused', false, [lock('a', 1, 0, 1), write('a', 1, 'locked', 2, 3)]],
  ])('%s: %s', (_, isRight, history) => {
    expect(judge(history).isLinearizable).toBe(isRight);
  });
});
