import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import { Line } from '../../relay-drivers/line/line.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { captured } from './captured.ts';
import { FakeBoard, type Fault } from './fake-board.ts';
import { settings, terms } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 200);
const banner = captured('lctech-power-up-banner.real')[0]?.bytes ?? new Uint8Array(0);

const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fault>({ kind: 'ahead', bytes: new Uint8Array(0) }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fault>(
      { kind: 'lost' },
      { kind: 'corrupt' },
      { kind: 'deaf' },
      { kind: 'ahead', bytes: banner },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Fault>({ kind: 'cut' }) },
  // Later than the timeout (300 ms after sending), sooner than the line stops listening (600 ms); 20 are the board's own.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('late' as const), byMs: fc.integer({ min: 270, max: 570 }) }) },
);

const act = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('read', 'read', 'on', 'off', 'someone presses', 'someone presses') },
  { weight: 1, arbitrary: fc.constantFrom('all off', 'unplug', 'plug in', 'plug in', 'plug in') },
);

const step = fc.record({
  waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 700 })),
  act,
  // Two relays: what happens to one happens to it again and again.
  channel: fc.integer({ min: 1, max: 2 }),
});

/** Every state the board was in, with since when. */
class History {
  readonly #states: { sinceMs: number; coils: boolean[] }[] = [];

  note(sinceMs: number, coils: readonly boolean[]): void {
    this.#states.push({ sinceMs, coils: [...coils] });
  }

  /** Whether the board was so at some moment of [fromMs, toMs]. */
  held(fromMs: number, toMs: number, isSo: (coils: readonly boolean[]) => boolean): boolean {
    return this.#states.some((state, index) => {
      const untilMs = this.#states[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      return state.sinceMs <= toMs && untilMs >= fromMs && isSo(state.coils);
    });
  }
}

interface World {
  readonly echoes: boolean;
  readonly faults: readonly Fault[];
  readonly steps: readonly { readonly waitMs: number; readonly act: string; readonly channel: number }[];
}

/** One random run. Holds each answer against what the board really was while the exchange ran. */
class Run {
  readonly lies: string[] = [];
  readonly #clock = new VirtualClock();
  readonly #history = new History();
  readonly #board: FakeBoard;
  readonly #line: Line;
  readonly #driver: RelayDriver;
  #open = 0;

  constructor(world: World) {
    const onChange = (coils: readonly boolean[]) => this.#history.note(this.#clock.nowMs(), coils);
    this.#board = new FakeBoard(this.#clock, { echoes: world.echoes, onChange });
    this.#board.faults.push(...world.faults);
    onChange(this.#board.coils);
    this.#line = new Line({ open: this.#board.open, clock: this.#clock, baud: 9600 });
    this.#driver = createModbusCoils(settings(), this.#line);
  }

  async all(steps: World['steps']): Promise<void> {
    this.#line.start();
    for (const { waitMs, act, channel } of steps) {
      await this.#clock.advance(waitMs);
      this.#act(act, channel);
    }
    await this.#clock.until(() => this.#open === 0, 120_000);
    this.#line.close();
  }

  #act(act: string, channel: number): void {
    const driver = this.#driver;
    if (act === 'unplug') this.#board.unplug();
    if (act === 'plug in') this.#board.isReachable = true;
    if (act === 'someone presses') this.#board.press(channel);
    if (act === 'read') this.#check(act, (started) => driver.readCoils(terms('read', { started })), same);
    if (act === 'on')
      this.#check(
        act,
        (started) => driver.setCoil(channel, true, terms('on', { started })),
        (_, coils) => coils[channel - 1] === true,
      );
    if (act === 'off')
      this.#check(
        act,
        (started) => driver.setCoil(channel, false, terms('off', { started })),
        (_, coils) => coils[channel - 1] === false,
      );
    if (act === 'all off')
      this.#check(
        act,
        async (started) => driver.allOff?.(terms('off', { started })),
        (_, coils) => !coils.includes(true),
      );
  }

  #check<T>(
    what: string,
    exchange: (started: () => void) => Promise<T>,
    isSo: (reply: T, coils: readonly boolean[]) => boolean,
  ): void {
    let startedAtMs = Number.NaN;
    const openings = this.#board.openings;
    const started = (): void => {
      startedAtMs = this.#clock.nowMs();
      if (this.#board.openings !== openings) this.lies.push(`${what} was kept for a later port (S11)`);
    };
    const believe = (reply: T): void => {
      const isTrue = this.#history.held(startedAtMs, this.#clock.nowMs(), (coils) => isSo(reply, coils));
      if (!isTrue) this.lies.push(`${what} at ${this.#clock.nowMs()} ms`);
    };
    this.#open += 1;
    exchange(started)
      .then(believe, () => {})
      .finally(() => {
        this.#open -= 1;
      });
  }
}

function same(reply: readonly boolean[], coils: readonly boolean[]): boolean {
  return reply.every((isOn, index) => isOn === coils[index]);
}

describe('the line under random faults', () => {
  it('believes only what the board was while the exchange ran, and always comes to an end', async () => {
    const world: fc.Arbitrary<World> = fc.record({
      echoes: fc.boolean(),
      faults: fc.array(fault, { maxLength: 60 }),
      steps: fc.array(step, { minLength: 10, maxLength: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(world, async (each) => {
        const run = new Run(each);
        await run.all(each.steps);
        expect(run.lies).toEqual([]);
      }),
      { numRuns },
    );
  });
});
