import { decodeRegisterRequest, encodeRegistersReply, type RegisterRequest } from '../modbus/registers.ts';
import type { Bench, Flavour } from '../simulator/protocol.ts';
import { ALL_CHANNELS, COMMAND, MAX_UNIT, registersOf } from './codec.ts';

/** FC03 answers for so many channels at once, also where the board has fewer relays (wire-formats A2). */
const READ_WIDTH = 16;

export const MODBUS_FC06_TWINS = {
  r421a08: {
    unit: 1,
    powerUpText: null,
    protocol: () => ({ hear }),
  },
} as const satisfies Record<string, Flavour>;

/** Says nothing to what it does not know: no source tells of an exception. */
function hear(frame: Uint8Array, unit: number, bench: Bench): Uint8Array | null {
  const request = decodeRegisterRequest(frame);
  // Address 0 is a position of the DIP switches here, not everybody; beyond 63 there is none.
  if (request?.unit !== unit || unit > MAX_UNIT) return null;
  return request.kind === 'write_register' ? command(request, frame, bench) : read(request, bench);
}

function read(request: RegisterRequest & { readonly quantity: number }, bench: Bench): Uint8Array | null {
  const { kind, unit, address, quantity } = request;
  const last = address + quantity - 1;
  if (kind !== 'read_holding' || address < 1 || quantity < 1 || last > Math.max(bench.channels, READ_WIDTH))
    return null;
  const registers = bench.registers();
  const relays = Array.from({ length: quantity }, (_, index) => registers[address - 1 + index] ?? false);
  return encodeRegistersReply(unit, 0x03, registersOf(relays));
}

/** The answer is the request itself. */
function command(
  { address, value }: RegisterRequest & { readonly value: number },
  frame: Uint8Array,
  bench: Bench,
): Uint8Array | null {
  const isDone = address === ALL_CHANNELS ? moveAll(value >>> 8, bench) : moveOne(address, value, bench);
  return isDone ? frame : null;
}

function moveAll(code: number, bench: Bench): boolean {
  if (code !== COMMAND.allOn && code !== COMMAND.allOff) return false;
  for (let channel = 1; channel <= bench.channels; channel += 1) bench.set(channel, code === COMMAND.allOn);
  return true;
}

function moveOne(channel: number, value: number, bench: Bench): boolean {
  if (channel > bench.channels) return false;
  switch (value >>> 8) {
    case COMMAND.on:
    case COMMAND.off:
      bench.set(channel, value >>> 8 === COMMAND.on);
      return true;
    case COMMAND.toggle:
      bench.flip(channel);
      return true;
    case COMMAND.interlock:
      interlock(channel, bench);
      return true;
    case COMMAND.momentary:
      bench.pulse(channel, true, 1000);
      return true;
    case COMMAND.delay:
      bench.pulse(channel, true, (value & 0xff) * 1000);
      return true;
    default:
      return false;
  }
}

/** Breaks before it makes. */
function interlock(channel: number, bench: Bench): void {
  for (let other = 1; other <= bench.channels; other += 1) if (other !== channel) bench.set(other, false);
  bench.set(channel, true);
}
