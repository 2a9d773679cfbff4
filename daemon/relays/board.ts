import { nothingToCancel } from '../../relay-drivers/clock.ts';
import { Diagnosis, type Fault } from '../../relay-drivers/diagnose.ts';
import { DriverError, type Terms } from '../../relay-drivers/driver.ts';
import { ask } from './ask.ts';
import { Carrier, evidenceOf } from './carrier.ts';
import { TIMES } from './limits.ts';
import type { BoardHealth, BoardParts, Standing } from './port.ts';
import { WallSwitches } from './switches.ts';
import { Unprovable } from './unprovable.ts';

type Health = { readonly kind: 'new' } | { readonly kind: 'up' } | Lost;

/** The advice is the driver's, where no wire is to be blamed. */
interface Lost {
  readonly kind: 'lost';
  readonly reason: string;
  readonly advice: string | null;
}

/** One board: polled, found lost or back and prepared, its orders carried out, its inputs watched. */
export class Board {
  readonly carrier: Carrier;
  readonly #parts: BoardParts;
  readonly #switches: WallSwitches;
  /** Null for what has no wires: its driver says what is wrong. */
  readonly #diagnosis: Diagnosis | null;
  readonly #unprovable: Unprovable;
  #health: Health = { kind: 'new' };
  #missedPolls = 0;
  /** Zero when it may have been without power since it was last prepared, and forgotten what it was told. */
  #prepareAtMs = 0;
  #isPolling = false;
  #isPollDue = false;
  #cancelPoll: () => void = nothingToCancel;
  #isClosed = false;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.carrier = new Carrier(parts, (obeyed) => this.#answered(obeyed));
    this.#unprovable = new Unprovable(parts, this.carrier);
    this.#switches = new WallSwitches(parts);
    this.#diagnosis = parts.driver.onReport === undefined ? new Diagnosis(parts.wiring ?? null) : null;
  }

  /** While it is lost, what is known of the cause: it may take more exchanges than the loss did. */
  get health(): BoardHealth {
    const { bus: id, wiring, named: given = wiring } = this.#parts;
    const named = { id, driver: given?.driver ?? null, path: given?.path ?? null };
    if (this.#health.kind !== 'lost') return { ...named, up: this.#health.kind === 'up', reason: null, advice: null };
    const { what, advice } = this.#diagnosis?.fault ?? { what: this.#health.reason, advice: this.#health.advice };
    return { ...named, up: false, reason: what, advice };
  }

  /** It was read once, or given up. */
  get isKnown(): boolean {
    return this.#health.kind !== 'new';
  }

  start(): void {
    const { line } = this.#parts;
    line.onStateChange((state) => (state.isOpen ? this.#portOpened() : this.#portClosed(state.reason)));
    this.#parts.driver.onReport?.((channel, isOn) => this.#reported(channel, isOn));
    if (line.isOpen) this.pollNow();
    else if (this.#diagnosis === null) this.#pollSoon();
  }

  /** What has no wires is asked all the same: its driver says what to do. */
  #portClosed(reason: string): void {
    this.#lost(reason);
    if (this.#diagnosis === null) this.#readNow();
  }

  #portOpened(): void {
    this.#unprovable.portOpened();
    this.pollNow();
  }

  /** Reads the board at once; a board that is lost is reported again, for appliances that came since. */
  pollNow(): void {
    if (this.#isClosed) return;
    if (this.#health.kind === 'lost') this.#reportLost(this.#health.reason);
    this.#readNow();
  }

  /**
   * It tells by itself. What is new goes into the queue; while an order is under way its own exchange hears the answer,
   * which may be told from an older word. Not so one that was settled meanwhile by a reading: nobody waits for its answer.
   * A board that was lost and talks is asked for everything.
   */
  #reported(channel: number, isOn: boolean): void {
    if (this.#isClosed) return;
    if (this.#health.kind !== 'up') return this.#readNow();
    const at = this.#parts.standing(channel);
    if (at === null || (this.carrier.isBusy(channel) && !at.isSettled) || (at.isOn === isOn && at.isSettled)) return;
    const { bus, tell } = this.#parts;
    tell({ kind: 'readings', bus, channel, readings: [withoutStanding({ at, isOn })] });
  }

  #readNow(): void {
    if (this.#isPolling) this.#isPollDue = true;
    else void this.#poll();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelPoll();
    this.#switches.stop();
    this.carrier.close();
  }

  async #poll(): Promise<void> {
    this.#cancelPoll();
    this.#isPolling = true;
    do {
      this.#isPollDue = false;
      await this.#read();
    } while (this.#isPollDue);
    this.#isPolling = false;
    if (!this.#isClosed) this.#pollSoon();
  }

  /** Also of what is away when the hub starts: no change of its line would ever say so. */
  #pollSoon(): void {
    this.#cancelPoll = this.#parts.clock.after(this.#everyMs, () => this.#readNow());
  }

  /** What missed a poll is asked again soon, even where it need not be asked often; at a start others wait for it. */
  get #everyMs(): number {
    const { pollMs, lostPollMs } = this.#parts.driver.pace ?? TIMES;
    if (this.#health.kind === 'lost') return lostPollMs;
    if (this.#health.kind === 'new') return Math.min(pollMs, TIMES.pollMs);
    return this.#health.kind === 'up' && this.#missedPolls === 0 ? pollMs : Math.min(pollMs, lostPollMs);
  }

  async #read(): Promise<void> {
    const { tell, bus, driver, clock } = this.#parts;
    const readings = await this.#certain();
    if (readings instanceof DriverError) return this.#isUnprovable(readings) ? this.#assume() : this.#missed(readings);
    this.#found();
    // Relays that fell off by themselves: an outage too short for a poll to miss.
    if (readings.some(fellOff)) this.#prepareAtMs = 0;
    if (readings.length > 0) tell({ kind: 'readings', bus, readings: readings.map(withoutStanding) });
    if (driver.prepare !== undefined && clock.nowMs() >= this.#prepareAtMs) await this.#prepare();
  }

  /** It is there, and nobody can tell more: it was asked on this port and has no way to answer. */
  #isUnprovable({ code }: DriverError): boolean {
    return code === 'no_read_back' && this.#parts.line.isOpen && !this.#isClosed;
  }

  async #assume(): Promise<void> {
    const { tell, bus } = this.#parts;
    this.#found();
    const assumed = await this.#unprovable.round();
    if (assumed instanceof DriverError) return this.#missed(assumed);
    const evidence = evidenceOf(this.#parts);
    if (assumed.length > 0) tell({ kind: 'readings', bus, evidence, readings: assumed.map(withoutStanding) });
  }

  /**
   * A relay that was confirmed on and now reads off would free its watts: it is believed when two exchanges say so.
   * Modbus RTU has no transaction numbers, so one reply alone may be an old one.
   */
  async #certain(): Promise<readonly BoundReading[] | DriverError> {
    const first = await this.#readOnce();
    if (first instanceof DriverError || !first.some(fellOff)) return first;
    const second = await this.#readOnce();
    if (second instanceof DriverError) return second;
    const wasOff = new Set(first.filter(fellOff).map(({ at }) => at.generation));
    return second.filter((reading) => !fellOff(reading) || wasOff.has(reading.at.generation));
  }

  /** The generations are taken when the exchange starts: what was ordered later is not what is read. */
  async #readOnce(): Promise<readonly BoundReading[] | DriverError> {
    const { driver, standing } = this.#parts;
    let bound: (Standing | null)[] = [];
    const started = () => {
      bound = Array.from({ length: driver.channels }, (_, i) => standing(i + 1));
    };
    const terms: Terms = { priority: 'read', stillValid: () => !this.#isClosed, started };
    const coils = await ask(this.#parts, () => driver.readCoils(terms));
    if (coils instanceof DriverError) return coils;
    return bound.flatMap((at, i) => (at === null ? [] : [{ at, isOn: coils[i] === true }]));
  }

  #found(): void {
    this.#missedPolls = 0;
    this.#diagnosis?.answered();
    if (this.#health.kind === 'up') return;
    this.#health = { kind: 'up' };
    this.#parts.onHealth?.(null);
    this.carrier.retryNow();
    this.#switches.start();
  }

  /**
   * It acknowledged an order, so it is there, and a poll may have been spoiled. An OFF that was only acknowledged is read
   * at once: until then a relay that hangs, or a hand that was quicker, would go unseen for as long as a poll.
   */
  #answered({ isOn }: { readonly isOn: boolean }): void {
    this.#missedPolls = 0;
    if (!this.#isClosed && (!isOn || this.#health.kind === 'lost')) this.#readNow();
  }

  /** What fails is tried again with the next poll; what the board refuses, when it may be another board. */
  async #prepare(): Promise<void> {
    const { driver, bus, clock, onTrouble } = this.#parts;
    this.#prepareAtMs = clock.nowMs() + TIMES.prepareMs;
    const terms: Terms = { priority: 'read', stillValid: () => !this.#isClosed };
    const failure = await ask(this.#parts, async () => driver.prepare?.(terms));
    if (!(failure instanceof DriverError)) return;
    this.#prepareAtMs = failure.code === 'exception' ? Number.POSITIVE_INFINITY : 0;
    if (failure.code === 'exception') onTrouble(`the board of bus ${bus} does not take its settings`, failure);
  }

  #missed(error: DriverError): void {
    this.#missedPolls += 1;
    this.#diagnosis?.failed(error);
    this.#prepareAtMs = 0;
    if (this.#health.kind === 'lost' && this.#diagnosis === null)
      this.#health = { kind: 'lost', reason: error.message, advice: error.advice };
    const isGone = error.code === 'port_closed' || error.code === 'write_failed';
    if (isGone || this.#missedPolls >= TIMES.pollsUntilLost)
      this.#lost(reasonOf(error, this.#diagnosis?.fault ?? null));
  }

  #lost(reason: string): void {
    if (this.#isClosed || this.#health.kind === 'lost') return;
    this.#health = { kind: 'lost', reason, advice: null };
    this.#parts.onHealth?.(reason);
    this.#prepareAtMs = 0;
    this.#switches.stop();
    this.#reportLost(reason);
  }

  #reportLost(reason: string): void {
    this.#parts.tell({ kind: 'bus_lost', bus: this.#parts.bus, reason });
  }
}

interface BoundReading {
  readonly at: Standing;
  readonly isOn: boolean;
}

function reasonOf(error: DriverError, fault: Fault | null): string {
  return fault === null ? `${error.message}: ${error.advice}` : `${fault.what}: ${fault.advice}`;
}

function fellOff({ at, isOn }: BoundReading): boolean {
  return at.isOn && at.isSettled && !isOn;
}

function withoutStanding({ at, isOn }: BoundReading): { appliance: string; generation: number; isOn: boolean } {
  return { appliance: at.appliance, generation: at.generation, isOn };
}
