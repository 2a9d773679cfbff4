import type { Clock } from '../../relay-drivers/clock.ts';
import type { PowerRow } from '../core/power.ts';
import { Draws } from './draws.ts';
import { BATCH_MS, MAX_SOURCES, STALL_MS } from './limits.ts';
import type { Reading, TelemetryHandle } from './port.ts';
import { Track } from './track.ts';
import { WallNames } from './wall-names.ts';

export interface RecorderParts {
  readonly clock: Clock;
  readonly store: Pick<TelemetryHandle, 'write' | 'flush' | 'counted'>;
  /** Counted beside the appliances where the house has no meter. */
  readonly baseLoadMw: number;
  readonly isClockSure: () => boolean;
  /** Sources that have a meter, heard or silent: nothing stands in for them. Asked at the start and each minute. */
  readonly metered: () => ReadonlySet<string>;
  readonly onTrouble: (what: string, error: unknown) => void;
}

const HOUSE = 'house';
const APPLIANCE = 'appliance:';

/** Takes what meters say and what is on, makes minutes of it, and hands them over: each minute to be shown, in batches to the disk. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #names: WallNames;
  readonly #tracks = new Map<string, Track>();
  readonly #draws = new Draws();
  readonly #house: Track;
  #metered: ReadonlySet<string>;
  #rows: PowerRow[] = [];
  #seenUpMs: number;
  #flushedUpMs: number;
  #toldTooMany = false;
  #cancel: () => void = () => undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    const upMs = this.#nowUpMs();
    this.#names = new WallNames(upMs, parts.clock.wallMs());
    this.#seenUpMs = upMs;
    this.#flushedUpMs = upMs;
    this.#metered = parts.metered();
    this.#house = this.#newTrack(HOUSE, upMs);
    this.#recount(upMs);
    this.#awaitMinute();
  }

  reading(source: string, reading: Reading): void {
    const upMs = this.#notice();
    const track = this.#track(source, upMs);
    if (track === null) return;
    if (!this.#metered.has(source)) this.#metered = new Set([...this.#metered, source]);
    track.reading({ ...reading, atUpMs: Math.min(upMs, Math.floor(reading.atUpMs)) });
    if (source.startsWith(APPLIANCE)) this.#draws.measured(source, reading.powerMw);
    this.#recount(upMs);
  }

  /** Its meter was not heard for too long: a gap begins. */
  silent(source: string): void {
    const upMs = this.#notice();
    this.#tracks.get(source)?.silence(upMs);
    if (source.startsWith(APPLIANCE)) this.#draws.measured(source, null);
    this.#recount(upMs);
  }

  /** What an appliance draws as far as anybody knows without a meter: rated watts while it is on, null while nobody knows. */
  standing(source: string, ratedMw: number | null): void {
    if (this.#tracks.has(source) && this.#draws.standingMw(source) === ratedMw) return;
    const upMs = this.#notice();
    this.#draws.stands(source, ratedMw);
    if (!this.#metered.has(source)) this.#estimate(source, upMs);
    this.#recount(upMs);
  }

  /** There is no such appliance any more. */
  forget(source: string): void {
    const upMs = this.#notice();
    this.#tracks.get(source)?.cut(upMs);
    this.#handOver(); // with what its counter stood at: it may come back
    this.#tracks.delete(source);
    this.#draws.forget(source);
    this.#recount(upMs);
  }

  /** A clean stop writes the open minute at once. */
  async close(): Promise<void> {
    this.#cancel();
    const upMs = this.#notice();
    for (const track of this.#tracks.values()) track.cut(upMs);
    this.#handOver();
    await this.#parts.store.flush();
  }

  #nowUpMs(): number {
    return Math.floor(this.#parts.clock.nowMs());
  }

  /** Before anything is taken in: did the process stand still, was the wall set? */
  #notice(): number {
    const upMs = this.#nowUpMs();
    const wallMs = this.#parts.clock.wallMs();
    if (upMs - this.#seenUpMs > STALL_MS) for (const track of this.#tracks.values()) track.skip(this.#seenUpMs, upMs);
    if (this.#names.hasJumped(upMs, wallMs)) {
      for (const track of this.#tracks.values()) track.cut(upMs);
      this.#names.follow(upMs, wallMs);
    }
    this.#seenUpMs = upMs;
    return upMs;
  }

  #awaitMinute(): void {
    const nowMs = this.#parts.clock.nowMs();
    const inMs = this.#names.minuteEnd(Math.floor(nowMs)) - nowMs;
    this.#cancel = this.#parts.clock.after(Math.max(1, inMs), () => this.#minute());
  }

  #minute(): void {
    const upMs = this.#notice();
    this.#compareMeters(upMs);
    for (const track of this.#tracks.values()) track.advance(upMs);
    this.#handOver();
    if (upMs - this.#flushedUpMs >= BATCH_MS) this.#flush(upMs);
    this.#awaitMinute();
  }

  #flush(upMs: number): void {
    this.#flushedUpMs = upMs;
    void this.#parts.store.flush();
  }

  #handOver(): void {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    const sources = new Set(rows.map(({ source }) => source));
    const counted = [...sources].flatMap((source) => {
      const stand = this.#tracks.get(source)?.counted ?? null;
      return stand === null ? [] : [[source, stand] as const];
    });
    void this.#parts.store.write({ rows, counted });
  }

  /** A meter that was removed says no more, and what is known stands in again; a new one ends the estimate. */
  #compareMeters(upMs: number): void {
    const before = this.#metered;
    this.#metered = this.#parts.metered();
    for (const source of before) if (!this.#metered.has(source)) this.#lostMeter(source, upMs);
    for (const source of this.#metered) if (!before.has(source)) this.#tracks.get(source)?.silence(upMs);
    this.#recount(upMs);
  }

  #lostMeter(source: string, upMs: number): void {
    this.#tracks.get(source)?.silence(upMs);
    if (!source.startsWith(APPLIANCE)) return;
    this.#draws.measured(source, null);
    this.#estimate(source, upMs);
  }

  #estimate(source: string, upMs: number): void {
    const knownMw = this.#draws.standingMw(source);
    const track = this.#track(source, upMs);
    if (knownMw === null) track?.silence(upMs);
    else track?.estimate(knownMw, upMs);
  }

  /** The house: its own meter and the part of the appliances; without a meter, the appliances and the base load. */
  #recount(upMs: number): void {
    this.#house.share(this.#draws.sumMw, upMs);
    if (!this.#metered.has(HOUSE)) this.#house.estimate(this.#draws.sumMw + this.#parts.baseLoadMw, upMs);
  }

  #track(source: string, upMs: number): Track | null {
    const known = this.#tracks.get(source);
    if (known !== undefined) return known;
    if (this.#tracks.size < MAX_SOURCES) return this.#newTrack(source, upMs);
    if (!this.#toldTooMany) this.#parts.onTrouble(`more than ${MAX_SOURCES} sources: ${source} has no history`, null);
    this.#toldTooMany = true;
    return null;
  }

  #newTrack(source: string, upMs: number): Track {
    const { clock, store, isClockSure } = this.#parts;
    const track = new Track({
      source,
      names: this.#names,
      upMs,
      wallMs: clock.wallMs(),
      resumed: store.counted().get(source) ?? null,
      isClockSure,
      finished: (row) => this.#rows.push(row),
    });
    this.#tracks.set(source, track);
    return track;
  }
}
