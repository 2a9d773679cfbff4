import type { Clock } from '../../relay-drivers/clock.ts';
import type { ReplicationError } from './errors.ts';
import type { Cursors, EventSource, PowerSource, ReplicatorState, Trouble } from './port.ts';

export interface Sources {
  readonly events: EventSource;
  /** Null: no power history is copied. */
  readonly power: PowerSource | null;
  readonly cursors: Cursors | null;
}

/** How far Postgres is, what it lacks, and since when. */
export class Progress {
  readonly #sources: Sources;
  readonly #clock: Clock;
  #seq = 0;
  #rev = 0;
  #isReached = false;
  #connected = false;
  #rowsSent = 0;
  #batchesSent = 0;
  #lastSentMs: number | null = null;
  #trouble: Trouble | null = null;
  #alarmed = false;
  /** Wall time of the oldest that Postgres lacks; null while that is nothing, or unknown. */
  #oldestEventMs: number | null = null;
  #oldestPowerMs: number | null = null;
  #savedMs = Number.NEGATIVE_INFINITY;

  constructor(sources: Sources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  get seq(): number {
    return this.#seq;
  }

  get rev(): number {
    return this.#rev;
  }

  get batchesSent(): number {
    return this.#batchesSent;
  }

  get hasEvents(): boolean {
    return this.#sources.events.lastSeq() > this.#seq;
  }

  get hasPower(): boolean {
    return (this.#sources.power?.lastRev() ?? 0) > this.#rev;
  }

  /** Before Postgres was reached for the first time: what was written down when it was reached last. */
  async recall(): Promise<void> {
    const { events, power, cursors } = this.#sources;
    const known = await cursors?.cursor();
    if (known?.origin === events.origin) this.#seq = known.seq;
    if (known?.origin === events.origin && known.rev <= (power?.lastRev() ?? 0)) this.#rev = known.rev;
    const [event] = this.hasEvents ? await events.read(this.#seq, 1) : [];
    const [row] = this.hasPower ? ((await power?.rowsAfter(this.#rev, 1))?.rows ?? []) : [];
    this.#oldestEventMs ??= event?.wallMs ?? null;
    this.#oldestPowerMs ??= row?.startMs ?? null;
  }

  reached(seq: number, rev: number): void {
    this.#seq = seq;
    this.#rev = rev;
    this.#isReached = true;
    this.#connected = true;
    this.#alarmed = false;
  }

  /** An event was committed here. */
  noticed(): void {
    this.#oldestEventMs ??= this.#clock.wallMs();
  }

  sentEvents(seq: number, rows: number, lastWallMs: number): void {
    this.#seq = seq;
    this.#oldestEventMs = this.hasEvents ? lastWallMs : null;
    this.#sent(rows);
  }

  sentPower(rev: number, rows: number, lastStartMs: number): void {
    this.#rev = rev;
    this.#oldestPowerMs = this.hasPower ? lastStartMs : null;
    this.#sent(rows);
  }

  /** Something went through: what went wrong before is over. */
  #sent(rows: number): void {
    this.#rowsSent += rows;
    this.#batchesSent += 1;
    this.#lastSentMs = this.#clock.wallMs();
    this.#trouble = null;
  }

  /** Connected, and nothing is left to send. */
  drained(): void {
    this.#oldestEventMs = this.hasEvents ? (this.#oldestEventMs ?? this.#clock.wallMs()) : null;
    this.#oldestPowerMs = this.hasPower ? (this.#oldestPowerMs ?? this.#clock.wallMs()) : null;
    this.#trouble = null;
  }

  /** Returns it where it is news. */
  failed({ code, detail, advice, isAlarm }: ReplicationError): Trouble | null {
    const isNews = this.#trouble?.code !== code;
    this.#connected = false;
    this.#alarmed = isAlarm;
    this.#trouble = { code, detail, advice, at: new Date(this.#clock.wallMs()).toISOString() };
    return isNews ? this.#trouble : null;
  }

  closed(): void {
    this.#connected = false;
  }

  /** Nothing depends on it but the lag while Postgres is away, so it is written rarely. */
  async save(atMostEveryMs: number): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (!this.#isReached || nowMs - this.#savedMs < atMostEveryMs) return;
    this.#savedMs = nowMs;
    await this.#sources.cursors?.saveCursor({ origin: this.#sources.events.origin, seq: this.#seq, rev: this.#rev });
  }

  state(): ReplicatorState {
    const events = Math.max(0, this.#sources.events.lastSeq() - this.#seq);
    const power = Math.max(0, (this.#sources.power?.lastRev() ?? 0) - this.#rev);
    const known = this.#isReached || this.#seq > 0;
    return {
      connected: this.#connected,
      alarmed: this.#alarmed,
      lag_rows: events + power,
      lag_s: this.#lagS(events > 0 ? this.#oldestEventMs : null, power > 0 ? this.#oldestPowerMs : null),
      last_seq: known ? this.#seq : null,
      last_rev: known && this.#sources.power !== null ? this.#rev : null,
      rows_sent: this.#rowsSent,
      batches_sent: this.#batchesSent,
      last_sent_at: this.#lastSentMs === null ? null : new Date(this.#lastSentMs).toISOString(),
      last_error: this.#trouble,
    };
  }

  #lagS(...oldest: readonly (number | null)[]): number {
    const nowMs = this.#clock.wallMs();
    return Math.max(0, ...oldest.map((ms) => (ms === null ? 0 : Math.round((nowMs - ms) / 1000))));
  }
}
