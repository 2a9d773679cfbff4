import { decodeRegisterRequest, encodeRegistersReply, type RegisterRequest } from '../../modbus/registers.ts';
import { decodeWriteRegisters, encodeWroteRegisters, type WriteRegisters } from '../../modbus/write-registers.ts';
import type { Bench, Protocol } from '../../simulator/protocol.ts';

const READ_HOLDING = 0x03;
/** Boards of this make answer unit 0 too, unlike the standard (recorded; wire-formats A1). */
const BROADCAST = 0;

const ADDRESS_REGISTER = 0x0000;
const BAUD_REGISTER = 0x03e8;
const BAUD_9600 = 3;

/** Relay n has five registers from 3 + 5(n-1) on; the first two are what to do and for how many tenths of a second. */
const FIRST_PULSE_REGISTER = 3;
const REGISTERS_PER_RELAY = 5;
const PULSE_OFF = 2;
const PULSE_ON = 4;

/** An LCTech board: what `coils` does, its address and baud rate to be read, and pulses by FC10. */
export function withLctechRegisters(coils: Protocol): Protocol {
  return {
    hear: (frame, unit, bench) => {
      const reply = readSetting(decodeRegisterRequest(frame), unit) ?? pulse(decodeWriteRegisters(frame), unit, bench);
      return reply ?? coils.hear(frame, unit, bench);
    },
  };
}

function readSetting(request: RegisterRequest | null, unit: number): Uint8Array | null {
  if (request?.kind !== 'read_holding' || request.quantity !== 1) return null;
  if (request.unit !== unit && request.unit !== BROADCAST) return null;
  if (request.address === ADDRESS_REGISTER) return encodeRegistersReply(request.unit, READ_HOLDING, [unit]);
  if (request.address === BAUD_REGISTER) return encodeRegistersReply(request.unit, READ_HOLDING, [BAUD_9600]);
  return null;
}

function pulse(request: WriteRegisters | null, unit: number, bench: Bench): Uint8Array | null {
  if (request?.unit !== unit || request.values.length !== 2) return null;
  const channel = (request.address - FIRST_PULSE_REGISTER) / REGISTERS_PER_RELAY + 1;
  const [what, tenths = 0] = request.values;
  const isKnown = Number.isInteger(channel) && channel >= 1 && channel <= bench.channels;
  if (!isKnown || (what !== PULSE_ON && what !== PULSE_OFF)) return null;
  bench.pulse(channel, what === PULSE_ON, tenths * 100);
  return encodeWroteRegisters(request);
}
