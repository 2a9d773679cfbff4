import type { FoundFrame } from '../modbus/find-reply.ts';
import { findRegisterReply, type RegisterReply, type RegisterRequest } from '../modbus/registers.ts';

/**
 * R421A08, R4D8A08 and their like (wire-formats A2): FC06 to the channel's register, the command in the high byte. Their
 * manuals call "open" what closes the contact; here it is `on`. Pure; the driver and the simulated board share it.
 */
export const COMMAND = {
  on: 0x01,
  off: 0x02,
  toggle: 0x03,
  /** This relay on, every other off. */
  interlock: 0x04,
  /** On for one second. */
  momentary: 0x05,
  /** On for as many seconds as the low byte says. */
  delay: 0x06,
  allOn: 0x07,
  allOff: 0x08,
} as const;

export type Command = keyof typeof COMMAND;

/** Channels count from 1; register 0 is all of them. */
export const ALL_CHANNELS = 0;

/** The address is six DIP switches. */
export const MAX_UNIT = 63;

const ON = 1;
const OFF = 0;

export function commandRequest(unit: number, channel: number, command: Command, seconds = 0): RegisterRequest {
  return { kind: 'write_register', unit, address: channel, value: (COMMAND[command] << 8) | (seconds & 0xff) };
}

export function readRelaysRequest(unit: number, channels: number): RegisterRequest {
  return { kind: 'read_holding', unit, address: 1, quantity: channels };
}

/** A reply in which a register is neither on nor off is no reply of such a board. */
export function findFc06Reply(request: RegisterRequest, bytes: Uint8Array): FoundFrame<RegisterReply> | null {
  const found = findRegisterReply(request, bytes);
  const isRelays =
    found?.reply.kind !== 'registers' || found.reply.values.every((value) => value === ON || value === OFF);
  return isRelays ? found : null;
}

export function relaysOf(values: readonly number[]): boolean[] {
  return values.map((value) => value === ON);
}

export function registersOf(relays: readonly boolean[]): number[] {
  return relays.map((isOn) => (isOn ? ON : OFF));
}
