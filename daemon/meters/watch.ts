import { nothingToCancel } from '../../relay-drivers/clock.ts';
import { Diagnosis } from '../../relay-drivers/diagnose.ts';
import { DriverError, type Terms } from '../../relay-drivers/driver.ts';
import type { MeterReading, PolledMeter } from '../../relay-drivers/meter.ts';
import type { MeterView } from '../core/views.ts';
import { TIMES } from './limits.ts';
import { Pacer } from './pacer.ts';
import type { Metered, Surroundings } from './port.ts';
import { showMeter, unsoundness } from './show.ts';

/** A reading and when it came. */
export interface Heard {
  readonly reading: MeterReading;
  readonly atMs: number;
  readonly atWallMs: number;
}

/** Who hears of a meter. */
export interface WatchListener {
  /** A fresh reading. */
  reading(heard: Heard): void;
  /** Anything that its view shows. */
  changed(): void;
}

/** One meter: asked or listened to, found silent or heard again. What it said last is kept, never taken for 0 W. */
export class MeterWatch {
  readonly metered: Metered;
  readonly #around: Surroundings;
  readonly #listener: WatchListener;
  readonly #diagnosis: Diagnosis;
  readonly #pacer: Pacer<MeterReading>;
  #last: Heard | null = null;
  #isSilent = false;
  #misses = 0;
  /** What was wrong with the last attempt. */
  #problem: string | null = null;
  #isPolling = false;
  #isClosed = false;
  #cancelPoll: () => void = nothingToCancel;
  #cancelSilence: (() => void) | null = null;
  #unlisten: () => void = nothingToCancel;

  constructor(metered: Metered, around: Surroundings, listener: WatchListener) {
    this.metered = metered;
    this.#around = around;
    this.#listener = listener;
    this.#diagnosis = new Diagnosis(metered.wiring);
    this.#pacer = new Pacer(around.clock, metered.periodMs, (reading) => this.#heard(reading));
  }

  get id(): string {
    return this.metered.meter.id;
  }

  get isStale(): boolean {
    return this.#last === null || this.#isSilent;
  }

  /** Null while it is stale. */
  get freshMw(): number | null {
    return this.isStale ? null : (this.#last?.reading.powerMw ?? null);
  }

  /** A counter stands where it stood while its meter is silent. */
  get energyMwh(): number | null {
    return this.#last?.reading.energyImportMwh ?? null;
  }

  /** One reading may be lost; after two its last word is too old to be set against another meter's. */
  get timelyMs(): number {
    return 2 * this.metered.periodMs;
  }

  get timelyMw(): number | null {
    const atMs = this.#last?.atMs ?? Number.NEGATIVE_INFINITY;
    return this.#around.clock.nowMs() - atMs > this.timelyMs ? null : this.freshMw;
  }

  get view(): MeterView {
    return showMeter(this.metered.meter, this.#last, this.isStale, this.#fault);
  }

  start(): void {
    const { meter } = this.metered;
    this.#unlisten = meter.opening.onStateChange(({ isOpen }) => this.#portChanged(isOpen));
    this.#awaitNext();
    if (meter.kind === 'polled') return void this.#poll(meter.driver);
    meter.onReading((reading) => {
      if (!this.#isClosed) this.#pacer.push(reading);
    });
    meter.onDamaged((reason) =>
      this.#failed(`its telegrams come damaged (${reason}): check baud rate, parity and cable`),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten();
    this.#cancelPoll();
    this.#cancelSilence?.();
    this.#pacer.close();
  }

  #portChanged(isOpen: boolean): void {
    const { meter } = this.metered;
    if (isOpen && meter.kind === 'polled') void this.#poll(meter.driver);
    this.#listener.changed();
  }

  /** One reading at a time; the next is due one period after this one began, or later where nothing answers. */
  async #poll(driver: PolledMeter): Promise<void> {
    if (this.#isPolling || this.#isClosed) return;
    this.#isPolling = true;
    this.#cancelPoll();
    const { clock } = this.#around;
    const beganMs = clock.nowMs();
    const answer = await this.#ask(driver);
    this.#isPolling = false;
    if (this.#isClosed) return;
    if (answer instanceof DriverError) this.#missed(answer);
    else this.#heard(answer);
    const dueMs = beganMs + Math.max(this.metered.periodMs, this.#deadPollMs);
    this.#cancelPoll = clock.after(Math.max(0, dueMs - clock.nowMs()), () => void this.#poll(driver));
  }

  get #deadPollMs(): number {
    const late = this.#misses - TIMES.missesUntilTold;
    return late < 0 ? 0 : Math.min(TIMES.deadPollAtMostMs, TIMES.deadPollMs * 2 ** late);
  }

  /** A failure is a value; one that is not the driver's own error is reported, and counts as silence. */
  async #ask(driver: PolledMeter): Promise<MeterReading | DriverError> {
    const terms: Terms = { priority: 'meter', stillValid: () => !this.#isClosed };
    try {
      return await driver.read(terms);
    } catch (error) {
      if (error instanceof DriverError) return error;
      this.#around.onTrouble(`the driver of meter ${this.id} broke`, error);
      return new DriverError('timeout', `meter ${this.id}: ${String(error)}`);
    } finally {
      this.#around.onExchange();
    }
  }

  #heard(reading: MeterReading): void {
    if (this.#isClosed) return;
    const problem = unsoundness(reading);
    if (problem !== null) return this.#failed(problem);
    const { clock } = this.#around;
    this.#diagnosis.answered();
    this.#last = { reading, atMs: clock.nowMs(), atWallMs: clock.wallMs() };
    this.#misses = 0;
    this.#problem = null;
    this.#isSilent = false;
    this.#awaitNext();
    this.#listener.reading(this.#last);
    this.#listener.changed();
  }

  #missed(error: DriverError): void {
    this.#diagnosis.failed(error);
    const { fault } = this.#diagnosis;
    this.#failed(fault === null ? `${error.message}: ${error.advice}` : `${fault.what}: ${fault.advice}`);
  }

  #failed(problem: string): void {
    if (this.#isClosed) return;
    const before = this.#fault;
    this.#misses += 1;
    this.#problem = problem;
    if (this.#fault !== before) this.#listener.changed();
  }

  /** A meter that is silent for too long is stale: its last word decides nothing any more. */
  #awaitNext(inMs = this.metered.staleAfterMs): void {
    this.#cancelSilence ??= this.#around.clock.after(inMs, () => this.#look());
  }

  /** What was heard meanwhile moved no timer: a thousand plugs that talk each second would make as many. */
  #look(): void {
    this.#cancelSilence = null;
    const silentMs = this.#around.clock.nowMs() - (this.#last?.atMs ?? Number.NEGATIVE_INFINITY);
    if (silentMs < this.metered.staleAfterMs) return this.#awaitNext(this.metered.staleAfterMs - silentMs);
    this.#isSilent = true;
    this.#listener.changed();
  }

  get #fault(): string | null {
    const { state } = this.metered.meter.opening;
    if (!state.isOpen) return closedWords(state.reason, this.metered);
    if (!this.isStale && this.#misses < TIMES.missesUntilTold) return null;
    if (this.#problem !== null || !this.#isSilent) return this.#problem;
    const check = this.metered.isOnNetwork ? 'its power and its network' : 'its power, its cable and its baud rate';
    return `nothing was heard for ${this.metered.staleAfterMs / 1000} s: check ${check}`;
  }
}

/** What comes over a network has no cable of ours: its reason says what to do. */
function closedWords(reason: string, { isOnNetwork }: Metered): string {
  if (isOnNetwork) return reason;
  return `its port is not open (${reason}): check the cable, the adapter and the path in the configuration`;
}
