import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWatts, toWatts } from '../../daemon/core/watts.ts';

/** What a client may write, and the milliwatts it means; null where it is refused. */
const WRITTEN: readonly [value: unknown, mw: number | null, why?: string][] = [
  [2500.5, 2_500_500],
  ['2500.5', 2_500_500],
  [0.001, 1],
  [0.1, 100],
  ['0.10', 100],
  ['007', 7000],
  [1_000_000, 1_000_000_000],
  [0, 0, 'exact; that a wattage is more is the schema of the door'],
  [5000.0001, null, 'four decimals'],
  ['5000.0001', null],
  [0.1 + 0.2, null, '0.30000000000000004: nobody wrote that'],
  [-1, null],
  ['-1', null],
  ['+1', null],
  [JSON.parse('1e309'), null, 'Infinity: what a client gets through JSON'],
  [Number.NaN, null],
  [1e21, null, 'prints with an exponent'],
  [1e-7, null],
  ['1e3', null],
  ['0x10', null],
  ['1,5', null],
  ['1_000', null],
  [' 5', null],
  ['5 ', null],
  ['5.', null],
  ['.5', null],
  ['', null],
  ['5000 W', null],
  ['٥', null, 'a digit, but not one of ours'],
  ['10000000', null, 'eight digits: cannot be a wattage, and bounds the sum'],
  [null, null],
  [undefined, null],
  [true, null],
  [[5], null],
  [5n, null],
  [{ valueOf: () => 5 }, null],
];

describe('watts as clients write them', () => {
  it.each(WRITTEN)('%o is %o mW', (value, mw) => {
    expect(parseWatts(value)).toBe(mw);
  });

  it('reads back what it shows, for every wattage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (mw) => {
        expect(parseWatts(toWatts(mw))).toBe(mw);
        expect(parseWatts(String(toWatts(mw)))).toBe(mw);
      }),
    );
  });

  it('is exact to the last digit, against big integers', () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), part, (whole, thousandths) => {
        const text = `${whole}.${String(thousandths).padStart(3, '0')}`;
        expect(BigInt(parseWatts(text) ?? -1)).toBe(BigInt(text.replace('.', '')));
      }),
    );
  });
});
