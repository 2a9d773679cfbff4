import type { BytePipe } from './pipe.ts';

/** The two ends of a wire that exists in memory only: what one writes, the other hears. For tests and the simulation. */
export interface MemoryWire {
  readonly hub: BytePipe;
  readonly board: BytePipe;
}

export function memoryWire(): MemoryWire {
  const hub = new MemoryEnd();
  const board = new MemoryEnd();
  hub.connect(board);
  board.connect(hub);
  return { hub, board };
}

class MemoryEnd implements BytePipe {
  #peer: MemoryEnd | null = null;
  #isOpen = true;
  #dataListener: ((bytes: Uint8Array) => void) | null = null;
  #closeListener: ((reason: string) => void) | null = null;

  connect(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) return Promise.reject(new Error('the wire is cut'));
    const copy = bytes.slice();
    // Never inside the caller's own call: a real wire does not answer before write() returned.
    queueMicrotask(() => this.#peer?.hear(copy));
    return Promise.resolve();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#dataListener = listener;
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener;
  }

  close(): void {
    this.cut('closed');
    this.#peer?.cut('the other end closed');
  }

  hear(bytes: Uint8Array): void {
    if (this.#isOpen) this.#dataListener?.(bytes);
  }

  cut(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#closeListener?.(reason);
  }
}
