import process from 'node:process';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Dice } from '../sim/dice.ts';
import { Audit, Found } from './audit.ts';
import type { Transition } from './board.ts';
import { Caller, fumble } from './crowd.ts';
import { Killer } from './killer.ts';
import { type House, newHouse } from './rig.ts';
import { type Bound, isWrite, WireWatch } from './wire-watch.ts';

const ROUNDS = Number(process.env.VOLTSAFE_KILL_ROUNDS ?? 10);
const SEED = Number(process.env.VOLTSAFE_SEED ?? Date.now() % 1_000_000);
const MINUTE = 60_000;
/** Half of what the fastest start takes: what a dead hub had sent has landed, and the next one has not opened its port. */
const STARTING_MS = 150;
const AT_REST = { timeout: 30_000, interval: 15 } as const;

const LIMIT_W = 5000;
/** Always on and without a relay: its watts are the relays' to spare. */
const FRIDGE_W = 150;
const BOUND: readonly Bound[] = [1500, 1200, 1300, 2000, 800, 500, 400.5, 1000].map((watts, index) => ({
  id: `relay-${index + 1}`,
  channel: index + 1,
  watts,
}));
const LOADS = { 'load-1': 250.5, 'load-2': 700.001 };
const INPUTS = { 1: { appliance: 'relay-5', mode: 'toggle' }, 2: { appliance: 'relay-6', mode: 'follow' } };

/** A home that is used by many at once, by a hub that is killed again and again. */
class Loop {
  readonly house: House;
  readonly dice = new Dice(SEED);
  readonly audit = new Audit();
  readonly watch = new WireWatch(BOUND, LIMIT_W - FRIDGE_W);
  readonly worst = { greetedMs: 0, readyMs: 0, reconciledMs: 0 };
  readonly stalls = { total: 0, here: 0 };
  #callers: readonly Caller[] = [];
  #lastMove = 0;
  #wasNoisy = false;

  constructor(house: House) {
    this.house = house;
  }

  async furnish(): Promise<void> {
    const { house } = this;
    await house.start();
    for (const { id, watts, channel } of BOUND) await house.add(id, watts, channel);
    for (const [id, watts] of Object.entries(LOADS)) await house.add(id, watts);
    await house.add('fridge', FRIDGE_W, undefined, { protected: true });
    await house.api.toggle('fridge', true);
    const names = Array.from({ length: 6 }, (_, i) => `caller-${i}`);
    // Relays more often than loads: those answer in a millisecond and would drown the rest.
    const toggled = [...BOUND, ...BOUND, ...BOUND].map(({ id }) => id).concat(Object.keys(LOADS));
    const tokens = await Promise.all(names.map((name) => house.newToken('operator', name)));
    this.#callers = names.map((name, i) => new Caller(name, tokens[i] ?? '', this.dice, toggled));
    await this.rest();
  }

  /** Load, SIGKILL at some moment, restart, rest; then everything is held against the truth. */
  async round(): Promise<void> {
    await this.#loadUntilKilled();
    const killed = await this.#moves();
    if (this.dice.chance(0.3)) await this.house.board.button(this.dice.int(1, BOUND.length));
    while (this.dice.chance(0.1)) await this.#killWhileStarting();
    await this.#restart(killed);
    await this.rest();
  }

  /** Waits until hub and board say the same, then checks what happened since the last time. */
  async rest(): Promise<void> {
    const { house, audit, watch } = this;
    await vi.waitFor(() => this.#isReconciled(), AT_REST);
    for (const caller of this.#callers) await caller.repeat(house.api.url, (told) => audit.hear(told));
    const known = audit.lastSeq;
    const decisions = (await audit.read(house.api)).slice(known);
    audit.check();
    const moves = (await this.#moves()).filter(({ seq }) => seq > this.#lastMove);
    watch.check({ decisions, moves, hasStalled: this.stalls.here > 0, wasNoisy: this.#wasNoisy });
    this.#lastMove = moves.at(-1)?.seq ?? this.#lastMove;
    this.stalls.total += this.stalls.here;
    this.stalls.here = 0;
  }

  async #loadUntilKilled(): Promise<void> {
    const { house, dice, audit } = this;
    this.#wasNoisy = dice.chance(0.25);
    if (this.#wasNoisy) await house.board.fault({ drop_requests: 0.2, drop_replies: 0.1, corrupt: 0.05 });
    const killer = new Killer(house.hub, dice);
    const callers = this.#callers.map((caller) =>
      caller.toggleAt(
        house.api.url,
        () => killer.asked(),
        (told) => {
          killer.told();
          audit.hear(told);
        },
      ),
    );
    const hands = fumble(house.board, dice, BOUND.length, () => killer.isDone);
    await killer.done;
    await Promise.all([...callers, hands]);
    await house.board.fault({ drop_requests: 0, drop_replies: 0, corrupt: 0 });
    await this.#dead();
  }

  async #killWhileStarting(): Promise<void> {
    const hub = this.house.launch();
    await pause(systemClock, this.dice.int(50, 700));
    await hub.kill();
    await this.#dead();
  }

  /** What the log of the hub that died tells. */
  async #dead(): Promise<void> {
    const { hub } = this.house;
    await hub.ended;
    for (const line of hub.err.split('\n').filter((text) => text !== '')) {
      if (line.includes('a commit takes longer')) this.stalls.here += 1;
      else throw new Found(`the hub logged ${line}`);
    }
  }

  /** S11: what the dead hub had decided is not sent by the next one; at most one frame of it was still on the wire. */
  async #restart(killed: readonly Transition[]): Promise<void> {
    const { house, worst } = this;
    const startMs = performance.now();
    const sinceMs = () => performance.now() - startMs;
    house.launch();
    await pause(systemClock, STARTING_MS);
    const starting = await this.#moves();
    const api = await house.greeted();
    worst.greetedMs = Math.max(worst.greetedMs, sinceMs());
    await vi.waitFor(() => api.get('/ready'), AT_REST);
    worst.readyMs = Math.max(worst.readyMs, sinceMs());
    await vi.waitFor(() => this.#isReconciled(), AT_REST);
    worst.reconciledMs = Math.max(worst.reconciledMs, sinceMs());
    const rested = await this.#moves();
    const late = onsAfter(killed, rested);
    if (late.length > 1 || onsAfter(starting, rested).length > 0)
      throw new Found(`switched on while nobody asked: ${JSON.stringify(late)}`);
  }

  /** Every relay is known, settled, and as it is in truth; the load is the exact sum. */
  async #isReconciled(): Promise<void> {
    const { api, board } = this.house;
    const [appliances, load, closed] = await Promise.all([api.appliances(), api.load(), board.closed()]);
    const bound = appliances.filter(({ relay }) => relay !== null);
    const truth = bound.map(({ id, relay }) => [id, closed.includes(relay?.channel ?? 0)]);
    expect(bound.map(({ id, is_on }) => [id, is_on])).toEqual(truth);
    expect(bound.map(({ id, relay_state }) => [id, relay_state])).toEqual(
      truth.map(([id, isOn]) => [id, isOn ? 'on' : 'off']),
    );
    const onMw = appliances.reduce((sum, { is_on, wattage }) => sum + (is_on ? Math.round(wattage * 1000) : 0), 0);
    expect(load.reserved_w).toBe(onMw / 1000);
  }

  #moves(): Promise<Transition[]> {
    return this.house.board.log();
  }
}

function onsAfter(before: readonly Transition[], now: readonly Transition[]): Transition[] {
  const last = before.at(-1)?.seq ?? 0;
  return now.filter((move) => move.seq > last && move.on && isWrite(move));
}

it(`is killed ${ROUNDS} times under load: nothing is lost, nothing is sent unknown, nothing is over the limit`, {
  timeout: 5 * MINUTE + ROUNDS * 10_000,
}, async () => {
  const startMs = performance.now();
  const loop = new Loop(await newHouse({ limits: { limit_w: LIMIT_W }, buses: { main: { inputs: INPUTS } } }));
  let round = 0;
  onTestFinished(() => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const { audit, watch, stalls, worst } = loop;
    console.log(`VOLTSAFE_SEED=${SEED}: ${round} rounds in ${seconds} s, ${audit.lastSeq} decisions`);
    console.log(JSON.stringify({ answers: audit.counts, moves: watch.counts, stalls: stalls.total, worst }));
  });
  await loop.furnish();
  for (; round < ROUNDS; round++) await loop.round();
  await loop.audit.readAll(loop.house.api);
  expect(loop.audit.counts.granted).toBeGreaterThan(0);
  expect(loop.watch.counts.ons).toBeGreaterThan(0);
});
