import assert from 'node:assert/strict';
import type { DriverError, Proof, RelayDriver, Terms } from '../../relay-drivers/driver.ts';
import { Line } from '../../relay-drivers/line/line.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import type { WireSettings } from '../../relay-drivers/simulator/paced-wire.ts';
import type { Flavour } from '../../relay-drivers/simulator/protocol.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { asDriverError, type Tried } from './case.ts';
import { CoilHistory } from './history.ts';
import type { Place } from './places.ts';
import { Tap } from './tap.ts';

/** What a family can promise; where it promises less, its entry in relays.ts says why. */
export interface RelayAbilities {
  /** What `setCoil` resolves with, once the board was read. */
  readonly proof: Proof;
  /** Whether the board can be asked for its relays. */
  readonly readsBack: boolean;
  /** In how many replies of one call a byte may be wrong without a wrong answer. */
  readonly withstands: 'every_reply' | 'one_reply';
  /** What an acknowledgement confirms: that the order was understood, or that the relay is so. */
  readonly confirms: 'order' | 'state';
  /** A reply says which question it answers: on and off, channel and channel, read and write. */
  readonly tellsReplies: boolean;
  /** What noise is never an answer: any, or any but that of one byte again and again. */
  readonly noise: 'any' | 'varied';
}

/** A family with a twin of it: what the cases of the suite are run on. */
export interface RelaySubject extends Tried {
  readonly flavour: Flavour;
  readonly channels: number;
  readonly baud: number;
  /** For one exchange; the line listens for late replies as long again. */
  readonly timeoutMs: number;
  readonly abilities: RelayAbilities;
  create(line: Line): RelayDriver;
}

export interface WorldOptions extends Partial<Pick<WireSettings, 'echo' | 'chunkBytes'>> {
  /** Nothing was asked yet. Otherwise the board has been read once. */
  readonly isCold?: boolean;
  /** How soon a lost port is opened again. */
  readonly reopenMs?: number;
}

export type Outcome =
  | { readonly kind: 'set'; readonly proof: Proof }
  | { readonly kind: 'read'; readonly states: readonly boolean[] }
  | { readonly kind: 'failed'; readonly failure: DriverError };

/** A board, its line and its driver. Holds every answer against what the board really was; `lies` are what was not so. */
export class RelayWorld {
  readonly subject: RelaySubject;
  readonly place: Place;
  readonly board: Board;
  readonly line: Line;
  readonly driver: RelayDriver;
  readonly tap: Tap;
  /** What a listener on the wire hears of the host, frame by frame. */
  readonly onWire: Uint8Array[] = [];
  readonly lies: string[] = [];
  readonly #history: CoilHistory;

  constructor(subject: RelaySubject, { isCold: _, reopenMs, ...wire }: WorldOptions) {
    const { flavour, channels, baud } = subject;
    const settings = { baud, ...wire, boards: [{ channels, flavour }] };
    this.subject = subject;
    this.place = subject.places((clock) => createBus(settings, clock, seededRandom(1)));
    const { bus, clock } = this.place;
    const [board] = bus.boards;
    if (!board) throw new Error('there is no board');
    this.board = board;
    this.tap = new Tap(clock);
    this.#history = new CoilHistory(board, clock);
    bus.wire.join((frame) => this.onWire.push(frame));
    const backoff = reopenMs === undefined ? {} : { backoff: { firstMs: reopenMs, maxMs: reopenMs } };
    this.line = new Line({ open: this.tap.wrap(this.place.open), clock, baud, ...backoff });
    this.driver = subject.create(this.line);
  }

  get lastChannel(): number {
    return this.subject.channels;
  }

  /** The contacts, which follow the registers where nothing is welded. */
  coils(): boolean[] {
    return this.board.coils().map(({ closed }) => closed);
  }

  async set(channel: number, isOn: boolean, more: Partial<Terms> = {}): Promise<Outcome> {
    const what = `${isOn ? 'on' : 'off'} ${channel}`;
    return this.#judged(what, more, async (terms) => {
      const proof = await this.driver.setCoil(channel, isOn, { ...terms, priority: isOn ? 'on' : 'off' });
      if (proof === 'acknowledged' && this.coils()[channel - 1] !== isOn)
        this.lies.push(`${what} was acknowledged, and it is not so`);
      return { kind: 'set', proof };
    });
  }

  /** Where it cannot be switched off in one exchange, channel 1 alone. */
  async allOff(): Promise<Outcome> {
    const { allOff } = this.driver;
    if (!allOff) return this.set(1, false);
    return this.#judged('all off', {}, async (terms) => {
      await allOff({ ...terms, priority: 'off' });
      if (this.coils().includes(true)) this.lies.push('all off was acknowledged, and it is not so');
      return { kind: 'set', proof: 'acknowledged' };
    });
  }

  async read(more: Partial<Terms> = {}): Promise<Outcome> {
    const { clock } = this.place;
    let startedMs = Number.NaN;
    const started = (): void => {
      startedMs = clock.nowMs();
      more.started?.();
    };
    return this.#judged('read', { ...more, started }, async (terms) => {
      const states = await this.driver.readCoils(terms);
      if (states.length !== this.subject.channels) this.lies.push(`${states.length} states were read`);
      if (Number.isNaN(startedMs)) this.lies.push('a reading did not say when it started');
      if (!this.#history.held(states, startedMs))
        this.lies.push(`read ${states.map(Number).join('')}: it was never so`);
      return { kind: 'read', states };
    });
  }

  /** The board is asked and obeys, and everything said of it is true. */
  async works(): Promise<void> {
    const { settled } = this.place;
    const { readsBack } = this.subject.abilities;
    const reads = async (): Promise<void> => {
      const outcome = await settled(this.read());
      if (readsBack) assert.deepEqual(outcome, { kind: 'read', states: this.coils() });
      else assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'no_read_back');
    };
    await reads();
    await this.obeys(1, !this.coils()[0]);
    await reads();
    this.honest();
  }

  /** Switched, proven as the family proves it, and really so. */
  async obeys(channel: number, isOn: boolean): Promise<void> {
    const outcome = await this.place.settled(this.set(channel, isOn));
    assert.deepEqual(outcome, { kind: 'set', proof: this.subject.abilities.proof }, `set ${channel}`);
    // Where nobody answers, the board may obey a moment after the bytes have left.
    await this.place.until(() => this.coils()[channel - 1] === isOn, 1000);
  }

  honest(): void {
    assert.deepEqual(this.lies, []);
  }

  /** Pulls the cable and puts it back, until the port is open again. */
  async replug(): Promise<void> {
    this.place.unplug();
    await this.place.until(() => !this.line.isOpen);
    this.place.plugIn();
    await this.place.until(() => this.line.isOpen);
  }

  async #judged(what: string, more: Partial<Terms>, ask: (terms: Terms) => Promise<Outcome>): Promise<Outcome> {
    const opening = this.tap.openings;
    const started = (): void => {
      if (this.tap.openings !== opening) this.lies.push(`${what} was kept for a later port (S11)`);
      more.started?.();
    };
    try {
      return await ask({ priority: 'read', stillValid: () => true, ...more, started });
    } catch (failure) {
      return { kind: 'failed', failure: asDriverError(failure, this.lies) };
    }
  }
}

/** A world with its port open; closed whatever happens. What was said of the board must have been true. */
export async function inRelayWorld(
  subject: RelaySubject,
  options: WorldOptions,
  run: (world: RelayWorld) => Promise<void>,
): Promise<void> {
  const world = new RelayWorld(subject, options);
  try {
    world.line.start();
    await world.place.until(() => world.line.isOpen);
    if (!options.isCold) await world.place.settled(world.read());
    await run(world);
    world.honest();
  } finally {
    world.line.close();
    world.place.close();
  }
}
