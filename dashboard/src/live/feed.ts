import type { LiveMessage } from '../wire.ts';
import { backoffMs } from './backoff.ts';

/** Where the panel stands with its hub. Only under `live` are the shown values those of now. */
export type Link =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'live' }
  /** `sinceMs`: wall time of the last word; `retryInMs`: until the next attempt, null while one runs. */
  | { readonly phase: 'lost'; readonly sinceMs: number | null; readonly retryInMs: number | null };

export interface Listeners {
  heard(message: LiveMessage | null): void;
  ended(): void;
}

export interface OpenLine {
  close(): void;
}

/** What the feed needs of the world; the browser's in useHub.ts, a test's own. */
export interface FeedPort {
  open(afterSeq: number | null, on: Listeners): OpenLine;
  /** The last commit the panel has; null: none, a snapshot is needed. */
  lastSeq(): number | null;
  /** Asked when a line ended: a hub that refuses a WebSocket does not tell a browser why. */
  isSignedOut(): Promise<boolean>;
  monotonicMs(): number;
  wallMs(): number;
  /** Runs `task` later; returns what cancels it. */
  later(ms: number, task: () => void): () => void;
  random(): number;
}

export interface FeedEvents {
  message(message: LiveMessage): void;
  link(link: Link): void;
  signedOut(): void;
}

/** The hub says something at least every 5 s: two pings may get lost, then the line counts as lost. */
export const SILENCE_MS = 12_000;
const CHECK_MS = 1000;

/** Keeps one line to the hub: resumes where it broke, and never lets an old picture pass as live. */
export class LiveFeed {
  readonly #port: FeedPort;
  readonly #events: FeedEvents;
  #line: OpenLine | null = null;
  #link: Link = { phase: 'connecting' };
  #attempt = 0;
  #isRunning = false;
  #heard = { monotonicMs: 0, wallMs: 0 };
  #lastWordMs: number | null = null;
  #cancelRetry: () => void = () => {};
  #cancelCheck: () => void = () => {};

  constructor(port: FeedPort, events: FeedEvents) {
    this.#port = port;
    this.#events = events;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#setLink({ phase: 'connecting' });
    this.#connect();
  }

  stop(): void {
    this.#isRunning = false;
    this.#drop();
    this.#cancelRetry();
  }

  /** A person asked, or the phone woke up: do not wait for the backoff. */
  retryNow(): void {
    if (!this.#isRunning || this.#line !== null) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Also called when the page is shown again: timers and the monotonic clock stand still while a phone sleeps. */
  check(): void {
    if (this.#line !== null && this.#silenceMs() > SILENCE_MS) this.#lose();
  }

  #connect(): void {
    this.#cancelRetry();
    this.#markHeard();
    if (this.#link.phase === 'lost') this.#setLink({ ...this.#link, retryInMs: null });
    const line = this.#port.open(this.#port.lastSeq(), {
      heard: (message) => this.#hear(message),
      ended: () => this.#lose(),
    });
    this.#line = line;
    this.#scheduleCheck();
  }

  #hear(message: LiveMessage | null): void {
    this.#markHeard();
    if (message === null) return;
    this.#lastWordMs = this.#port.wallMs();
    this.#events.message(message);
    // While a broken line catches up, its events are still the past, and a meter is no event: a snapshot or a ping says that the picture is whole.
    if (message.type === 'snapshot' || message.type === 'ping') this.#becomeLive();
  }

  #becomeLive(): void {
    this.#attempt = 0;
    if (this.#link.phase !== 'live') this.#setLink({ phase: 'live' });
  }

  #lose(): void {
    this.#drop();
    const retryInMs = backoffMs(this.#attempt++, this.#port.random);
    this.#setLink({ phase: 'lost', sinceMs: this.#lastWordMs, retryInMs });
    this.#cancelRetry = this.#port.later(retryInMs, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    const isSignedOut = await this.#port.isSignedOut();
    if (!this.#isRunning || this.#line !== null) return;
    if (!isSignedOut) return this.#connect();
    this.stop();
    this.#events.signedOut();
  }

  #drop(): void {
    this.#cancelCheck();
    this.#line?.close();
    this.#line = null;
  }

  #scheduleCheck(): void {
    this.#cancelCheck();
    this.#cancelCheck = this.#port.later(CHECK_MS, () => {
      this.check();
      if (this.#line !== null) this.#scheduleCheck();
    });
  }

  #markHeard(): void {
    this.#heard = { monotonicMs: this.#port.monotonicMs(), wallMs: this.#port.wallMs() };
  }

  /** The longer of the two: some phones stop the monotonic clock while they sleep. */
  #silenceMs(): number {
    const { monotonicMs, wallMs } = this.#heard;
    return Math.max(this.#port.monotonicMs() - monotonicMs, this.#port.wallMs() - wallMs);
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#events.link(link);
  }
}
