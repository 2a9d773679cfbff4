import { HTTP_LIMITS } from './limits.ts';
import type { LiveEvent } from './port.ts';

/** One event as every client gets it: turned into bytes once. */
export interface Frame {
  readonly seq: number;
  readonly bytes: Buffer;
  readonly isOfLock: boolean;
}

function frameOf({ event, decision, appliance, load, lock }: LiveEvent): Frame {
  const { seq, kind } = event;
  const { at, appliance: applianceId } = decision;
  const message = { type: 'event', seq, at, kind, decision, appliance, appliance_id: applianceId, load, lock };
  return { seq, bytes: ownBytes(JSON.stringify(message)), isOfLock: lock !== null };
}

/** Memory of its own: a small buffer of Node's keeps alive the 64 kB that it was cut from, and a thousand stay here. */
function ownBytes(text: string): Buffer {
  return Buffer.from(new TextEncoder().encode(text).buffer);
}

/** The last events, for clients that come back: as many as the limits on their number and bytes allow. */
export class Ring {
  readonly #frames: Frame[] = [];
  #bytes = 0;
  /** Everything after this one is here. */
  #floorSeq: number;
  #newestSeq: number;

  constructor(seq: number) {
    this.#floorSeq = seq;
    this.#newestSeq = seq;
  }

  add(live: LiveEvent): Frame {
    const frame = frameOf(live);
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
    this.#newestSeq = frame.seq;
    while (this.#frames.length > HTTP_LIMITS.liveRing || this.#bytes > HTTP_LIMITS.liveRingBytes) this.#forgetOldest();
    return frame;
  }

  /** An event that no client may see, yet counts as seen. */
  skip(seq: number): void {
    this.#newestSeq = seq;
  }

  /** What a client missed that knows everything up to `seq`; null when that is not known here. */
  since(seq: number): readonly Frame[] | null {
    if (seq < this.#floorSeq || seq > this.#newestSeq) return null;
    return this.#frames.filter((frame) => frame.seq > seq);
  }

  #forgetOldest(): void {
    const oldest = this.#frames.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes.length;
    this.#floorSeq = oldest.seq;
  }
}
