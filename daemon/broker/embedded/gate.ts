import { Duplex } from 'node:stream';
import type { Fault } from './framer.ts';
import { TYPE, typeOf } from './packets.ts';

/** What stands in front of a gate: whole packets come in, bytes go out. */
export interface GateParts {
  /** The next whole packet that has come in; `later`: the client sends more than it may, and waits. */
  next(): Buffer | Fault | 'later' | null;
  onFault(fault: string): void;
  /** Room was made: more may be read. */
  onHungry(): void;
  /** aedes has nothing in hand any more. */
  onIdle(): void;
  write(bytes: Uint8Array): void;
  /** aedes is done with it; graceful: the client said goodbye. */
  onDestroy(isGraceful: boolean): void;
}

/** Large enough that aedes never waits for a reader: who reads too slowly is cut, by the backlog of its line. */
const NEVER_FULL_BYTES = 1024 * 1024 * 1024;

/** aedes says when it is through with these. */
const WAITED_FOR = new Set<number>([TYPE.connect, TYPE.publish, TYPE.subscribe, TYPE.unsubscribe]);

/**
 * The stream that aedes takes for a connection. It hands over one packet at a time, and the next message only when the last
 * one went all the way: aedes works on all it can read at once, and then messages of one client overtake each other, and
 * those of QoS 1 that were overtaken by QoS 0 are lost as duplicates (moscajs/aedes#994).
 */
export class Gate extends Duplex {
  readonly #parts: GateParts;
  #isWanted = false;
  #isBusy = false;
  #hasEnded = false;
  #isGraceful = false;

  constructor(parts: GateParts) {
    super({ readableObjectMode: true, readableHighWaterMark: 1, writableHighWaterMark: NEVER_FULL_BYTES });
    this.#parts = parts;
  }

  /** More has come in, or the client may go on. */
  poke(): void {
    while (this.#isWanted && !this.#isBusy && !this.destroyed) {
      if (!this.#handOver()) return;
    }
  }

  /** aedes is through with what it has in hand. */
  release(): void {
    this.#isBusy = false;
    this.poke();
    if (!this.#isBusy) this.#parts.onIdle();
  }

  /** aedes has a packet in hand of which it says when it is through. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Nothing more comes in; what has come in is still worked on. */
  finish(): void {
    this.#hasEnded = true;
    this.poke();
  }

  override _read(): void {
    this.#isWanted = true;
    this.poke();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#parts.write(chunk);
    done();
  }

  /** aedes writes a packet in many small pieces. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#parts.write(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _destroy(_error: Error | null, done: (error: null) => void): void {
    this.#parts.onDestroy(this.#isGraceful);
    done(null);
  }

  /** False: there is nothing to hand over now. */
  #handOver(): boolean {
    const packet = this.#parts.next();
    if (packet === 'later') return false;
    if (packet === null) {
      if (this.#hasEnded) this.#isWanted = this.push(null);
      else this.#parts.onHungry();
      return false;
    }
    if ('fault' in packet) {
      this.#parts.onFault(packet.fault);
      return false;
    }
    this.#isWanted = this.#push(packet);
    return true;
  }

  #push(packet: Buffer): boolean {
    const type = typeOf(packet);
    this.#isBusy = WAITED_FOR.has(type);
    if (type === TYPE.disconnect) this.#isGraceful = true;
    return this.push(packet);
  }
}
