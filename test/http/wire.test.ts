import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../daemon/http/json-body.ts';
import { freeId, slugOf } from '../../daemon/http/slug.ts';
import { applianceBody, appliancePatch } from '../../daemon/http/wire.ts';

const mwOf = (wattage: unknown) => applianceBody.parse({ name: 'Oven', wattage }).wattage;
const isTaken = (body: unknown) => applianceBody.safeParse(body).success;

describe('watts', () => {
  it.each([
    [2500.5, 2_500_500],
    ['2500.500', 2_500_500],
    [0.1, 100],
    [0.001, 1],
    ['0.001', 1],
    [1_000_000, 1_000_000_000],
    [8.002, 8002],
    [1e3, 1_000_000],
  ])('%s are %i mW exactly', (watts, mw) => {
    expect(mwOf(watts)).toBe(mw);
  });

  const bad = [5000.0001, 0, -1, -0.001, Number.NaN, Number.POSITIVE_INFINITY, 0.0001, 1_000_000.001, 1e21, 1e-7];
  const badText = ['', ' ', '1e3', '0x10', '-1', '+1', '0', '1.', '.5', '1,5', '5000.0001', '1_000', 'NaN', ' 5', '١'];
  it.each([...bad, ...badText, true, null, [5], { w: 5 }])('%s is refused', (wattage) => {
    expect(isTaken({ name: 'Oven', wattage })).toBe(false);
  });

  it('are the same number as text, for every milliwatt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (mw) => {
        expect(mwOf(mw / 1000)).toBe(mw);
        expect(mwOf((mw / 1000).toFixed(3))).toBe(mw);
      }),
    );
  });
});

describe('an appliance', () => {
  it('has the defaults of the contract', () => {
    expect(applianceBody.parse({ name: 'Oven', wattage: 2400 })).toEqual({
      name: 'Oven',
      wattage: 2_400_000,
      room: null,
      icon: null,
      circuit: 'house',
      priority: 50,
      protected: false,
      relay: null,
      on_power_loss: 'stay_off',
    });
  });

  it('changes only what a patch names', () => {
    expect(appliancePatch.parse({ wattage: '1.5' })).toEqual({ wattage: 1500 });
    expect(appliancePatch.safeParse({ id: 'other' }).success).toBe(false);
  });

  it.each([
    ['a family of emoji', '👨‍👩‍👧 TV'],
    ['accents', 'Küche'],
    ['100 characters', 'x'.repeat(100)],
  ])('may be called %s', (_, name) => {
    expect(isTaken({ name, wattage: 1 })).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['a line break', 'a\nb'],
    ['NUL', 'a\0'],
    ['an escape', '\u001b[31m'],
    ['a delete', 'a\u007f'],
    ['a line separator', 'a\u2028b'],
    ['text turned around', 'a\u202eb'],
    ['half a character', 'a\ud800'],
    ['101 characters', 'x'.repeat(101)],
    ['a number', 5],
  ])('may not be called %s', (_, name) => {
    expect(isTaken({ name, wattage: 1 })).toBe(false);
  });

  it.each([
    { priority: 101 },
    { priority: -1 },
    { priority: 1.5 },
    { priority: '50' },
    { protected: 'true' },
    { on_power_loss: 'maybe' },
    { relay: { bus: 'main' } },
    { relay: { bus: 'main', channel: 0 } },
    { relay: { bus: 'main', channel: 1, extra: 1 } },
    { id: 'a/b' },
    { id: '-a' },
    { id: 'x'.repeat(65) },
    { id: '' },
    { watts: 5 },
    { isOn: true },
  ])('is refused with %j', (more) => {
    expect(isTaken({ name: 'Oven', wattage: 1, ...more })).toBe(false);
  });
});

describe('an id made from a name', () => {
  it.each([
    ['TV', 'tv'],
    ['Küche, Ofen 2', 'kuche-ofen-2'],
    ['  -- ', 'appliance'],
    ['冷蔵庫', 'appliance'],
    ['x'.repeat(100), 'x'.repeat(56)],
  ])('%s -> %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it('is one that nothing has', () => {
    const taken = new Set(['tv', 'tv-2']);
    expect(freeId('TV', (id) => taken.has(id))).toBe('tv-3');
  });
});

describe('a JSON body', () => {
  it('is read like any other', () => {
    expect(readJson('{"a":["}",{"b":"\\"["}]}')).toEqual({ a: ['}', { b: '"[' }] });
    expect(readJson(' ')).toBeUndefined();
  });

  it.each([
    ['nests too deep', '['.repeat(33) + ']'.repeat(33)],
    ['nests too deep in objects', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
    ['names __proto__', '{"__proto__":{"is_on":true}}'],
    ['hides __proto__', '{"\\u005f_proto__":1}'],
    ['hides __proto__ further down', '{"a":[{"_\\u005fproto__":1}]}'],
    ['is cut short', '{"a":'],
    ['is no JSON', "{'a':1}"],
    ['ends in a string', '"abc'],
  ])('is refused when it %s', (_, text) => {
    expect(() => readJson(text)).toThrowError();
  });

  it('may nest 32 levels', () => {
    expect(() => readJson('['.repeat(32) + ']'.repeat(32))).not.toThrow();
  });
});
