import { describe, expect, it } from 'vitest';
import { at, field, parseJson, parseObject } from '../../relay-drivers/plugs/words/json.ts';
import {
  mwhOfKwh,
  mwhOfWattMinutes,
  numberIn,
  rounded,
  thousandths,
} from '../../relay-drivers/plugs/words/quantities.ts';
import { textIn } from '../../relay-drivers/plugs/words/text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const noNumber = (text: string): [string, null] => [text, null];

describe('JSON of a device', () => {
  it.each(['', '{', 'nan', '{"a":1}x', '['.repeat(60_000)])('is none: %j', (text) => {
    expect(parseJson(bytes(text))).toBeUndefined();
  });

  it('is not read beyond its bound, or where it is no UTF-8', () => {
    expect(parseJson(bytes('{"a":1}'), 7)).toEqual({ a: 1 });
    expect(parseJson(bytes('{"a":1}'), 6)).toBeUndefined();
    expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toBeUndefined();
    expect(textIn(bytes('12345'), 4)).toBeNull();
  });

  it.each(['[]', '3', 'null', '"x"'])('%s is no object', (text) => {
    expect(parseObject(bytes(text))).toBeNull();
  });

  it('has the fields that were sent, and none of its language', () => {
    const value = parseJson(bytes('{"a":{"b":[{"c":5}]},"__proto__":7}'));
    expect(at(value, 'a', 'b', '0', 'c')).toBe(5);
    expect(at(value, '__proto__')).toBe(7);
    for (const name of ['constructor', 'toString']) expect(field(value, name)).toBeUndefined();
    expect(field({}, '__proto__')).toBeUndefined();
    for (const name of ['length', '-1', '1', 'x']) expect(at(value, 'a', 'b', name)).toBeUndefined();
    expect(at(value, 'a', 'b', '0', 'c', 'd')).toBeUndefined();
  });
});

describe('numbers of a device', () => {
  it.each([
    [2635, 2_635_000],
    [0.0004, 0],
    [-0.0004, 0],
    [-43.14, -43_140],
    [1e300, null],
    [null, null],
    [undefined, null],
    ['5', null],
    [true, null],
  ])('%j in thousandths: %j', (value, expected) => {
    expect(thousandths(value)).toBe(expected);
  });

  it('in their units', () => {
    expect(mwhOfKwh(6.294)).toBe(6_294_000);
    expect(mwhOfWattMinutes(60)).toBe(1000);
    expect(rounded(Number.NaN, 1)).toBeNull();
  });

  const alone: [string, number | null][] = [
    ['23.5', 23.5],
    [' -7 ', -7],
    ['1e3', 1000],
    ['.5', 0.5],
    ...['nan', 'inf', 'Infinity', '', '0x10', '1_000', '5 W', '--1', '1'.repeat(40)].map(noNumber),
  ];

  it.each(alone)('%j alone: %j', (text, expected) => {
    expect(numberIn(text)).toBe(expected);
  });
});
