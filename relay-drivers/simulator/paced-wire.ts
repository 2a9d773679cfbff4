import type { Clock } from '../clock.ts';
import { Airtime } from './airtime.ts';
import { isSameFormat, received } from './garble.ts';
import { Lane } from './lane.ts';
import { atMoment, EPSILON_MS } from './moment.ts';
import { type Random, spoil } from './spoil.ts';
import { charTimeMs, frameGapMs, type LineFormat } from './timing.ts';

export interface WireSettings extends LineFormat {
  /** The adapter hears itself: the host receives what it sends (wire-formats D). */
  readonly echo?: boolean;
  /** What a station says reaches the host in pieces of this many bytes; whole when absent. */
  readonly chunkBytes?: number;
  /** Hostile wiring: the boards are set to this, the host to the wire's own `baud` and `parity`. */
  readonly boardFormat?: LineFormat;
}

/** When a frame's first bit came, and when the silence after it ended it. */
export interface Heard {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** A board's way to speak on the wire. */
export interface Station {
  /** In order: never before what this station said earlier has left. */
  send(bytes: Uint8Array, notBeforeMs: number): void;
  /** Stops in mid-word and forgets what it meant to say: the board lost power. */
  fallSilent(): void;
}

type Hear = (frame: Uint8Array, heard: Heard) => void;

const HOST = 0;
/** Longer than any RTU frame (256): what is longer is noise, and only its length matters. */
const MAX_FRAME_BYTES = 300;

interface Frame {
  readonly bytes: number[];
  readonly startMs: number;
  endMs: number;
}

/**
 * A two-wire serial line with a host at one end and boards along it. Each character takes its time at the baud rate;
 * boards tell frames by the silence after them. The same wire lies behind an in-memory port and a pseudo terminal.
 */
export class PacedWire {
  /** Of the boards; so is the silence that ends a frame. */
  readonly charMs: number;
  readonly gapMs: number;
  readonly #settings: WireSettings;
  readonly #boardFormat: LineFormat;
  #hostFormat: LineFormat;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #airtime = new Airtime();
  readonly #echoes: Lane;
  readonly #boards: Hear[] = [];
  readonly #hosts = new Set<(bytes: Uint8Array) => void>();
  #hostFreeMs = 0;
  #frame: Frame | null = null;
  #cancelSilence: (() => void) | null = null;

  constructor(settings: WireSettings, clock: Clock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#echoes = new Lane(clock);
    this.#hostFormat = settings;
    this.#boardFormat = settings.boardFormat ?? settings;
    this.charMs = charTimeMs(this.#boardFormat);
    this.gapMs = frameGapMs(this.#boardFormat);
  }

  /** The host opens its port with these settings; whether the boards have the same is not its to know. */
  tuneHost(format: LineFormat): void {
    this.#hostFormat = format;
  }

  /** Puts a board on the wire; it hears every frame of the host. */
  join(hear: Hear): Station {
    const sender = this.#boards.push(hear);
    const lane = new Lane(this.#clock);
    let freeMs = 0;
    const say = (bytes: Uint8Array, notBeforeMs: number) => {
      const startMs = Math.max(notBeforeMs, freeMs);
      freeMs = startMs + bytes.length * this.charMs;
      this.#carry(sender, lane, bytes, startMs, freeMs);
    };
    return {
      send: (bytes, notBeforeMs) => {
        for (const piece of this.#pieces(bytes)) say(piece, notBeforeMs);
      },
      fallSilent: () => {
        lane.clear();
        freeMs = this.#clock.nowMs();
        this.#airtime.cut(sender, freeMs);
      },
    };
  }

  /** The host's bytes, behind those it sent before. Returns when the last of them will have left. */
  hostSends(bytes: Uint8Array): number {
    const startMs = Math.max(this.#clock.nowMs(), this.#hostFreeMs);
    this.#hostFreeMs = startMs + bytes.length * charTimeMs(this.#hostFormat);
    this.#airtime.occupy(HOST, startMs, this.#hostFreeMs);
    this.#gather(bytes, startMs);
    if (this.#settings.echo) this.#echoes.at(this.#hostFreeMs, () => this.#tellHost(bytes));
    return this.#hostFreeMs;
  }

  /** How long the host's bytes that wait already will take. */
  backlogMs(): number {
    return Math.max(0, this.#hostFreeMs - this.#clock.nowMs());
  }

  /** The cable is out: the rest of what the host was sending does not arrive, and half a frame is none. */
  hostFallsSilent(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    this.#frame = null;
    this.#echoes.clear();
    this.#hostFreeMs = this.#clock.nowMs();
    this.#airtime.cut(HOST, this.#hostFreeMs);
  }

  /** Returns what stops the listening. */
  onHostHears(listener: (bytes: Uint8Array) => void): () => void {
    this.#hosts.add(listener);
    return () => this.#hosts.delete(listener);
  }

  #carry(sender: number, lane: Lane, bytes: Uint8Array, startMs: number, endMs: number): void {
    this.#airtime.occupy(sender, startMs, endMs);
    lane.at(endMs, () => this.#hostHears(this.#heardBy(sender, bytes, startMs, endMs)));
  }

  #gather(bytes: Uint8Array, startMs: number): void {
    // The wire's own times decide, not a late timer: the silence before these bytes may have ended a frame already.
    if (this.#frame && startMs - this.#frame.endMs > this.gapMs - EPSILON_MS) this.#endFrame();
    this.#frame ??= { bytes: [], startMs, endMs: startMs };
    this.#frame.bytes.push(...bytes.subarray(0, MAX_FRAME_BYTES - this.#frame.bytes.length));
    this.#frame.endMs = this.#hostFreeMs;
    this.#cancelSilence?.();
    this.#cancelSilence = atMoment(this.#clock, this.#hostFreeMs + this.gapMs, () => this.#endFrame());
  }

  #endFrame(): void {
    const frame = this.#frame;
    this.#cancelSilence?.();
    this.#cancelSilence = null;
    this.#frame = null;
    if (!frame) return;
    const heard = this.#toBoards(Uint8Array.from(frame.bytes));
    if (heard === null) return;
    const bytes = this.#heardBy(HOST, heard, frame.startMs, frame.endMs);
    for (const hear of this.#boards) hear(bytes, { startedMs: frame.startMs, endedMs: frame.endMs + this.gapMs });
  }

  #heardBy(sender: number, bytes: Uint8Array, startMs: number, endMs: number): Uint8Array {
    return this.#airtime.collided(sender, startMs, endMs) ? spoil(bytes, this.#random) : bytes;
  }

  /** A board drops a frame in which a character was wrong (Modbus over serial line, 2.5.1). */
  #toBoards(bytes: Uint8Array): Uint8Array | null {
    if (isSameFormat(this.#hostFormat, this.#boardFormat)) return bytes;
    const heard = received(bytes, this.#hostFormat, this.#boardFormat);
    return heard.some(({ isBad }) => isBad) ? null : Uint8Array.from(heard, ({ byte }) => byte);
  }

  /** A host's port leaves single characters out (IGNPAR, as serialport sets it). */
  #hostHears(bytes: Uint8Array): void {
    if (isSameFormat(this.#hostFormat, this.#boardFormat)) return this.#tellHost(bytes);
    const heard = received(bytes, this.#boardFormat, this.#hostFormat).filter(({ isBad }) => !isBad);
    if (heard.length > 0) this.#tellHost(Uint8Array.from(heard, ({ byte }) => byte));
  }

  #tellHost(bytes: Uint8Array): void {
    for (const listener of this.#hosts) listener(bytes);
  }

  #pieces(bytes: Uint8Array): Uint8Array[] {
    const size = this.#settings.chunkBytes ?? bytes.length;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    return pieces;
  }
}
