import type { Event } from '../../daemon/core/events.ts';
import type { LedgerStore } from '../../daemon/ledger/store.ts';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { BytePipe, OpenPipe } from '../../relay-drivers/transport/pipe.ts';

/** How the disk behaves, switched by the script. */
export interface Disk {
  /** How long the next commit takes. */
  delayMs(): number;
  isFull: boolean;
}

export interface ProcessParts {
  readonly clock: Clock;
  /** How far its wall clock is off. */
  readonly wallOffMs: () => number;
  readonly store: LedgerStore;
  readonly disk: Disk;
  readonly openPort: (path: string) => OpenPipe;
  readonly onWrite: (path: string, bytes: Uint8Array) => void;
  readonly onDurable: (events: readonly Event[]) => void;
}

/** What dies with a process, and what waits while it stands still: its timers, its file handles, its calls under way. */
export class Process implements Clock {
  readonly #parts: ProcessParts;
  readonly #pipes = new Set<BytePipe>();
  readonly #timers = new Set<() => void>();
  /** What came up while it stood still: timers run before what came in, as in Node. */
  #held: { readonly timers: (() => void)[]; readonly heard: (() => void)[] } | null = null;
  isDead = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  wallMs(): number {
    return this.#parts.clock.wallMs() + this.#parts.wallOffMs();
  }

  after(delayMs: number, run: () => void): () => void {
    if (this.isDead) return () => undefined;
    let isCancelled = false;
    const fire = () => {
      this.#timers.delete(cancel);
      if (!isCancelled && !this.isDead) run();
    };
    const cancel = this.#parts.clock.after(delayMs, () => {
      if (this.#held === null) fire();
      else this.#held.timers.push(fire);
    });
    this.#timers.add(cancel);
    return () => {
      isCancelled = true;
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** The event loop does not turn for so long; the monotonic clock does. */
  stall(ms: number): void {
    if (this.isDead || this.#held !== null) return;
    this.#held = { timers: [], heard: [] };
    this.#parts.clock.after(ms, () => this.#wake());
  }

  /** Something from outside reaches it: now, or when it stirs again. */
  hear(run: () => void): void {
    if (this.isDead) return;
    if (this.#held === null) run();
    else this.#held.heard.push(run);
  }

  open(path: string): OpenPipe {
    const openPipe = this.#parts.openPort(path);
    return async () => {
      if (this.isDead) return new Promise(() => undefined);
      const pipe = await openPipe();
      this.#pipes.add(pipe);
      await this.#stirring();
      return this.#bound(path, pipe);
    };
  }

  /** The commit happens at the end of its time; a kill before loses it, a kill after loses only its answer. */
  append(events: readonly Event[]): Promise<void> {
    const { disk, store, onDurable } = this.#parts;
    return new Promise((resolve, reject) => {
      this.after(disk.delayMs(), () => {
        if (disk.isFull) return reject(new Error('the simulated disk is full'));
        store.append(events);
        onDurable(events);
        this.after(0.2, resolve);
      });
    });
  }

  async saveSnapshot(seq: number, state: string): Promise<void> {
    if (!this.isDead && !this.#parts.disk.isFull) this.#parts.store.saveSnapshot(seq, state);
  }

  kill(): void {
    this.isDead = true;
    this.#held = null;
    for (const cancel of this.#timers) cancel();
    for (const pipe of this.#pipes) pipe.close();
  }

  /** One after the other, with what follows from each; what comes up meanwhile comes behind. */
  #wake(): void {
    if (this.isDead || this.#held === null) return;
    const run = this.#held.timers.shift() ?? this.#held.heard.shift();
    if (run === undefined) {
      this.#held = null;
      return;
    }
    run();
    this.#parts.clock.after(0, () => this.#wake());
  }

  #stirring(): Promise<void> {
    return new Promise((resolve) => this.hear(resolve));
  }

  #bound(path: string, pipe: BytePipe): BytePipe {
    return {
      write: (bytes) => this.#write(path, pipe, bytes),
      onData: (listener) => pipe.onData((bytes) => this.hear(() => listener(bytes))),
      onClose: (listener) => pipe.onClose((...told) => this.hear(() => listener(...told))),
      close: () => pipe.close(),
    };
  }

  async #write(path: string, pipe: BytePipe, bytes: Uint8Array): Promise<void> {
    if (this.isDead) return new Promise(() => undefined);
    this.#parts.onWrite(path, bytes);
    await pipe.write(bytes);
    await this.#stirring();
  }
}
