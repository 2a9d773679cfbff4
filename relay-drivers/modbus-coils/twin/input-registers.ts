import {
  decodeRegisterRequest,
  encodeRegistersReply,
  type RegisterRequest,
  registerFunction,
} from '../../modbus/registers.ts';
import type { Bench, Protocol } from '../../simulator/protocol.ts';
import { encodeException } from '../codec.ts';
import { INPUT_MODE_BASE, INPUT_MODES } from '../input-modes.ts';
import { widthOf } from './behaviours.ts';

const BROADCAST = 0;

/** A Waveshare (D) board: what `coils` does, and registers that say what each input does to its relay. */
export function withInputModes(coils: Protocol): Protocol {
  // No vendor says that they outlast a power cut, so here they do not (wire-formats A1, quirk 5).
  const modes: number[] = [];
  return {
    hear: (frame, unit, bench) => {
      const request = decodeRegisterRequest(frame);
      if (request === null) return coils.hear(frame, unit, bench);
      if (request.unit !== unit && request.unit !== BROADCAST) return null;
      const reply = carryOut(request, frame, modes, bench);
      return request.unit === BROADCAST ? null : reply;
    },
    inputChanged: (input, isPressed, bench) =>
      obey(INPUT_MODES[modes[input - 1] ?? 0] ?? 'none', input, isPressed, bench),
  };
}

function carryOut(request: RegisterRequest, frame: Uint8Array, modes: number[], bench: Bench): Uint8Array {
  const first = request.address - INPUT_MODE_BASE;
  const count = request.kind === 'write_register' ? 1 : request.quantity;
  if (request.kind === 'read_input') return refuse(request, 1);
  if (count < 1) return refuse(request, 3);
  if (first < 0 || first + count > widthOf(bench)) return refuse(request, 2);
  if (request.kind === 'write_register') return write(request, first, frame, modes);
  const values = Array.from({ length: count }, (_, index) => modes[first + index] ?? 0);
  return encodeRegistersReply(request.unit, registerFunction(request), values);
}

function write(
  request: RegisterRequest & { readonly value: number },
  index: number,
  frame: Uint8Array,
  modes: number[],
): Uint8Array {
  if (request.value >= INPUT_MODES.length) return refuse(request, 3);
  modes[index] = request.value;
  return frame;
}

function refuse(request: RegisterRequest, code: 1 | 2 | 3): Uint8Array {
  return encodeException(request.unit, registerFunction(request), code);
}

function obey(mode: (typeof INPUT_MODES)[number], channel: number, isPressed: boolean, bench: Bench): void {
  if (mode === 'linkage') bench.set(channel, isPressed);
  else if (mode === 'edge' || (mode === 'toggle' && isPressed)) bench.flip(channel);
}
