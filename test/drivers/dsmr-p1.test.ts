import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOf, isChecked, sealTelegram } from '../../relay-drivers/dsmr-p1/codec.ts';
import { MAX_TELEGRAM_BYTES } from '../../relay-drivers/dsmr-p1/cutter.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { dsmrDecoder, joined, pushed, readingsOf, reasonsOf, recorded } from './telegrams.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 200);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const phase = (voltageMv: number | null, currentMa: number | null, powerMw: number) => ({
  voltageMv,
  currentMa,
  powerMw,
});
const decoded = (...parts: (Uint8Array | string)[]) => pushed(dsmrDecoder(), joined(...parts));

const NOTED: Readonly<Record<string, MeterReading>> = {
  v2_2: { powerMw: 1_010_000, phases: [], energyImportMwh: 2_002_000, energyExportMwh: 2_002_000 },
  v3: { powerMw: 1_190_000, phases: [], energyImportMwh: 24_691_356_000, energyExportMwh: 24_691_356_000 },
  v4_2: {
    powerMw: 2_027_000,
    phases: [phase(null, 0, 170_000), phase(null, 6000, 1_247_000), phase(null, 2000, 209_000)],
    energyImportMwh: 3_016_829_000,
    energyExportMwh: 0,
  },
  v5: {
    powerMw: 244_000,
    phases: [phase(230_000, 480, 70_000), phase(230_000, 440, 32_000), phase(229_000, 860, 142_000)],
    energyImportMwh: 6_825_000,
    energyExportMwh: 2_444_000,
  },
  v5_two_mbus: {
    powerMw: 111_000,
    phases: [phase(229_900, 0, 56_000), phase(229_200, 0, 0), phase(222_900, 1000, 55_000)],
    energyImportMwh: 2_375_582_000,
    energyExportMwh: 0,
  },
  fluvius_v171: {
    powerMw: 0,
    phases: [phase(234_700, 0, 0), phase(234_700, 0, 0), phase(234_700, 0, 0)],
    energyImportMwh: 15_792_000,
    energyExportMwh: 11_000,
  },
  esy5q3da1004_v304: {
    powerMw: 1_688_210,
    phases: [phase(null, null, 557_290), phase(null, null, 521_620), phase(null, null, 609_300)],
    // 32549.5061662 kWh: what is finer than a milliwatt-hour is rounded.
    energyImportMwh: 32_549_506_166,
    energyExportMwh: null,
  },
};
const CHECKED = ['v4_2', 'v5', 'v5_two_mbus', 'fluvius_v171'];

describe('recordings', () => {
  it.each(Object.entries(NOTED))('%s decodes to the noted values, whole and byte by byte', (name, noted) => {
    expect(pushed(dsmrDecoder(), recorded(name))).toEqual([{ kind: 'reading', reading: noted }]);
    expect(pushed(dsmrDecoder(), recorded(name), [1])).toEqual([{ kind: 'reading', reading: noted }]);
  });

  it('a heat meter with an unpadded CRC is whole, and tells no power', () => {
    const reasons = reasonsOf(pushed(dsmrDecoder(), recorded('unpadded_crc')));
    expect(reasons).toEqual(['it tells no power']);
    const telegram = Buffer.from(recorded('unpadded_crc')).toString('latin1').replace('!B9F', '!0B9F');
    expect(reasonsOf(decoded(telegram))).toEqual(['it tells no power']);
    expect(reasonsOf(decoded(telegram.replace('!0B9F', '!B9')))).toEqual([expect.stringContaining('CRC is wrong')]);
  });

  it('all of them in one stream, however it is cut', () => {
    const names = Object.keys(NOTED);
    // The three without CRC come first: after one with a CRC they would not be believed.
    const order = [...names.filter((name) => !CHECKED.includes(name)), ...CHECKED];
    const stream = joined(...order.map(recorded));
    const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        expect(readingsOf(pushed(dsmrDecoder(), stream, cuts))).toEqual(order.map((name) => NOTED[name]));
      }),
      { numRuns: Math.min(numRuns, 1000) },
    );
  });

  it('bare line feeds do as well, where no CRC covers them', () => {
    const unix = Buffer.from(recorded('v3')).toString('latin1').replaceAll('\r', '');
    expect(readingsOf(decoded(unix))).toEqual([NOTED.v3]);
  });
});

describe('the check', () => {
  it('is CRC-16/ARC over all from "/" to "!", in four upper hex digits', () => {
    expect(checkOf(bytesOf('123456789'))).toBe('BB3D');
    expect(Buffer.from(sealTelegram(['/X', '', '1-0:1.7.0(00.001*kW)'], true)).toString()).toMatch(
      /!([0-9A-F]{4})\r\n$/,
    );
    expect(isChecked(bytesOf('123456789'), 'bb3d')).toBe(false);
    expect(isChecked(bytesOf('123456789'), 'BB3D0')).toBe(false);
    expect(isChecked(bytesOf('123456789'), '')).toBe(false);
  });

  it.each(CHECKED)('%s with some bytes changed is never another reading', (name) => {
    const telegram = recorded(name);
    const change = fc.record({ at: fc.nat(telegram.length - 1), flips: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(change, fc.integer({ min: 0, max: 255 }), ({ at, flips }, more) => {
        const spoiled = Uint8Array.from(telegram);
        spoiled[at] = (spoiled[at] ?? 0) ^ flips;
        if (at + 1 < spoiled.length) spoiled[at + 1] = (spoiled[at + 1] ?? 0) ^ more;
        for (const reading of readingsOf(decoded(spoiled, telegram))) expect(reading).toEqual(NOTED[name]);
      }),
      { numRuns },
    );
  });

  it.each(CHECKED)('%s with bytes lost is damaged, and the next one is read', (name) => {
    const telegram = recorded(name);
    fc.assert(
      fc.property(fc.nat(telegram.length - 8), fc.integer({ min: 1, max: 200 }), (at, length) => {
        const cut = joined(telegram.subarray(0, at), telegram.subarray(at + length));
        const readings = readingsOf(decoded(cut, telegram));
        expect(readings.length).toBeGreaterThan(0);
        for (const reading of readings) expect(reading).toEqual(NOTED[name]);
      }),
      { numRuns },
    );
  });

  it('is missing: a version that always has one is not believed without it', () => {
    const bare = Buffer.from(recorded('v5')).toString('latin1').replace('!6EEE', '!');
    expect(reasonsOf(decoded(bare))).toEqual(['its CRC is missing']);
  });

  it('is missing: a meter that had one before is not believed without it', () => {
    const decoder = dsmrDecoder();
    const lines = ['/LGF5E360', '', '1-0:1.7.0(0001.727*kW)'];
    expect(readingsOf(pushed(decoder, sealTelegram(lines, true)))).toHaveLength(1);
    expect(reasonsOf(pushed(decoder, sealTelegram(lines, false)))).toEqual(['its CRC is missing']);
    expect(readingsOf(pushed(dsmrDecoder(), sealTelegram(lines, false)))).toHaveLength(1);
  });
});

describe('cutting', () => {
  const v5 = recorded('v5');

  it('the rest of a telegram that was missed is passed over in silence', () => {
    for (let at = 1; at < v5.length; at += 7)
      expect(decoded(v5.subarray(at), v5)).toEqual([{ kind: 'reading', reading: NOTED.v5 }]);
  });

  it('a "/" in the middle begins anew', () => {
    const telegrams = decoded(v5.subarray(0, 400), v5);
    expect(telegrams).toEqual([
      { kind: 'damaged', reason: 'its end was lost: another one began in the middle' },
      { kind: 'reading', reading: NOTED.v5 },
    ]);
  });

  it('what stands behind "!" and is no CRC', () => {
    expect(reasonsOf(decoded('/X\r\n1-0:1.7.0(1*kW)\r\n!6EEE6EEE\r\n'))).toEqual([
      'what stands behind its "!" is no CRC',
    ]);
    // A "!" inside of a line ends nothing.
    expect(decoded('/X\r\n1-0:1.7.0(1!\r\n')).toEqual([]);
  });

  it('a telegram without end is given up', () => {
    const line = '1-0:1.7.0(00.244*kW)\r\n';
    const reasons = reasonsOf(decoded('/X\r\n', line.repeat(1000), v5));
    expect(reasons).toEqual([
      `it did not end within ${MAX_TELEGRAM_BYTES} bytes`,
      expect.stringContaining('no telegram'),
    ]);
    expect(readingsOf(decoded('/X\r\n', line.repeat(1000), v5))).toEqual([NOTED.v5]);
  });

  it('bytes that never become a telegram are said, once in a while', () => {
    const reasons = reasonsOf(decoded(new Uint8Array(3 * MAX_TELEGRAM_BYTES).fill(0xff), v5));
    expect(reasons).toHaveLength(3);
    expect(reasons[0]).toContain('check baud, data_bits and parity');
  });

  it('noise that looks like a telegram is called noise', () => {
    expect(reasonsOf(decoded('/\x03\x91\xfe', v5))).toEqual([
      'bytes that are no text came: check baud, data_bits and parity',
    ]);
  });

  it('no bytes make it throw, and one telegram at most is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), (chunks) => {
        const decoder = dsmrDecoder();
        for (const chunk of chunks) for (const each of decoder.push(chunk)) expect(each.kind).toBe('damaged');
        // Chance may have begun an encrypted frame, of 8 kB at most.
        pushed(decoder, joined(...new Array<Uint8Array>(10).fill(v5)));
        expect(readingsOf(pushed(decoder, joined('\r\n!\r\n', v5)))).toEqual([NOTED.v5]);
      }),
      { numRuns },
    );
  });
});

describe('a 7E1 line on a port that was opened with 8N1', () => {
  const parity = (byte: number) => byte | (([...byte.toString(2)].filter((bit) => bit === '1').length % 2) << 7);

  it.each(['v3', 'v4_2'])('%s is read, its parity in bit 7 checked and dropped', (name) => {
    expect(readingsOf(decoded(recorded(name).map(parity)))).toEqual([NOTED[name]]);
  });

  it('one bit that is wrong is damage, in a telegram without CRC too', () => {
    const telegram = recorded('v3').map(parity);
    const at = Buffer.from(recorded('v3')).indexOf('001.19') + 2;
    telegram[at] = (telegram[at] ?? 0) ^ 0x02;
    expect(reasonsOf(decoded(telegram))).toEqual(['bytes that are no text came: check baud, data_bits and parity']);
  });
});

describe('encrypted meters', () => {
  const head = Uint8Array.from([0xdb, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  const frame = (length: readonly number[], size: number) =>
    joined(head, Uint8Array.from(length), new Uint8Array(size).fill(0x2f));

  it.each([
    ['one byte of length', frame([0x70], 0x70)],
    ['two', frame([0x81, 0xf8], 0xf8)],
    ['three', frame([0x82, 0x04, 0x00], 0x400)],
  ])('say so, with %s, and no "/" in them begins a telegram', (_, encrypted) => {
    const decoder = dsmrDecoder();
    const reasons = reasonsOf([...pushed(decoder, encrypted, [7]), ...pushed(decoder, encrypted)]);
    expect(reasons).toEqual([expect.stringContaining('encrypted'), expect.stringContaining('encrypted')]);
    expect(readingsOf(pushed(decoder, recorded('v5')))).toEqual([NOTED.v5]);
  });

  it('a stray DB 08 hides the telegram behind it no longer than its head', () => {
    expect(readingsOf(decoded(head, Uint8Array.from([0xff]), recorded('v5')))).toEqual([NOTED.v5]);
    expect(readingsOf(decoded(Uint8Array.from([0xdb, 0xdb]), recorded('v5')))).toEqual([NOTED.v5]);
  });
});
