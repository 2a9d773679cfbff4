import { describe, expect, it } from 'vitest';
import {
  ALL_COILS,
  COIL_OFF,
  COIL_ON,
  COIL_TOGGLE,
  type CoilRequest,
  encodeBitsReply,
  encodeException,
  encodeRequest,
  encodeWriteCoilsReply,
} from '../../relay-drivers/modbus-coils/codec.ts';
import { type CoilReply, findReply } from '../../relay-drivers/modbus-coils/replies.ts';
import { RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { captured, hex, text } from './captured.ts';

const read = (unit: number, address: number, quantity: number): CoilRequest => ({
  kind: 'read_coils',
  unit,
  address,
  quantity,
});
const inputs = (unit: number): CoilRequest => ({ kind: 'read_inputs', unit, address: 0, quantity: 8 });
const write = (unit: number, address: number, value: number): CoilRequest => ({
  kind: 'write_coil',
  unit,
  address,
  value,
});
const writeAll = (unit: number, count: number, isOn: boolean): CoilRequest => ({
  kind: 'write_coils',
  unit,
  address: 0,
  bits: new Array<boolean>(count).fill(isOn),
});
const pulse = (coil: number, isOn: boolean, tenths: number): CoilRequest => ({
  kind: 'pulse',
  unit: 1,
  coil,
  isOn,
  tenths,
});
const bits = (count: number, ...on: number[]): boolean[] =>
  Array.from({ length: count }, (_, index) => on.includes(index + 1));

/** Every request frame of wire-formats A1 and of the captures that is about coils. */
const REQUESTS: readonly [frame: string, request: CoilRequest][] = [
  ['01 02 00 00 00 08 79 CC', inputs(1)],
  ['01 01 00 00 00 08 3D CC', read(1, 0, 8)],
  ['01 01 00 00 00 01 FD CA', read(1, 0, 1)],
  ['01 01 00 05 00 01 ED CB', read(1, 5, 1)],
  ['01 05 00 05 FF 00 9C 3B', write(1, 5, COIL_ON)],
  ['01 05 00 05 00 00 DD CB', write(1, 5, COIL_OFF)],
  ['01 05 00 00 FF 00 8C 3A', write(1, 0, COIL_ON)],
  ['01 05 00 00 00 00 CD CA', write(1, 0, COIL_OFF)],
  ['01 05 00 00 55 00 F2 9A', write(1, 0, COIL_TOGGLE)],
  ['01 05 00 FF FF 00 BC 0A', write(1, ALL_COILS, COIL_ON)],
  ['01 05 00 FF 00 00 FD FA', write(1, ALL_COILS, COIL_OFF)],
  ['01 05 00 FF 55 00 C2 AA', write(1, ALL_COILS, COIL_TOGGLE)],
  ['01 05 02 00 00 07 8D B0', pulse(0, true, 7)],
  ['01 05 02 01 00 08 9C 74', pulse(1, true, 8)],
  ['01 0F 00 00 00 08 01 FF BE D5', writeAll(1, 8, true)],
  ['01 0F 00 00 00 20 04 FF FF FF FF C5 1C', writeAll(1, 32, true)],
  ['01 01 00 00 00 20 3D D2', read(1, 0, 32)],
  // The oldest Waveshare text: relays from 1 and an odd value (quirk 4).
  ['01 05 00 01 01 00 9D 9A', write(1, 1, 0x0100)],
  ['FF 05 00 00 FF 00 99 E4', write(255, 0, COIL_ON)],
  ['FF 05 00 00 00 00 D8 14', write(255, 0, COIL_OFF)],
  ['FF 0F 00 00 00 08 01 FF 30 1D', writeAll(255, 8, true)],
  ['FF 0F 00 00 00 08 01 00 70 5D', writeAll(255, 8, false)],
  ['FF 01 00 00 00 08 28 12', read(255, 0, 8)],
  ['FF 02 00 00 00 08 6C 12', inputs(255)],
];

const asBits = (values: boolean[]): CoilReply => ({ kind: 'bits', bits: values });
const written: CoilReply = { kind: 'written' };

const REPLIES: readonly [frame: string, request: CoilRequest, reply: CoilReply, encoded: Uint8Array][] = [
  ['01 02 01 20 A0 50', inputs(1), asBits(bits(8, 6)), encodeBitsReply('read_inputs', 1, bits(8, 6))],
  ['01 02 01 00 A1 88', inputs(1), asBits(bits(8)), encodeBitsReply('read_inputs', 1, bits(8))],
  ['01 01 01 60 51 A0', read(1, 0, 8), asBits(bits(8, 6, 7)), encodeBitsReply('read_coils', 1, bits(8, 6, 7))],
  ['01 01 01 05 91 8B', read(1, 0, 8), asBits(bits(8, 1, 3)), encodeBitsReply('read_coils', 1, bits(8, 1, 3))],
  ['01 01 01 01 90 48', read(1, 5, 1), asBits([true]), encodeBitsReply('read_coils', 1, [true])],
  ['01 01 01 00 51 88', read(1, 5, 1), asBits([false]), encodeBitsReply('read_coils', 1, [false])],
  ['01 01 04 00 00 00 01 3A 11', read(1, 0, 32), asBits(bits(32, 25)), encodeBitsReply('read_coils', 1, bits(32, 25))],
  ['FF 01 01 01 A1 A0', read(255, 0, 8), asBits(bits(8, 1)), encodeBitsReply('read_coils', 255, bits(8, 1))],
  ['FF 02 01 01 51 A0', inputs(255), asBits(bits(8, 1)), encodeBitsReply('read_inputs', 255, bits(8, 1))],
  ['FF 02 01 04 91 A3', inputs(255), asBits(bits(8, 3)), encodeBitsReply('read_inputs', 255, bits(8, 3))],
  ['01 0F 00 00 00 08 54 0D', writeAll(1, 8, true), written, encodeWriteCoilsReply(1, 0, 8)],
  ['FF 0F 00 00 00 08 41 D3', writeAll(255, 8, false), written, encodeWriteCoilsReply(255, 0, 8)],
  ['01 05 00 05 FF 00 9C 3B', write(1, 5, COIL_ON), written, encodeRequest(write(1, 5, COIL_ON))],
  ['01 05 02 00 00 07 8D B0', pulse(0, true, 7), written, encodeRequest(pulse(0, true, 7))],
  ['01 85 02 C3 51', write(1, 9, COIL_ON), { kind: 'exception', code: 2 }, encodeException(1, 5, 2)],
  ['01 81 02 C1 91', read(1, 0, 8), { kind: 'exception', code: 2 }, encodeException(1, 1, 2)],
];

const COIL_FUNCTIONS = new Set([1, 2, 5, 15]);
const FILES = ['aliexpress-8relay-8input.real', 'lctech-lc-modbus.manual', 'waveshare-relay.wiki'];

describe('golden frames', () => {
  it.each(REQUESTS)('request %s', (frame, request) => {
    expect(text(encodeRequest(request))).toBe(frame);
    expect(new RequestStream().push(hex(frame))).toEqual([{ request, frame: hex(frame) }]);
  });

  it.each(REPLIES)('reply %s', (frame, request, reply, encoded) => {
    expect(text(encoded)).toBe(frame);
    expect(findReply(request, hex(frame))).toEqual({ reply, start: 0, end: hex(frame).length });
  });

  it.each(FILES)('every coil frame of %s is in the tables above', (file) => {
    const known = new Set([...REQUESTS.map(([frame]) => frame), ...REPLIES.map(([frame]) => frame)]);
    const frames = captured(file).filter((frame) => COIL_FUNCTIONS.has(frame.bytes[1] ?? 0));
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.map((frame) => text(frame.bytes)).filter((frame) => !known.has(frame))).toEqual([]);
  });

  it.each(FILES)('the exchanges of %s: each reply answers the request before it', (file) => {
    let request: CoilRequest | null = null;
    for (const { dir, bytes } of captured(file).filter((frame) => COIL_FUNCTIONS.has(frame.bytes[1] ?? 0))) {
      if (dir === 'rx') expect(request && findReply(request, bytes)).toMatchObject({ start: 0, end: bytes.length });
      else request = new RequestStream().push(bytes).map((heard) => heard.request)[0] as CoilRequest;
    }
  });

  it('function codes that are not for coils are framed and refused with exception 1', () => {
    const others = captured('lctech-lc-modbus.manual').filter(
      (frame) => frame.dir === 'tx' && !COIL_FUNCTIONS.has(frame.bytes[1] ?? 0),
    );
    expect(others.length).toBe(5);
    for (const { bytes } of others) {
      expect(new RequestStream().push(bytes)).toMatchObject([
        { request: { kind: 'refused', functionCode: bytes[1], exception: 1 } },
      ]);
    }
  });
});

describe('misprints of the sources are refused', () => {
  it.each([
    ['FF 01 01 03 A1 A0', read(255, 0, 8)],
    ['FF 02 01 03 51 A0', inputs(255)],
    ['01 02 01 03 A1 90', inputs(1)],
    ['01 05 02 00 00 05 8D B0', pulse(0, true, 5)],
  ] as const)('%s', (frame, request) => {
    expect(findReply(request, hex(frame))).toBeNull();
    expect(new RequestStream().push(hex(frame))).toEqual([]);
  });
});

describe('replies among other bytes', () => {
  const [banner, , spoiled] = captured('lctech-power-up-banner.real').map((frame) => frame.bytes);
  if (!banner || !spoiled) throw new Error('the banner capture is not whole');

  it('finds a reply behind the power-up banner', () => {
    const reply = hex('FF 01 01 01 A1 A0');
    const found = findReply(read(255, 0, 8), Uint8Array.from([...banner, ...reply]));
    expect(found).toEqual({ reply: asBits(bits(8, 1)), start: banner.length, end: banner.length + reply.length });
  });

  it('does not take the spoiled echo of the recording for an acknowledgement', () => {
    expect(findReply(write(255, 0, COIL_ON), spoiled)).toBeNull();
  });

  it.each([
    ['another unit', '02 01 01 00 51 CC'],
    ['another function', '01 02 01 00 A1 88'],
    ['another length', '01 01 02 00 00 B9 FC'],
    ['half a frame', '01 01 01 60 51'],
    ['the echo of another coil', '01 05 00 05 00 00 DD CB'],
  ])('%s is no reply', (_, frame) => {
    expect(findReply(read(1, 0, 8), hex(frame))).toBeNull();
  });

  it('an FC05 answer must name the same coil and the same value', () => {
    expect(findReply(write(1, 5, COIL_ON), hex('01 05 00 05 00 00 DD CB'))).toBeNull();
    expect(findReply(write(1, 0, COIL_ON), hex('01 05 00 05 FF 00 9C 3B'))).toBeNull();
  });
});

describe('the longest frames', () => {
  it('1968 coils are written in one frame of 255 bytes', () => {
    const request = writeAll(1, 1968, true);
    expect(encodeRequest(request)).toHaveLength(255);
    expect(new RequestStream().push(encodeRequest(request))).toMatchObject([{ request }]);
  });

  it('what a board keeps of endless garbage is bounded, and the next request is heard', () => {
    const stream = new RequestStream();
    for (let turn = 0; turn < 1000; turn += 1) expect(stream.push(hex('01 0F 00 00 07 B0 F6 00'))).toEqual([]);
    expect(stream.push(encodeRequest(read(1, 0, 8)))).toMatchObject([{ request: read(1, 0, 8) }]);
  });

  it('a half-heard frame is forgotten after a silence', () => {
    const stream = new RequestStream();
    stream.push(hex('01 05 00 00 FF'));
    stream.reset();
    expect(stream.push(hex('00 8C 3A'))).toEqual([]);
  });
});

describe('requests the board cannot take', () => {
  it.each([
    ['no coils asked', '01 01 00 00 00 00 3C 0A', 3],
    ['FC0F whose byte count is not that of its quantity', '01 0F 00 00 00 09 01 FF EF 15', 3],
    ['a pulse of no length', '01 05 02 00 00 00 CC 72', 3],
  ] as const)('%s', (_, frame, exception) => {
    expect(new RequestStream().push(hex(frame))).toMatchObject([{ request: { kind: 'refused', exception } }]);
  });

  it.each([
    ['unit', () => encodeRequest(read(256, 0, 8))],
    ['quantity', () => encodeRequest(read(1, 0, 2001))],
    ['number of coils', () => encodeRequest(writeAll(1, 1969, false))],
    ['tenths', () => encodeRequest(pulse(0, true, 0x8000))],
  ])('an encoder refuses a %s out of range', (name, encode) => {
    expect(encode).toThrow(name);
  });
});
