import { describe, expect, it } from 'vitest';
import {
  type Block,
  blockRequest,
  ENERGIES,
  energiesIn,
  floatAt,
  floatWords,
  ONE_PHASE,
  phasesIn,
  THREE_PHASES,
  TOTAL,
  totalPowerIn,
} from '../../relay-drivers/eastron-sdm/codec.ts';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { isSealed } from '../../relay-drivers/modbus/crc.ts';
import {
  decodeRegisterRequest,
  encodeRegisterRequest,
  encodeRegistersReply,
  findRegisterReply,
  type RegisterRequest,
} from '../../relay-drivers/modbus/registers.ts';
import { captured, hex, text } from './captured.ts';

const input = (address: number, quantity = 2, unit = 1): RegisterRequest => ({
  kind: 'read_input',
  unit,
  address,
  quantity,
});
const wordsOf = (...values: number[]): number[] => values.flatMap((value) => floatWords(value));

/** Every request of wire-formats B2 and of the captures. */
const REQUESTS: readonly [frame: string, request: RegisterRequest][] = [
  ['01 04 00 00 00 02 71 CB', input(0x00)],
  ['01 04 00 02 00 02 D0 0B', input(0x02)],
  ['01 04 00 04 00 02 30 0A', input(0x04)],
  ['01 04 00 06 00 02 91 CA', input(0x06)],
  ['01 04 00 08 00 02 F0 09', input(0x08)],
  ['01 04 00 0A 00 02 51 C9', input(0x0a)],
  ['01 04 00 0C 00 02 B1 C8', input(0x0c)],
  ['01 04 00 0E 00 02 10 08', input(0x0e)],
  ['01 04 00 10 00 02 70 0E', input(0x10)],
  ['01 04 00 1E 00 02 11 CD', input(0x1e)],
  ['01 04 00 20 00 02 70 01', input(0x20)],
  ['01 04 00 22 00 02 D1 C1', input(0x22)],
  ['01 04 00 46 00 02 90 1E', input(0x46)],
  ['01 04 00 48 00 02 F1 DD', input(0x48)],
  ['01 04 01 56 00 02 90 27', input(0x156)],
  ['01 04 00 00 00 50 F0 36', input(0x00, 80)],
  ['01 03 00 0C 00 02 04 08', { kind: 'read_holding', unit: 1, address: 0x0c, quantity: 2 }],
];

const REPLIES: readonly [frame: string, value: number][] = [
  ['01 04 04 43 6B D7 3D 01 FD', 235.84],
  ['01 04 04 00 00 00 00 FB 84', 0],
  ['01 04 04 3F 80 00 00 F6 78', 1],
  ['01 04 04 43 66 33 34 1B 38', 230.2],
  ['01 04 04 C2 2C 92 3C 6A 84', -43.14],
  ['01 03 04 42 C8 00 00 6F B5', 100],
];

describe('golden frames of SDM meters', () => {
  it.each(REQUESTS)('request %s', (frame, request) => {
    expect(text(encodeRegisterRequest(request))).toBe(frame);
    expect(decodeRegisterRequest(hex(frame))).toEqual(request);
  });

  it.each(REPLIES)('reply %s is %f', (frame, value) => {
    const bytes = hex(frame);
    const request = bytes[1] === 3 ? REQUESTS.at(-1)?.[1] : input(0);
    const found = request && findRegisterReply(request, bytes);
    const words = found?.reply.kind === 'registers' ? found.reply.values : [];
    expect(floatAt(words, 0)).toBeCloseTo(value, 2);
    expect(text(encodeRegistersReply(1, bytes[1] ?? 0, floatWords(floatAt(words, 0))))).toBe(frame);
  });

  it('the misprint of the sources is refused', () => {
    expect(decodeRegisterRequest(hex('01 04 00 46 00 02 90 E1'))).toBeNull();
  });

  it.each(['eastron-sdm630.real', 'eastron-sdm-manual'])(
    '%s: every read is rebuilt, every reply tells its note',
    (file) => {
      let asked: RegisterRequest = input(0);
      for (const { dir, bytes, note } of captured(file)) {
        if (dir === 'rx') {
          const reply = findRegisterReply(asked, bytes)?.reply;
          expect(reply?.kind === 'registers' && floatAt(reply.values, 0)).toBeCloseTo(Number(note), 2);
        } else if (bytes[1] !== 0x10) {
          asked = decodeRegisterRequest(bytes) ?? input(0xffff);
          expect(encodeRegisterRequest(asked)).toEqual(bytes);
        }
      }
    },
  );

  it('a write of a setting is well made, carries 1.0, and is refused by the twin: we never write to meters', () => {
    const frame = captured('eastron-sdm-manual').find(({ bytes }) => bytes[1] === 0x10)?.bytes ?? hex('00');
    expect(isSealed(frame, 0, frame.length)).toBe(true);
    expect(floatAt([0x3f80, 0x0000], 0)).toBe(1);
    expect(text(frame.subarray(7, 11))).toBe('3F 80 00 00');
    expect(hear('sdm630', frame)).toBe('01 90 01 8D C0');
  });

  it('the block of a real SDM630 V2: 28 registers of unit 5', () => {
    const [frame] = captured('eastron-sdm630v2-block.real');
    const found = frame && findRegisterReply(input(0x0c, 28, 5), frame.bytes);
    const words = found?.reply.kind === 'registers' ? found.reply.values : [];
    const noted = [1750.335, 9007.715, 654.293, 3941.558, 0, 0, 0, 0, 0, 0, 1000.063, 4202.097, 1.481, 10.492];
    expect(found?.end).toBe(frame?.bytes.length);
    for (const [index, value] of noted.entries()) expect(floatAt(words, index * 2)).toBeCloseTo(value, 2);
  });
});

describe('what the registers mean', () => {
  it('phases: voltages, then currents, then powers', () => {
    const words = wordsOf(230.1, 231.2, 229.3, 1.5, 0, 4.25, 345.6, 0, -980.5);
    expect(phasesIn(words, 3)).toEqual([
      { voltageMv: 230_100, currentMa: 1500, powerMw: 345_600 },
      { voltageMv: 231_200, currentMa: 0, powerMw: 0 },
      { voltageMv: 229_300, currentMa: 4250, powerMw: -980_500 },
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38])('%f is no value', (value) => {
    expect(phasesIn(wordsOf(value, 0, 0, 1, 0, 0, value), 1)).toEqual([
      { voltageMv: null, currentMa: 1000, powerMw: null },
    ]);
    expect(totalPowerIn(wordsOf(value))).toBeNull();
    expect(energiesIn(wordsOf(value, 1.5))).toEqual({ energyImportMwh: null, energyExportMwh: 1_500_000 });
  });

  it('a register that is missing is no value either, and next to nothing is 0', () => {
    expect(totalPowerIn([0x1234])).toBeNull();
    expect(totalPowerIn(wordsOf(-0.0001))).toBe(0);
    expect(Object.is(totalPowerIn(wordsOf(-0.0001)), 0)).toBe(true);
  });

  it.each<Block>([ONE_PHASE, THREE_PHASES, TOTAL, ENERGIES])(
    '$name: even start, even quantity, at most 80',
    (block) => {
      expect([block.address % 2, block.quantity % 2]).toEqual([0, 0]);
      expect(block.quantity).toBeLessThanOrEqual(80);
      expect(hear('sdm630', encodeRegisterRequest(blockRequest(1, block)))).toMatch(/^01 04/);
    },
  );
});

const NOTHING: MeterReading = { powerMw: 0, phases: [], energyImportMwh: 0, energyExportMwh: 0 };

function hear(model: 'sdm120' | 'sdm630', frame: Uint8Array, truth = NOTHING): string | null {
  const twin = sdmTwin(model);
  const reply = twin.kind === 'polled' ? twin.hear(frame, 1, truth) : null;
  return reply && text(reply);
}

describe('the twin', () => {
  it.each([
    ['an odd start', input(0x01), '01 84 02 C2 C1'],
    ['an odd quantity', input(0x00, 3), '01 84 03 03 01'],
    ['more than 80 registers', input(0x00, 82), '01 84 03 03 01'],
    ['registers that no SDM has', input(0x0400), '01 84 02 C2 C1'],
    ['a write', { kind: 'write_register', unit: 1, address: 0, value: 1 }, '01 86 01 83 A0'],
  ] as const)('refuses %s', (_, request, refusal) => {
    expect(hear('sdm630', encodeRegisterRequest(request))).toBe(refusal);
  });

  it('takes 80 registers, and tells its one setting', () => {
    expect(hear('sdm120', hex('01 04 00 00 00 50 F0 36'))).toMatch(/^01 04 A0 /);
    expect(hear('sdm630', hex('01 03 00 0C 00 02 04 08'))).toBe('01 03 04 42 C8 00 00 6F B5');
  });

  it('is silent to another unit, to a damaged frame and to what a relay board is asked', () => {
    expect(hear('sdm630', hex('02 04 00 00 00 02 71 F8'))).toBeNull();
    expect(hear('sdm630', hex('01 04 00 46 00 02 90 E1'))).toBeNull();
    expect(hear('sdm630', hex('FF 01 00 00 00 08 28 12'))).toBeNull();
  });
});
