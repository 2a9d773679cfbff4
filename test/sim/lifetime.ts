import type { Event } from '../../daemon/core/events.ts';
import type { Household } from '../../daemon/core/model.ts';
import { Hub } from '../../daemon/hub.ts';
import type { LedgerStore } from '../../daemon/ledger/store.ts';
import { restore } from '../../daemon/restore.ts';
import { timeline } from '../../daemon/timeline.ts';
import { createBuses, linesOf } from '../../relay-drivers/buses.ts';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import type { BusSettings } from '../../relay-drivers/registry.ts';
import type { BytePipe, OpenPipe } from '../../relay-drivers/transport/pipe.ts';

/** How the disk behaves, switched by the script. */
export interface Disk {
  /** How long the next commit takes. */
  delayMs(): number;
  isFull: boolean;
}

export interface LifetimeParts {
  readonly clock: Clock;
  readonly store: LedgerStore;
  readonly disk: Disk;
  readonly household: Household;
  readonly buses: readonly BusSettings[];
  readonly switches: ReadonlyMap<string, ReadonlyMap<number, { appliance: string; mode: 'toggle' | 'follow' }>>;
  readonly openPort: (path: string) => OpenPipe;
  readonly bootId: string;
  readonly onWrite: (path: string, bytes: Uint8Array) => void;
  readonly onDurable: (events: readonly Event[]) => void;
  readonly onApplied: (event: Event) => void;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** One process of the hub, from its start to a kill that may strike between any two of its steps. */
export class Lifetime {
  readonly hub: Hub;
  readonly #lines: readonly Line[];
  readonly #process: Process;

  private constructor(hub: Hub, lines: readonly Line[], process: Process) {
    this.hub = hub;
    this.#lines = lines;
    this.#process = process;
  }

  static async begin(parts: LifetimeParts): Promise<Lifetime> {
    const process = new Process(parts);
    const stored = parts.store.load();
    const state = await restore(stored, async (after, limit) => parts.store.read(after, limit));
    const openPort = ({ path }: { path: string }) => process.open(path);
    const buses = createBuses(parts.buses, { clock: process, openPort });
    const hub = new Hub({
      household: parts.household,
      buses: [...buses].map(([id, bus]) => ({
        id,
        driver: bus.driver,
        line: bus.line,
        switches: parts.switches.get(id) ?? new Map(),
      })),
      state,
      ledger: process,
      clock: process,
      now: timeline(process, stored.lastUpMs),
      bootId: parts.bootId,
      onTrouble: parts.onTrouble,
      onProgress: () => undefined,
    });
    hub.onEvent(parts.onApplied);
    return new Lifetime(hub, linesOf(buses.values()), process);
  }

  /** Not awaited by the script: a kill may come before it is done. */
  async start(): Promise<void> {
    await this.hub.start();
    for (const line of this.#lines) line.start();
  }

  get isDead(): boolean {
    return this.#process.isDead;
  }

  /** SIGKILL: no timer fires, no commit returns, no byte leaves any more; what the adapter holds still goes out. */
  kill(): void {
    this.#process.kill();
  }
}

/** What dies with a process: its timers, its file handles, its calls under way. */
class Process implements Clock {
  readonly #parts: LifetimeParts;
  readonly #pipes = new Set<BytePipe>();
  readonly #timers = new Set<() => void>();
  isDead = false;

  constructor(parts: LifetimeParts) {
    this.#parts = parts;
  }

  nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  wallMs(): number {
    return this.#parts.clock.wallMs();
  }

  after(delayMs: number, run: () => void): () => void {
    if (this.isDead) return () => undefined;
    const cancel = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  open(path: string): OpenPipe {
    const openPipe = this.#parts.openPort(path);
    return async () => {
      if (this.isDead) return new Promise(() => undefined);
      const pipe = await openPipe();
      this.#pipes.add(pipe);
      return { ...bound(pipe), write: (bytes) => this.#write(path, pipe, bytes) };
    };
  }

  #write(path: string, pipe: BytePipe, bytes: Uint8Array): Promise<void> {
    if (this.isDead) return new Promise(() => undefined);
    this.#parts.onWrite(path, bytes);
    return pipe.write(bytes);
  }

  /** The commit happens at the end of its time; a kill before loses it, a kill after loses only its answer. */
  append(events: readonly Event[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.after(this.#parts.disk.delayMs(), () => {
        if (this.#parts.disk.isFull) return reject(new Error('the simulated disk is full'));
        this.#parts.store.append(events);
        this.#parts.onDurable(events);
        this.after(0.2, resolve);
      });
    });
  }

  async saveSnapshot(seq: number, state: string): Promise<void> {
    if (!this.isDead && !this.#parts.disk.isFull) this.#parts.store.saveSnapshot(seq, state);
  }

  kill(): void {
    this.isDead = true;
    for (const cancel of this.#timers) cancel();
    for (const pipe of this.#pipes) pipe.close();
  }
}

function bound(pipe: BytePipe): BytePipe {
  return {
    write: (bytes) => pipe.write(bytes),
    onData: (listener) => pipe.onData(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}
