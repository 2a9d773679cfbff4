import type { Clock } from '../clock.ts';
import type { BytePipe, OpenPipe } from '../transport/pipe.ts';
import type { PacedWire } from './paced-wire.ts';

/** The host's end of a wire in memory: a serial adapter that can be pulled out and put back. */
export class MemoryPort {
  /** Like a real port it serves one holder at a time. */
  readonly open: OpenPipe;
  readonly #wire: PacedWire;
  #pipe: MemoryPipe | null = null;
  #isPluggedIn = true;

  constructor(wire: PacedWire, clock: Clock) {
    this.#wire = wire;
    this.open = async () => {
      if (!this.#isPluggedIn) throw new Error('no such port: the simulated adapter is unplugged');
      if (this.#pipe?.isOpen) throw new Error('the simulated port is in use: close it before opening it again');
      this.#pipe = new MemoryPipe(wire, clock);
      return this.#pipe;
    };
  }

  /** Half a frame is lost with the cable, what stood in the adapter too. */
  unplug(): void {
    this.#isPluggedIn = false;
    this.#wire.hostFallsSilent();
    this.#pipe?.end('the simulated adapter was unplugged');
    this.#pipe = null;
  }

  plugIn(): void {
    this.#isPluggedIn = true;
  }
}

class MemoryPipe implements BytePipe {
  readonly #wire: PacedWire;
  readonly #clock: Clock;
  readonly #dataListeners: ((bytes: Uint8Array) => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #writes = new Set<(error: Error) => void>();
  readonly #stopHearing: () => void;
  #closedBecause: string | null = null;

  constructor(wire: PacedWire, clock: Clock) {
    this.#wire = wire;
    this.#clock = clock;
    this.#stopHearing = wire.onHostHears((bytes) => {
      for (const listener of this.#dataListeners) listener(bytes);
    });
  }

  get isOpen(): boolean {
    return this.#closedBecause === null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closedBecause !== null) throw new Error(this.#closedBecause);
    const leftMs = this.#wire.hostSends(bytes) - this.#clock.nowMs();
    await new Promise<void>((resolve, reject) => {
      this.#writes.add(reject);
      this.#clock.after(leftMs, () => {
        this.#writes.delete(reject);
        resolve();
      });
    });
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#dataListeners.push(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListeners.push(listener);
    const reason = this.#closedBecause;
    if (reason !== null) queueMicrotask(() => listener(reason));
  }

  /** Bytes that were handed over are in the adapter and still go out, as they do on real ports. */
  close(): void {
    this.end('closed');
  }

  end(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    this.#stopHearing();
    for (const reject of this.#writes) reject(new Error(reason));
    this.#writes.clear();
    for (const listener of this.#closeListeners) queueMicrotask(() => listener(reason));
  }
}
