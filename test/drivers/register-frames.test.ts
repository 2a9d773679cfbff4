import { describe, expect, it } from 'vitest';
import {
  decodeRegisterRequest,
  encodeRegisterRequest,
  encodeRegistersReply,
  findRegisterReply,
  type RegisterRequest,
} from '../../relay-drivers/modbus/registers.ts';
import {
  decodeWriteRegisters,
  encodeWriteRegisters,
  encodeWroteRegisters,
  MAX_WRITE_REGISTERS,
  type WriteRegisters,
} from '../../relay-drivers/modbus/write-registers.ts';
import { captured, hex, text } from './captured.ts';

/** The frames of wire-formats A1 that carry registers: settings of coil boards, most of which the hub never sends. */

const read = (unit: number, address: number, quantity: number): RegisterRequest => ({
  kind: 'read_holding',
  unit,
  address,
  quantity,
});
const write = (unit: number, address: number, value: number): RegisterRequest => ({
  kind: 'write_register',
  unit,
  address,
  value,
});

const REQUESTS: readonly [frame: string, request: RegisterRequest][] = [
  ['00 03 00 00 00 01 85 DB', read(0, 0, 1)],
  ['FF 03 03 E8 00 01 11 A4', read(255, 0x03e8, 1)],
  ['01 03 10 00 00 08 40 CC', read(1, 0x1000, 8)],
  ['00 03 40 00 00 01 90 1B', read(0, 0x4000, 1)],
  ['01 03 80 00 00 01 AD CA', read(1, 0x8000, 1)],
  ['01 06 10 00 00 01 4C CA', write(1, 0x1000, 1)],
  ['00 06 40 00 00 01 5C 1B', write(0, 0x4000, 1)],
];

const REPLIES: readonly [frame: string, request: RegisterRequest, values: number[]][] = [
  ['00 03 02 00 01 44 44', read(0, 0, 1), [1]],
  ['00 03 02 00 FF C5 C4', read(0, 0, 1), [255]],
  ['FF 03 02 00 04 90 53', read(255, 0x03e8, 1), [4]],
];

const WRITES: readonly [frame: string, request: WriteRegisters, reply: string | null][] = [
  // This one is answered with the whole request.
  ['00 10 00 00 00 01 02 00 01 6A 00', { unit: 0, address: 0, values: [1] }, null],
  ['FF 10 03 E9 00 01 02 00 04 CA 0E', { unit: 255, address: 0x03e9, values: [4] }, 'FF 10 03 E9 00 01 C5 A7'],
  ['FF 10 00 03 00 02 04 00 04 00 14 C5 9F', { unit: 255, address: 3, values: [4, 20] }, 'FF 10 00 03 00 02 A4 16'],
];

describe('golden frames', () => {
  it.each(REQUESTS)('request %s', (frame, request) => {
    expect(text(encodeRegisterRequest(request))).toBe(frame);
    expect(decodeRegisterRequest(hex(frame))).toEqual(request);
  });

  it.each(REPLIES)('reply %s', (frame, request, values) => {
    expect(text(encodeRegistersReply(request.unit, 3, values))).toBe(frame);
    expect(findRegisterReply(request, hex(frame))?.reply).toEqual({ kind: 'registers', values });
  });

  it.each(WRITES)('%s', (frame, request, reply) => {
    expect(text(encodeWriteRegisters(request))).toBe(frame);
    expect(decodeWriteRegisters(hex(frame))).toEqual(request);
    if (reply !== null) expect(text(encodeWroteRegisters(request))).toBe(reply);
  });

  it.each(['aliexpress-8relay-8input.real', 'lctech-lc-modbus.manual', 'waveshare-relay.wiki'])(
    'every register frame of %s is in the tables above',
    (file) => {
      const known = [...REQUESTS, ...REPLIES, ...WRITES].flatMap(([frame, , more]) =>
        typeof more === 'string' ? [frame, more] : [frame],
      );
      const frames = captured(file).filter(({ bytes }) => [3, 6, 16].includes(bytes[1] ?? 0));
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.map(({ bytes }) => text(bytes)).filter((frame) => !known.includes(frame))).toEqual([]);
    },
  );
});

describe('misprints of the sources are refused', () => {
  it.each(['02 06 00 02 01 00 29 9A', '01 04 00 46 00 02 90 E1', '01 06 10 00 00 02 4C CA'])('%s', (frame) => {
    expect(decodeRegisterRequest(hex(frame))).toBeNull();
  });

  it.each(['02 06 00 02 01 00 29 A9', '01 04 00 46 00 02 90 1E', '01 06 10 00 00 02 0C CB'])('right: %s', (frame) => {
    expect(decodeRegisterRequest(hex(frame))).not.toBeNull();
  });
});

describe('FC10', () => {
  it.each([
    ['a count that is not that of its bytes', '00 10 00 00 00 02 02 00 01 6A 44'],
    ['no registers', '00 10 00 00 00 00 00 19 90'],
    ['a byte missing', '00 10 00 00 00 01 02 00 6A 00'],
    ['another function', 'FF 03 03 E8 00 01 11 A4'],
    ['nothing', '00'],
  ])('%s is no request', (_, frame) => {
    expect(decodeWriteRegisters(hex(frame))).toBeNull();
  });

  it.each([
    [[], '1 to 123 registers'],
    [new Array<number>(MAX_WRITE_REGISTERS + 1).fill(0), '1 to 123 registers'],
    [[65_536], 'from 0 to 65535'],
  ])('an encoder refuses what does not fit: %#', (values, message) => {
    expect(() => encodeWriteRegisters({ unit: 1, address: 0, values })).toThrow(message);
  });
});
