import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meaningOf, openFrame, sealMessages } from '../../relay-drivers/sml/codec.ts';
import { FrameCutter, MAX_FRAME_BYTES } from '../../relay-drivers/sml/cutter.ts';
import { readMessages } from '../../relay-drivers/sml/telegram.ts';
import { readNodes } from '../../relay-drivers/sml/tlv.ts';
import { SML_TWINS } from '../../relay-drivers/sml/twin.ts';
import { CRC_X25, crcOf } from '../../relay-drivers/telegram/crc.ts';
import { hex, text } from './captured.ts';
import { joined, pushed, readingsOf, reasonsOf, smlDecoder, threePhases, told } from './telegrams.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 200);
const START = '1B 1B 1B 1B 01 01 01 01';

/** An entry of a value list: unit and scaler as given, the value with its type byte. */
const entry = (obis: string, unit: string, scaler: string, value: string) =>
  `77 07 ${obis} 01 01 62 ${unit} 52 ${scaler} ${value} 01`;
const read = (...entries: string[]) => readMessages(hex(entries.join(' ')));
const readingIn = (...entries: string[]) => readingsOf([read(...entries)])[0];
const WATTS = (value: string, scaler = '00') => entry('01 00 10 07 00 FF', '1B', scaler, value);

const frame = told(SML_TWINS.sml, threePhases);
const reading = threePhases;

describe('values of a real frame (wire-formats B4)', () => {
  const entries = [
    '77 07 01 00 10 07 00 FF 01 01 62 1B 52 00 55 00 00 00 A8 01',
    entry('01 00 24 07 00 FF', '1B', '00', '55 00 00 00 75'),
    entry('01 00 38 07 00 FF', '1B', '00', '55 00 00 00 16'),
    entry('01 00 4C 07 00 FF', '1B', '00', '55 00 00 00 1D'),
    entry('01 00 01 08 00 FF', '1E', 'FF', '59 00 00 00 00 0D 63 7E 08'),
  ];
  const noted = {
    powerMw: 168_000,
    phases: [117_000, 22_000, 29_000].map((powerMw) => ({ voltageMv: null, currentMa: null, powerMw })),
    energyImportMwh: 22_462_413_600,
    energyExportMwh: null,
  };

  it('read as noted', () => {
    expect(readingIn(...entries)).toEqual(noted);
  });

  it('and so they do in a frame, in a list', () => {
    const list = hex(`75 ${entries.join(' ')}`);
    expect(pushed(smlDecoder(), sealMessages(list), [1])).toEqual([{ kind: 'reading', reading: noted }]);
  });
});

describe('values', () => {
  it.each([
    ['52 FF', '00', -1000],
    ['53 FF 38', '00', -200_000],
    ['54 FF FF 38', '00', -200_000],
    ['55 FF FF FF FE', 'FF', -200],
    ['56 00 00 00 00 01', '03', 1_000_000],
    ['59 FF FF FF FF FF FF FF FF', '00', -1000],
    ['62 FF', '00', 255_000],
    ['63 FF 38', '00', 65_336_000],
    ['65 00 00 00 0F', 'FD', 15],
    // Half a milliwatt goes up, away from 0 on both sides.
    ['52 05', 'FC', 1],
    ['52 FB', 'FC', -1],
    ['52 04', 'FC', 0],
    ['69 00 00 00 00 00 00 03 E8', 'FE', 10_000],
  ])('%s with scaler %s', (value, scaler, powerMw) => {
    expect(readingIn(WATTS(value, scaler))?.powerMw).toBe(powerMw);
  });

  it.each([
    ['no safe integer', WATTS('69 FF FF FF FF FF FF FF FF')],
    ['a scaler beyond all units', WATTS('52 01', '7F')],
    ['nine bytes', WATTS('5A 00 00 00 00 00 00 00 00 01')],
    ['no bytes', WATTS('51')],
    ['text', WATTS('03 41 41')],
    ['watt-hours', entry('01 00 10 07 00 FF', '1E', '00', '52 01')],
    ['another medium', entry('07 00 10 07 00 FF', '1B', '00', '52 01')],
    ['a value of the past', entry('01 00 10 07 00 01', '1B', '00', '52 01')],
    ['no unit', '77 07 01 00 10 07 00 FF 01 01 01 52 00 52 01 01'],
  ])('%s is no power', (_, only) => {
    expect(read(only).kind).toBe('damaged');
  });

  it('no scaler is none', () => {
    expect(readingIn('77 07 01 00 10 07 00 FF 01 01 62 1B 01 52 07 01')?.powerMw).toBe(7000);
  });

  it('import less export, where there is no signed register', () => {
    const drawn = entry('01 00 01 07 00 FF', '1B', '00', '52 05');
    const fed = entry('01 00 02 07 00 FF', '1B', '00', '52 07');
    expect(readingIn(drawn, fed)?.powerMw).toBe(-2000);
    expect(readingIn(drawn)?.powerMw).toBe(5000);
  });

  it('a list of sixteen and more has a second byte of length', () => {
    const many = new Array<string>(17).fill(WATTS('52 03')).join(' ');
    expect(readingIn(`F1 01 ${many}`)?.powerMw).toBe(3000);
  });
});

describe('messages that lie', () => {
  it.each([
    ['a list longer than the bytes', '77 01 01'],
    ['a list of millions', 'FF FF 0F 01'],
    ['a length that has no end', '8F 8F 8F 8F 8F 01'],
    ['a value longer than the bytes', '55 01'],
    ['a length shorter than its head', '80 01'],
    ['a type that is none', '12 01'],
    ['nesting without end', new Array<string>(4000).fill('71').join(' ')],
  ])('%s', (_, bytes) => {
    expect(readNodes(hex(bytes))).toBeNull();
    expect(reasonsOf(pushed(smlDecoder(), sealMessages(hex(bytes))))).toEqual([
      'its messages cannot be read, though its CRC is right',
    ]);
  });
});

describe('the transport', () => {
  it('has CRC-16/X-25, low byte first', () => {
    expect(crcOf(CRC_X25, new TextEncoder().encode('123456789'))).toBe(0x906e);
    const sealed = sealMessages(hex('76 01'));
    expect(text(sealed.subarray(0, 8))).toBe(START);
    expect(text(sealed.subarray(8, -2))).toBe('76 01 00 00 1B 1B 1B 1B 1A 02');
    const crc = crcOf(CRC_X25, sealed.subarray(0, -2));
    expect([...sealed.subarray(-2)]).toEqual([crc & 0xff, crc >> 8]);
  });

  it('doubles an escape in the messages', () => {
    const messages = hex('1B 1B 1B 1B 1B 01 01 01 01 1B 1B 1B 1B');
    const sealed = sealMessages(messages);
    expect(text(sealed)).toContain('1B 1B 1B 1B 1B 1B 1B 1B 1B 01 01 01 01');
    expect(openFrame(sealed)).toEqual(messages);
  });

  it('opens what was sealed, whatever it is and however it is cut', () => {
    const byte = fc.oneof(fc.constantFrom(0x1b, 0x01, 0x1a, 0x00), fc.integer({ min: 0, max: 255 }));
    // The zero that ends a message keeps an escape byte at the end apart from the escape behind it.
    const messages = fc.array(byte, { maxLength: 300 }).map((bytes) => Uint8Array.from([...bytes, 0]));
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(messages, sizes, (each, cuts) => {
        const cutter = new FrameCutter();
        const heard: unknown[] = [];
        const stream = joined(sealMessages(each), sealMessages(each));
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          heard.push(...cutter.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(heard).toEqual([
          { kind: 'messages', bytes: each },
          { kind: 'messages', bytes: each },
        ]);
      }),
      { numRuns },
    );
  });

  it('refuses more fill bytes than there can be', () => {
    const body = hex(`${START} 76 01 1B 1B 1B 1B 1A 04`);
    const crc = crcOf(CRC_X25, body);
    expect(openFrame(joined(body, Uint8Array.from([crc & 0xff, crc >> 8])))).toContain('fill bytes');
  });

  it('knows the groups behind an escape', () => {
    expect(['1B 1B 1B 1B', '01 01 01 01', '1A 00 12 34', '02 02 02 02'].map((group) => meaningOf(hex(group)))).toEqual([
      'literal',
      'start',
      'end',
      'none',
    ]);
  });
});

describe('cutting', () => {
  it('the rest of a frame that was missed is passed over in silence', () => {
    for (let at = 1; at < frame.length; at += 1)
      expect(pushed(smlDecoder(), joined(frame.subarray(at), frame))).toEqual([{ kind: 'reading', reading }]);
  });

  it('a frame that was cut off is damage, and the one behind it is read', () => {
    // The last byte of this one is 1B, which the start of the next would make good.
    for (let at = 8; at < frame.length - 1; at += 1) {
      const telegrams = pushed(smlDecoder(), joined(frame.subarray(0, at), frame, frame), [13]);
      expect(telegrams.at(0)?.kind).toBe('damaged');
      // Only an escape that is cut off just behind makes a literal of the next one, and costs that frame too.
      expect(readingsOf(telegrams)).toEqual(new Array(at === frame.length - 4 ? 1 : 2).fill(reading));
    }
  });

  it('bytes changed or lost never make another reading', () => {
    const change = fc.record({ at: fc.nat(frame.length - 2), flips: fc.integer({ min: 1, max: 0xffff }) });
    fc.assert(
      fc.property(change, ({ at, flips }) => {
        const spoiled = Uint8Array.from(frame);
        spoiled[at] = (spoiled[at] ?? 0) ^ (flips >> 8);
        spoiled[at + 1] = (spoiled[at + 1] ?? 0) ^ (flips & 0xff);
        const lost = joined(frame.subarray(0, at), frame.subarray(at + 1 + (flips % 50)));
        for (const bytes of [spoiled, lost]) {
          const readings = readingsOf(pushed(smlDecoder(), joined(bytes, frame, frame)));
          expect(readings.length).toBeGreaterThan(0);
          for (const each of readings) expect(each).toEqual(reading);
        }
      }),
      { numRuns },
    );
  });

  it('a frame without end is given up', () => {
    const endless = joined(hex(START), new Uint8Array(3 * MAX_FRAME_BYTES).fill(0x76));
    expect(reasonsOf(pushed(smlDecoder(), endless))).toEqual([
      `it did not end within ${MAX_FRAME_BYTES} bytes`,
      expect.stringContaining('no frame'),
      expect.stringContaining('no frame'),
    ]);
    expect(readingsOf(pushed(smlDecoder(), joined(endless, frame)))).toEqual([reading]);
  });

  it('no bytes make it throw', () => {
    const byte = fc.oneof(fc.constantFrom(0x1b, 0x01, 0x1a), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 900 }), (bytes) => {
        const noise = Uint8Array.from(bytes);
        const decoder = smlDecoder();
        pushed(decoder, noise);
        readMessages(noise);
        pushed(decoder, sealMessages(noise));
        // What stood open at the end of the noise ends with the first of them at the latest.
        expect(readingsOf(pushed(decoder, joined(frame, frame, frame)))).toContainEqual(reading);
      }),
      { numRuns },
    );
  });
});

describe('the simulated meters', () => {
  it('tell what they measure', () => {
    expect(pushed(smlDecoder(), frame)).toEqual([{ kind: 'reading', reading }]);
    expect(frame.length % 4).toBe(0);
  });

  it('a locked one says that it needs its PIN', () => {
    expect(reasonsOf(pushed(smlDecoder(), told(SML_TWINS['sml-locked'], threePhases)))).toEqual([
      'it has no power value; some meters need their PIN before they tell it',
    ]);
  });
});
