import { DriverError, type Terms } from '../../relay-drivers/driver.ts';
import { ask } from './ask.ts';
import { Carrier } from './carrier.ts';
import { TIMES } from './limits.ts';
import type { BoardParts, Standing } from './port.ts';
import { WallSwitches } from './switches.ts';

type Health = { readonly kind: 'new' } | { readonly kind: 'up' } | { readonly kind: 'lost'; readonly reason: string };

/** One board: polled, found lost or back, its orders carried out, its inputs watched. */
export class Board {
  readonly carrier: Carrier;
  readonly #parts: BoardParts;
  readonly #switches: WallSwitches;
  #health: Health = { kind: 'new' };
  #missedPolls = 0;
  #isPolling = false;
  #isPollDue = false;
  #cancelPoll: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.carrier = new Carrier(parts);
    this.#switches = new WallSwitches(parts);
  }

  get health(): { readonly id: string; readonly up: boolean; readonly reason: string | null } {
    const { kind } = this.#health;
    return {
      id: this.#parts.bus,
      up: kind === 'up',
      reason: this.#health.kind === 'lost' ? this.#health.reason : null,
    };
  }

  /** It was read once, or given up. */
  get isKnown(): boolean {
    return this.#health.kind !== 'new';
  }

  start(): void {
    const { line } = this.#parts;
    line.onStateChange((state) => (state.isOpen ? this.pollNow() : this.#lost(state.reason)));
    if (line.isOpen) this.pollNow();
  }

  /** Reads the board at once; a board that is lost is reported again, for appliances that came since. */
  pollNow(): void {
    if (this.#isClosed) return;
    if (this.#health.kind === 'lost') this.#reportLost(this.#health.reason);
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
    const everyMs = this.#health.kind === 'lost' ? TIMES.lostPollMs : TIMES.pollMs;
    if (!this.#isClosed) this.#cancelPoll = this.#parts.clock.after(everyMs, () => void this.#poll());
  }

  async #read(): Promise<void> {
    const { tell, bus } = this.#parts;
    const readings = await this.#certain();
    if (readings instanceof DriverError) return this.#missed(readings);
    this.#found();
    if (readings.length > 0) tell({ kind: 'readings', bus, readings: readings.map(withoutStanding) });
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
    if (this.#health.kind === 'up') return;
    this.#health = { kind: 'up' };
    this.carrier.retryNow();
    this.#switches.start();
  }

  #missed(error: DriverError): void {
    this.#missedPolls += 1;
    const isGone = error.code === 'port_closed' || error.code === 'write_failed';
    if (isGone || this.#missedPolls >= TIMES.pollsUntilLost) this.#lost(`${error.message}: ${error.advice}`);
  }

  #lost(reason: string): void {
    if (this.#isClosed || this.#health.kind === 'lost') return;
    this.#health = { kind: 'lost', reason };
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

function fellOff({ at, isOn }: BoundReading): boolean {
  return at.isOn && at.isSettled && !isOn;
}

function withoutStanding({ at, isOn }: BoundReading): { appliance: string; generation: number; isOn: boolean } {
  return { appliance: at.appliance, generation: at.generation, isOn };
}
