import { join, resolve } from 'node:path';
import type { Clock } from '../../relay-drivers/clock.ts';
import { Channel } from './channel.ts';
import { asTelemetryError } from './errors.ts';
import { unpackPoints, unpackRevised } from './packed.ts';
import type {
  Condition,
  Counted,
  EnergyQuery,
  Minutes,
  PowerQuery,
  ReplicationCursor,
  TelemetryHandle,
} from './port.ts';
import type { CallName, Calls, Standing, WorkerSettings } from './protocol.ts';

export interface OpenOptions {
  readonly dataDir: string;
  /** Of the hub: where days begin. */
  readonly timezone: string;
  readonly clock: Clock;
  /** False: nothing is deleted for its age. */
  readonly isClockSure: () => boolean;
  /** For the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** The power history in its thread, as the hub's main thread sees it. A thread that is lost is started again. */
class ThreadedTelemetry implements TelemetryHandle {
  readonly opened: Promise<void>;
  readonly #options: OpenOptions;
  readonly #settings: WorkerSettings;
  readonly #counted = new Map<string, Counted>();
  #channel: Channel;
  #standing: Standing = { origin: null, lastRev: 0, condition: { state: 'ok', what: null } };
  #isTidying = false;
  #closed: Promise<void> | null = null;

  constructor(options: OpenOptions) {
    this.#options = options;
    this.#settings = { path: join(resolve(options.dataDir), 'telemetry.db'), timezone: options.timezone };
    this.#channel = this.#start();
    this.opened = this.#open();
  }

  async #open(): Promise<void> {
    for (const [source, stand] of (await this.#channel.opened) ?? []) this.#counted.set(source, stand);
  }

  get condition(): Condition {
    return this.#standing.condition;
  }

  get origin(): string | null {
    return this.#standing.origin;
  }

  lastRev(): number {
    return this.#standing.lastRev;
  }

  counted(): ReadonlyMap<string, Counted> {
    return this.#counted;
  }

  async write(minutes: Minutes): Promise<void> {
    for (const [source, stand] of minutes.counted) this.#counted.set(source, stand);
    await this.#attempt('write', minutes);
  }

  async flush(): Promise<void> {
    if (this.#channel.lost !== null && this.#closed === null) this.#channel = this.#start();
    await this.#attempt('flush', null);
    void this.#tidy();
  }

  async power(query: PowerQuery) {
    return unpackPoints(await this.#channel.call('power', query));
  }

  energy(query: EnergyQuery) {
    return this.#channel.call('energy', query);
  }

  async rowsAfter(rev: number, limit: number) {
    return { rows: unpackRevised(await this.#channel.call('rowsAfter', { rev, limit })) };
  }

  cursor() {
    return this.#channel.call('cursor', null);
  }

  async saveCursor(cursor: ReplicationCursor): Promise<void> {
    await this.#channel.call('saveCursor', cursor);
  }

  close(): Promise<void> {
    this.#closed ??= this.#channel.close().catch((error) => this.#trouble(error));
    return this.#closed;
  }

  #start(): Channel {
    return new Channel(this.#settings, {
      standing: (standing) => this.#stands(standing),
      word: (what) => this.#options.onTrouble(what, null),
    });
  }

  #stands(standing: Standing): void {
    const { state, what } = standing.condition;
    if (state !== this.condition.state) this.#options.onTrouble(what ?? 'the power history is written again', null);
    this.#standing = standing;
  }

  /** Nothing here ever stops the hub: what goes wrong is told, and tried again with the next batch. */
  async #attempt<K extends CallName>(call: K, take: Calls[K]['take']): Promise<Calls[K]['give'] | null> {
    try {
      return await this.#channel.call(call, take);
    } catch (error) {
      this.#trouble(error);
      return null;
    }
  }

  #trouble(error: unknown): void {
    const failure = asTelemetryError(error, 'the power history');
    if (failure.code === 'telemetry_closed' && this.#closed !== null) return;
    const what = `${failure.what}: ${failure.advice}`;
    this.#stands({ ...this.#standing, condition: { state: 'failed', what } });
  }

  /** A step at a time: whoever asks meanwhile comes in between. */
  async #tidy(): Promise<void> {
    if (this.#isTidying) return;
    this.#isTidying = true;
    const { clock, isClockSure } = this.#options;
    while (this.#closed === null && (await this.#attempt('tidy', isClockSure() ? clock.wallMs() : null)) === true);
    this.#isTidying = false;
  }
}

/** The history of a data directory, in a thread of its own. Never throws, and asks nobody to wait: `condition` says what is wrong. */
export function openTelemetry(options: OpenOptions): TelemetryHandle {
  return new ThreadedTelemetry(options);
}
