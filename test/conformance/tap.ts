import type { Clock } from '../../relay-drivers/clock.ts';
import type { BytePipe, OpenPipe } from '../../relay-drivers/transport/pipe.ts';

/** What the host handed to its port. */
export interface SentFrame {
  readonly bytes: Uint8Array;
  readonly atMs: number;
  /** Which opening of the port it was, counted from 1. */
  readonly opening: number;
}

/** What came in one piece, and when its last byte was there. */
export interface HeardPiece {
  readonly bytes: Uint8Array;
  readonly endMs: number;
}

/** What becomes of a piece on its way to the host: nothing, itself, or something else. `index` counts from 0. */
export type Meddling = (piece: Uint8Array, index: number) => Uint8Array | null;

const UNTOUCHED: Meddling = (piece) => piece;

/** Sits between a line and its port: notes what passes, spoils what comes, and says things of its own. */
export class Tap {
  readonly sent: SentFrame[] = [];
  readonly heard: HeardPiece[] = [];
  openings = 0;
  readonly #clock: Clock;
  #meddling = UNTOUCHED;
  #meddledCount = 0;
  #listener: (bytes: Uint8Array) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Until the next call; without an argument all comes as it is again. */
  meddle(meddling: Meddling = UNTOUCHED): void {
    this.#meddling = meddling;
    this.#meddledCount = 0;
  }

  /** Bytes that no device sent. */
  inject(bytes: Uint8Array): void {
    this.#listener(bytes);
  }

  wrap(open: OpenPipe): OpenPipe {
    return async () => {
      const pipe = await open();
      this.openings += 1;
      return this.#tapped(pipe, this.openings);
    };
  }

  #tapped(pipe: BytePipe, opening: number): BytePipe {
    return {
      write: (bytes) => {
        this.sent.push({ bytes: bytes.slice(), atMs: this.#clock.nowMs(), opening });
        return pipe.write(bytes);
      },
      onData: (listener) => {
        this.#listener = listener;
        pipe.onData((bytes) => this.#pass(bytes, listener));
      },
      onClose: (listener) => pipe.onClose(listener),
      close: () => pipe.close(),
    };
  }

  #pass(bytes: Uint8Array, listener: (bytes: Uint8Array) => void): void {
    this.heard.push({ bytes: bytes.slice(), endMs: this.#clock.nowMs() });
    const passed = this.#meddling(bytes.slice(), this.#meddledCount);
    this.#meddledCount += 1;
    if (passed && passed.length > 0) listener(passed);
  }
}

/** `bytes` with some bits of one of them turned over. */
export function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ bits : byte));
}
