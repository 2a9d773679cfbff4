import type { Clock } from '../../relay-drivers/clock.ts';
import {
  COIL_ON,
  type CoilRequest,
  encodeBitsReply,
  encodeException,
  encodeWriteCoilsReply,
  functionOf,
} from '../../relay-drivers/modbus-coils/codec.ts';
import { type HeardRequest, RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { memoryWire } from '../../relay-drivers/transport/memory.ts';
import type { BytePipe, OpenPipe } from '../../relay-drivers/transport/pipe.ts';
import { text } from './captured.ts';

/** What happens to one reply. */
export type Fault =
  | { readonly kind: 'lost' | 'corrupt' | 'cut' | 'deaf' }
  | { readonly kind: 'late'; readonly byMs: number }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'ahead' | 'instead'; readonly bytes: Uint8Array };

export interface FakeBoardOptions {
  readonly unit?: number;
  readonly channels?: number;
  /** The adapter hands back what is sent. */
  readonly echoes?: boolean;
  readonly baud?: number;
  readonly onChange?: (coils: readonly boolean[]) => void;
}

/** A board behind a wire in memory, paced like 9600 baud, for tests of the line. Faults are used up one per request. */
export class FakeBoard {
  readonly coils: boolean[];
  inputs = new Array<boolean>(8).fill(false);
  /** Every frame that reached the board, in order. */
  readonly frames: string[] = [];
  readonly faults: Fault[] = [];
  isReachable = true;
  openings = 0;
  readonly #clock: Clock;
  readonly #options: Required<FakeBoardOptions>;
  #wire: BytePipe | null = null;

  constructor(clock: Clock, options: FakeBoardOptions = {}) {
    this.#clock = clock;
    this.#options = { unit: 1, channels: 8, echoes: false, baud: 9600, onChange: () => {}, ...options };
    this.coils = new Array<boolean>(this.#options.channels).fill(false);
  }

  readonly open: OpenPipe = async () => {
    this.openings += 1;
    if (!this.isReachable) throw new Error('no such device');
    const { hub, board } = memoryWire();
    const stream = new RequestStream();
    this.#wire = board;
    board.onData((bytes) => this.#hear(board, bytes, stream));
    return hub;
  };

  /** Pulls the cable. */
  unplug(): void {
    this.isReachable = false;
    this.#wire?.close();
  }

  /** Switches a relay over by the board's own button. */
  press(channel: number): void {
    this.coils[channel - 1] = !this.coils[channel - 1];
    this.#options.onChange(this.coils);
  }

  /** Says something unasked. */
  say(bytes: Uint8Array): void {
    this.#send(this.#wire, bytes);
  }

  #hear(wire: BytePipe, bytes: Uint8Array, stream: RequestStream): void {
    if (this.#options.echoes) this.#later(bytes.length, () => this.#send(wire, bytes));
    for (const heard of stream.push(bytes)) this.#take(wire, heard);
  }

  #take(wire: BytePipe, heard: HeardRequest): void {
    this.frames.push(text(heard.frame));
    const fault = this.faults.shift();
    if (fault?.kind === 'cut') return this.unplug();
    if (fault?.kind === 'deaf' || heard.request.unit !== this.#options.unit || heard.request.kind === 'refused') return;
    const reply =
      fault?.kind === 'exception'
        ? encodeException(this.#options.unit, functionOf(heard.request), fault.code)
        : this.#obey(heard.request, heard.frame);
    const sent = spoilt(reply, fault);
    const extraMs = fault?.kind === 'late' ? fault.byMs : 0;
    if (sent) this.#later(heard.frame.length + 3.5 + sent.length, () => this.#send(wire, sent), extraMs);
  }

  #obey(request: CoilRequest, frame: Uint8Array): Uint8Array {
    switch (request.kind) {
      case 'read_coils':
        return encodeBitsReply(request.kind, request.unit, this.coils);
      case 'read_inputs':
        return encodeBitsReply(request.kind, request.unit, this.inputs);
      case 'write_coil':
        this.coils[request.address] = request.value === COIL_ON;
        this.#options.onChange(this.coils);
        return frame;
      case 'write_coils':
        request.bits.forEach((isOn, index) => {
          if (index < this.coils.length) this.coils[index] = isOn;
        });
        this.#options.onChange(this.coils);
        return encodeWriteCoilsReply(request.unit, request.address, request.bits.length);
      case 'pulse':
        return frame;
    }
  }

  #later(chars: number, run: () => void, extraMs = 0): void {
    this.#clock.after((chars * 10_000) / this.#options.baud + extraMs, run);
  }

  #send(wire: BytePipe | null, bytes: Uint8Array): void {
    wire?.write(bytes).catch(() => {});
  }
}

function spoilt(reply: Uint8Array, fault: Fault | undefined): Uint8Array | null {
  switch (fault?.kind) {
    case 'lost':
      return null;
    case 'corrupt':
      return reply.map((byte, index) => (index === reply.length - 3 ? byte ^ 0x03 : byte));
    case 'ahead':
      return Uint8Array.from([...fault.bytes, ...reply]);
    case 'instead':
      return fault.bytes;
    default:
      return reply;
  }
}
