import { bodyFault, headerFault } from './packets.ts';

/** Not MQTT: the connection is to be cut. */
export interface Fault {
  readonly fault: string;
}

/** So much room is taken first for a packet that came in part; most are smaller. */
const FIRST_ROOM_BYTES = 1024;

const NO_BYTES = Buffer.alloc(0);

/**
 * Cuts what comes in into whole packets, in front of aedes: a packet that is too long, or that no client sends, ends at its
 * header instead of being collected. What waits for its end is copied into room of its own, however small the pieces
 * that it came in: a thousand pieces of one byte would otherwise keep a thousand buffers.
 */
export class Framer {
  #store: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #isOwn = false;

  /** Bytes of memory that it keeps. */
  get heldBytes(): number {
    return this.#start === this.#end && !this.#isOwn ? 0 : this.#store.length;
  }

  push(chunk: Buffer): void {
    if (this.#start === this.#end) this.#adopt(chunk);
    else this.#append(chunk);
  }

  /** The next whole packet, what is wrong with it, or null: more must come. */
  next(): Buffer | Fault | null {
    const header = this.#header();
    if (header === null || 'fault' in header) return header;
    const { headerBytes, packetBytes } = header;
    if (this.#end - this.#start < packetBytes) return this.#wait();
    const packet = this.#store.subarray(this.#start, this.#start + packetBytes);
    const fault = bodyFault(packet, headerBytes);
    if (fault !== null) return { fault };
    this.#start += packetBytes;
    return packet;
  }

  /** MQTT 3.1.1, 2.2: one byte of kind and flags, then the length in up to four bytes, seven bits each. */
  #header(): { headerBytes: number; packetBytes: number } | Fault | null {
    const first = this.#store[this.#start];
    if (this.#start === this.#end || first === undefined) return this.#wait();
    let length = 0;
    for (let at = 1; at <= 4; at += 1) {
      if (this.#start + at >= this.#end) return this.#wait();
      const digit = this.#store[this.#start + at] ?? 0;
      length += (digit & 127) * 128 ** (at - 1);
      if (digit < 128) {
        const fault = headerFault(first, length);
        return fault === null ? { headerBytes: at + 1, packetBytes: at + 1 + length } : { fault };
      }
    }
    return { fault: 'a length of five bytes' };
  }

  /** Nothing whole is left: what is kept is kept in little room. */
  #wait(): null {
    if (this.#start === this.#end) this.#forget();
    else if (!this.#isOwn) this.#own(0);
    return null;
  }

  #adopt(chunk: Buffer): void {
    this.#store = chunk;
    this.#start = 0;
    this.#end = chunk.length;
    this.#isOwn = false;
  }

  #append(chunk: Buffer): void {
    if (!this.#isOwn || this.#end + chunk.length > this.#store.length) this.#own(chunk.length);
    chunk.copy(this.#store, this.#end);
    this.#end += chunk.length;
  }

  /** Packets that were handed out lie in the old store: it is left to them. */
  #own(moreBytes: number): void {
    const heldBytes = this.#end - this.#start;
    let roomBytes = FIRST_ROOM_BYTES;
    while (roomBytes < heldBytes + moreBytes) roomBytes *= 2;
    const store = Buffer.allocUnsafeSlow(roomBytes);
    this.#store.copy(store, 0, this.#start, this.#end);
    this.#store = store;
    this.#start = 0;
    this.#end = heldBytes;
    this.#isOwn = true;
  }

  #forget(): void {
    this.#store = NO_BYTES;
    this.#start = 0;
    this.#end = 0;
    this.#isOwn = false;
  }
}
