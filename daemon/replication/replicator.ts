import { randomInt } from 'node:crypto';
import { Bell } from './bell.ts';
import { asReplicationError } from './classify.ts';
import type { Target } from './connect.ts';
import type { ReplicationError } from './errors.ts';
import { greetEvents, greetPower } from './greet.ts';
import { TIMING, type Timing } from './limits.ts';
import { migrate } from './migrate.ts';
import type { ReplicatorState, Trouble } from './port.ts';
import { Progress } from './progress.ts';
import { Session } from './session.ts';
import { Pace, Stream, type StreamParts } from './stream.ts';

export interface ReplicatorParts extends Omit<StreamParts, 'timing'> {
  readonly target: Target;
  /** For tests; the rest is as in limits.ts. */
  readonly timing?: Partial<Timing>;
  /** Connected, lost, drained, failed: worth a look at `state()`. */
  readonly onChange?: () => void;
  /** Told once for each kind of trouble, until it is over. */
  readonly onTrouble?: (trouble: Trouble) => void;
  /** The first connection, and each after a trouble. */
  readonly onReached?: () => void;
}

/** Copies the ledger and the power history to Postgres for as long as it runs, whatever becomes of Postgres. */
export class Replicator {
  readonly #parts: ReplicatorParts & { readonly timing: Timing };
  readonly #progress: Progress;
  readonly #bell: Bell;
  readonly #pace = new Pace();
  readonly #cut = new AbortController();
  #stream: Stream | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #failures = 0;
  /** What was through at the failure before. */
  #batchesBefore = 0;

  constructor(parts: ReplicatorParts) {
    this.#parts = { ...parts, timing: { ...TIMING, ...parts.timing } };
    this.#progress = new Progress(parts, parts.clock);
    this.#bell = new Bell(parts.clock);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** An event was committed. */
  wake(): void {
    this.#progress.noticed();
    this.#bell.ring();
  }

  state(): ReplicatorState {
    return this.#progress.state();
  }

  /** What is under way may finish, for a moment. Nothing is lost: the next start goes on from where Postgres is. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stream?.stop();
    this.#bell.ring();
    const cancel = this.#parts.clock.after(this.#parts.timing.stopMs, () => this.#cut.abort());
    await this.#running;
    cancel();
    this.#cut.abort();
  }

  async #run(): Promise<void> {
    await this.#quietly(() => this.#progress.recall());
    while (!this.#isStopping) {
      const failure = await this.#once();
      if (failure !== null) await this.#rest(failure);
    }
    this.#progress.closed();
    await this.#quietly(() => this.#progress.save(0));
  }

  /** One connection; null when it was ended by a stop, or has to be begun anew. */
  async #once(): Promise<ReplicationError | null> {
    const { target, timing, power, events, hub } = this.#parts;
    let session: Session | null = null;
    try {
      session = await Session.open(target, timing, this.#cut.signal);
      await migrate(session, timing);
      const seq = await greetEvents(session, hub, events);
      const powerOrigin = power?.origin ?? null;
      const isThere = power !== null && powerOrigin !== null;
      const rev = isThere ? await greetPower(session, hub, powerOrigin, power) : this.#progress.rev;
      this.#progress.reached(seq, rev);
      this.#parts.onReached?.();
      this.#changed();
      this.#stream = new Stream({ ...this.#parts, powerOrigin }, session, this.#progress, this.#pace);
      if (this.#isStopping) return null;
      await this.#stream.run(this.#bell, () => this.#drained());
      return null;
    } catch (error) {
      return this.#isStopping ? null : asReplicationError(error);
    } finally {
      this.#stream = null;
      session?.close();
    }
  }

  #drained(): void {
    this.#failures = 0;
    this.#changed();
  }

  /** Bounded, and never shorter for a failure that comes at once. A batch that went through begins anew. */
  async #rest(failure: ReplicationError): Promise<void> {
    const { batchesSent } = this.#progress;
    this.#failures = batchesSent === this.#batchesBefore ? this.#failures + 1 : 1;
    this.#batchesBefore = batchesSent;
    const news = this.#progress.failed(failure);
    if (news !== null) this.#parts.onTrouble?.(news);
    this.#changed();
    await this.#quietly(() => this.#progress.save(this.#parts.timing.saveMs));
    const endMs = this.#parts.clock.nowMs() + this.#restMs(failure);
    for (let leftMs = endMs - this.#parts.clock.nowMs(); leftMs > 0 && !this.#isStopping; ) {
      await this.#bell.wait(leftMs);
      leftMs = endMs - this.#parts.clock.nowMs();
    }
  }

  #restMs({ isSlow }: ReplicationError): number {
    const { retryFirstMs, retryAtMostMs, retrySlowMs } = this.#parts.timing;
    const doubled = retryFirstMs * 2 ** Math.min(this.#failures - 1, 20);
    const mostMs = isSlow ? retrySlowMs : Math.min(doubled, retryAtMostMs);
    return (mostMs * (500 + randomInt(501))) / 1000;
  }

  #changed(): void {
    this.#parts.onChange?.();
  }

  /** The local cursor and the age of the oldest row are only shown. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // The next batch reads the same files, and says so.
    }
  }
}
