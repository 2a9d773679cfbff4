import type { Bench } from '../../simulator/protocol.ts';
import {
  ALL_COILS,
  COIL_OFF,
  COIL_ON,
  COIL_TOGGLE,
  type CoilRequest,
  encodeBitsReply,
  encodeException,
  encodeWriteCoilsReply,
  functionOf,
} from '../codec.ts';

/** The bytes of the reply; null: this board says nothing to that; undefined: the next behaviour is asked. */
export type Outcome = Uint8Array | null | undefined;

/** One thing a board can do with a request. `frame` is the request as it stood on the wire. */
export type Behaviour = (request: CoilRequest, frame: Uint8Array, bench: Bench) => Outcome;

/** Reads and FC0F work in whole bytes: a board of 4 relays answers for 8. */
export function widthOf(bench: Bench): number {
  return Math.ceil(bench.channels / 8) * 8;
}

function refuse(request: CoilRequest, exception: 2 | 3): Uint8Array {
  return encodeException(request.unit, functionOf(request), exception);
}

export const readBits: Behaviour = (request, _frame, bench) => {
  if (request.kind !== 'read_coils' && request.kind !== 'read_inputs') return undefined;
  const { address, quantity } = request;
  if (address + quantity > widthOf(bench)) return refuse(request, 2);
  const values = request.kind === 'read_coils' ? bench.registers() : bench.inputs();
  const bits = Array.from({ length: quantity }, (_, index) => values[address + index] ?? false);
  return encodeBitsReply(request.kind, request.unit, bits);
};

export const writeCoil: Behaviour = (request, frame, bench) => {
  if (request.kind !== 'write_coil') return undefined;
  if (request.address >= bench.channels) return refuse(request, 2);
  if (request.value !== COIL_ON && request.value !== COIL_OFF) return refuse(request, 3);
  bench.set(request.address + 1, request.value === COIL_ON);
  return frame;
};

/** Waveshare only: FC05 with the value 5500. */
export const toggleCoil: Behaviour = (request, frame, bench) => {
  if (request.kind !== 'write_coil' || request.value !== COIL_TOGGLE) return undefined;
  if (request.address >= bench.channels) return undefined;
  bench.flip(request.address + 1);
  return frame;
};

/** Waveshare only: FC05 to the address 00FF means every relay. */
export const writeEveryCoil: Behaviour = (request, frame, bench) => {
  if (request.kind !== 'write_coil' || request.address !== ALL_COILS) return undefined;
  const { value } = request;
  if (value !== COIL_ON && value !== COIL_OFF && value !== COIL_TOGGLE) return refuse(request, 3);
  for (let channel = 1; channel <= bench.channels; channel += 1) {
    if (value === COIL_TOGGLE) bench.flip(channel);
    else bench.set(channel, value === COIL_ON);
  }
  return frame;
};

/** Waveshare only: the board itself switches back. */
export const pulseCoil: Behaviour = (request, frame, bench) => {
  if (request.kind !== 'pulse') return undefined;
  if (request.coil >= bench.channels) return refuse(request, 2);
  bench.pulse(request.coil + 1, request.isOn, request.tenths * 100);
  return frame;
};

export const writeCoils: Behaviour = (request, _frame, bench) => {
  if (request.kind !== 'write_coils') return undefined;
  const { address, bits } = request;
  if (address + bits.length > widthOf(bench)) return refuse(request, 2);
  bits.forEach((isOn, index) => {
    bench.set(address + index + 1, isOn);
  });
  return encodeWriteCoilsReply(request.unit, address, bits.length);
};

/** LCTech: reads and FC0F are answered for the whole board (0,8) or not at all (wire-formats A1, quirk 3). */
export const silentUnlessWhole: Behaviour = (request, _frame, bench) => {
  if (request.kind === 'write_coil' || request.kind === 'pulse') return undefined;
  const quantity = request.kind === 'write_coils' ? request.bits.length : request.quantity;
  return request.address === 0 && quantity === widthOf(bench) ? undefined : null;
};

/** The end of every list: a function this board has, an address it has not. */
export const unknownAddress: Behaviour = (request) => refuse(request, 2);
