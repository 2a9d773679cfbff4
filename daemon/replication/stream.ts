import type { Clock } from '../../relay-drivers/clock.ts';
import type { Bell } from './bell.ts';
import { asReplicationError } from './classify.ts';
import { ReplicationError } from './errors.ts';
import { type HubName, heartbeat } from './greet.ts';
import { BATCH_LENGTH, BATCH_ROWS, LEAST_ROWS, type Timing } from './limits.ts';
import type { LedgerRow, Standing } from './port.ts';
import type { Progress, Sources } from './progress.ts';
import type { Session } from './session.ts';
import { writeEvents } from './write-events.ts';
import { monthsOf, prepareMonths, writePower } from './write-power.ts';
import { writeStanding } from './write-standing.ts';

export interface StreamParts extends Sources {
  readonly hub: HubName;
  /** What stands is not copied when it is null. */
  readonly standing: (() => Standing) | null;
  readonly clock: Clock;
  readonly timing: Timing;
}

interface Greeted extends StreamParts {
  /** What Postgres was greeted with; null: no power history on this connection. */
  readonly powerOrigin: string | null;
}

/** How many rows a batch has: fewer after a database gave up on one, and twice as many after each that it took. */
export class Pace {
  #rows = BATCH_ROWS;

  get rows(): number {
    return this.#rows;
  }

  tooSlow(): void {
    this.#rows = Math.max(LEAST_ROWS, Math.floor(this.#rows / 2));
  }

  went(): void {
    this.#rows = Math.min(BATCH_ROWS, this.#rows * 2);
  }
}

/** What one connection carries: events first, then power history, then what stands. The next batch is read when the one before is in. */
export class Stream {
  readonly #parts: Greeted;
  readonly #session: Session;
  readonly #progress: Progress;
  readonly #pace: Pace;
  readonly #months = new Set<string>();
  #standingSeq = -1;
  #standingMs = Number.NEGATIVE_INFINITY;
  #beatMs: number;
  #isStopping = false;

  constructor(parts: Greeted, session: Session, progress: Progress, pace: Pace) {
    this.#parts = parts;
    this.#session = session;
    this.#progress = progress;
    this.#pace = pace;
    this.#beatMs = parts.clock.nowMs();
  }

  /** After the batch that is under way. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Until it is stopped, or the history is another file; rejects when the connection does not carry on. */
  async run(bell: Bell, onDrained: () => void): Promise<void> {
    void this.#session.over.then(() => bell.ring());
    await this.#prepareMonthsAhead();
    while (!this.#isStopping && this.#isSameFile) {
      this.#session.demandOpen();
      if (await this.#sendSome()) continue;
      this.#progress.drained();
      onDrained();
      await this.#idle(bell);
    }
  }

  get #isSameFile(): boolean {
    return (this.#parts.power?.origin ?? null) === this.#parts.powerOrigin;
  }

  /** False: there was nothing. */
  async #sendSome(): Promise<boolean> {
    const isMore = (await this.#sendEvents()) || (await this.#sendPower());
    await this.#progress.save(this.#parts.timing.saveMs);
    await this.#beat();
    if (!isMore) await this.#sendStanding();
    return isMore;
  }

  /** Until something happened here, or might have. */
  async #idle(bell: Bell): Promise<void> {
    const { timing } = this.#parts;
    const isRung = await bell.wait(timing.pollMs);
    // What comes together goes together.
    if (isRung && !this.#isStopping) await bell.wait(timing.gatherMs);
  }

  async #sendEvents(): Promise<boolean> {
    if (!this.#progress.hasEvents) return false;
    const { events, hub } = this.#parts;
    const rows = await local(() => this.#readEvents());
    const last = rows.at(-1);
    if (last === undefined) return false;
    await this.#paced(() =>
      writeEvents(this.#session, { origin: events.origin, hub: hub.id }, this.#progress.seq, rows),
    );
    this.#progress.sentEvents(last.seq, rows.length, last.wallMs);
    return true;
  }

  /** A batch of small pages, so that an append of the hub waits for a page at most. */
  async #readEvents(): Promise<LedgerRow[]> {
    const rows: LedgerRow[] = [];
    const most = this.#pace.rows;
    let length = 0;
    for (let after = this.#progress.seq; rows.length < most && length < BATCH_LENGTH * 0.75; ) {
      const page = await this.#parts.events.read(after, most - rows.length);
      rows.push(...page);
      for (const { body, who } of page) length += body.length + (who?.length ?? 0);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    return rows;
  }

  async #sendPower(): Promise<boolean> {
    const { power, powerOrigin: origin, hub } = this.#parts;
    if (power === null || origin === null || !this.#progress.hasPower) return false;
    const { rows } = await local(() => power.rowsAfter(this.#progress.rev, this.#pace.rows));
    const last = rows.at(-1);
    if (last === undefined || !this.#isSameFile) return false;
    await this.#prepare(monthsOf(rows));
    await this.#paced(() => writePower(this.#session, { origin, hub: hub.id }, this.#progress.rev, rows));
    this.#progress.sentPower(last.rev, rows.length, last.startMs);
    return true;
  }

  async #sendStanding(): Promise<void> {
    const { standing, events, hub, clock, timing } = this.#parts;
    const nowMs = clock.nowMs();
    const isDue = nowMs - this.#standingMs >= timing.standingMs && this.#progress.seq !== this.#standingSeq;
    if (standing === null || !isDue) return;
    this.#standingMs = nowMs;
    const seq = this.#progress.seq;
    await writeStanding(this.#session, { origin: events.origin, hub: hub.id }, await local(standing));
    this.#standingSeq = seq;
  }

  async #beat(): Promise<void> {
    const { clock, timing, hub, events, powerOrigin } = this.#parts;
    if (clock.nowMs() - this.#beatMs < timing.heartbeatMs) return;
    this.#beatMs = clock.nowMs();
    await heartbeat(this.#session, hub, powerOrigin === null ? [events.origin] : [events.origin, powerOrigin]);
    await this.#prepareMonthsAhead();
  }

  /** This one and the next: no hub waits for a partition at the turn of the month. */
  async #prepareMonthsAhead(): Promise<void> {
    if (this.#parts.power === null) return;
    const nowMs = this.#parts.clock.wallMs();
    const months = [nowMs, nowMs + 31 * 86_400_000].map((ms) => `${new Date(ms).toISOString().slice(0, 7)}-01`);
    await this.#prepare(new Set(months));
  }

  async #prepare(months: ReadonlySet<string>): Promise<void> {
    const missing = [...months].filter((month) => !this.#months.has(month));
    await prepareMonths(this.#session, missing);
    for (const month of missing) this.#months.add(month);
  }

  async #paced(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      this.#pace.went();
    } catch (error) {
      if (error instanceof ReplicationError && error.code === 'postgres_slow') this.#pace.tooSlow();
      throw error;
    }
  }
}

/** Of this hub, and no fault of Postgres. */
async function local<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ReplicationError('local_failed', asReplicationError(error).detail);
  }
}
