import type { Clock } from '../clock.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import type { LineState } from './exchange.ts';
import { BACKOFF, type Backoff, OPEN_TIMEOUT_MS, Port } from './port.ts';

export interface ListenerOptions {
  readonly open: OpenPipe;
  readonly clock: Clock;
  readonly backoff?: Backoff;
  readonly openTimeoutMs?: number;
  /**
   * Nothing heard for so long: the port is opened afresh, for an unplug is sometimes missed (durability.md). Each time
   * in vain doubles it, so that a meter without power is not a new event twice a minute.
   */
  readonly maxSilentMs: number;
  /** A fresh port: what came before it is no part of what comes now. */
  readonly onOpen: () => void;
  readonly onData: (bytes: Uint8Array) => void;
}

const MAX_PATIENCE_MS = 600_000;

/** The port of a device that talks by itself: kept open, never written to. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #port: Port;
  readonly #listeners = new Set<(state: LineState) => void>();
  #state: LineState = { isOpen: false, reason: 'not started' };
  #patienceMs: number;
  #heardAtMs = 0;
  #cancelWatch: () => void = () => {};

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#patienceMs = options.maxSilentMs;
    this.#port = new Port({
      open: options.open,
      clock: options.clock,
      backoff: options.backoff ?? BACKOFF,
      openTimeoutMs: options.openTimeoutMs ?? OPEN_TIMEOUT_MS,
      onUp: () => this.#opened(),
      onDown: (reason) => this.#lost(reason),
      onData: (bytes) => this.#heard(bytes),
    });
  }

  get state(): LineState {
    return this.#state;
  }

  start(): void {
    this.#port.start();
  }

  /** For good. */
  close(): void {
    this.#port.close('closed');
  }

  /** Told of every change, also of each new reason why it does not open. Returns what ends it. */
  onStateChange(listener: (state: LineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #opened(): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#watch(this.#patienceMs);
    this.#options.onOpen();
    this.#become({ isOpen: true });
  }

  #heard(bytes: Uint8Array): void {
    const { clock, maxSilentMs, onData } = this.#options;
    this.#heardAtMs = clock.nowMs();
    if (this.#patienceMs !== maxSilentMs) {
      this.#patienceMs = maxSilentMs;
      this.#watch(maxSilentMs);
    }
    onData(bytes);
  }

  #lost(reason: string): void {
    this.#cancelWatch();
    if (this.#state.isOpen || this.#state.reason !== reason) this.#become({ isOpen: false, reason });
  }

  #watch(delayMs: number): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#options.clock.after(delayMs, () => this.#look());
  }

  /** One timer for many bytes: it looks when the last of them came. */
  #look(): void {
    const patienceMs = this.#patienceMs;
    const leftMs = patienceMs - (this.#options.clock.nowMs() - this.#heardAtMs);
    // Timers come early by a fraction.
    if (leftMs > 1) return this.#watch(leftMs);
    this.#patienceMs = Math.max(this.#options.maxSilentMs, Math.min(patienceMs * 2, MAX_PATIENCE_MS));
    this.#port.renew(`nothing was heard for ${patienceMs / 1000} s`);
  }

  #become(state: LineState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
