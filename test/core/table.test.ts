import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oldest, overlay, type Table } from '../../daemon/core/table.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const change = fc.oneof(
  fc.tuple(fc.constant('set' as const), key, fc.nat(99)),
  fc.tuple(fc.constant('delete' as const), key, fc.constant(0)),
);

function alter(table: Table<number>, [what, id, value]: readonly ['set' | 'delete', string, number]): void {
  if (what === 'set') table.set(id, value);
  else table.delete(id);
}

describe('an overlay is the Map that the changes would have made', () => {
  it('over a Map, and over another overlay', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), fc.array(change), (base, first, second) => {
        const below = new Map<string, number>();
        for (const one of base) alter(below, one);
        const model = new Map(below);
        const layers = [overlay(below)];
        layers.push(overlay(layers[0] ?? below));
        for (const one of first) for (const table of [layers[0] ?? below, model]) alter(table, one);
        for (const one of second) for (const table of [layers[1] ?? below, model]) alter(table, one);
        expect(shown(layers[1] ?? below)).toEqual(shown(model));
      }),
    );
  });

  it('leaves what is beneath alone', () => {
    const below = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const above = overlay(below);
    above.set('a', 9);
    above.delete('b');
    above.set('c', 3);
    expect([...below]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect([...above.values()]).toEqual([9, 3]);
  });

  it('knows its oldest entry', () => {
    const above = overlay(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(oldest(above)).toBe(1);
    above.delete('a');
    expect(oldest(above)).toBe(2);
    above.delete('b');
    expect(oldest(above)).toBeUndefined();
    above.set('c', 3);
    expect(oldest(above)).toBe(3);
    expect(oldest(new Map([['a', 1]]))).toBe(1);
    expect(oldest(new Map())).toBeUndefined();
  });

  /** Order aside: what was deleted and set again keeps its old place in an overlay. */
  function shown(table: Table<number>): unknown {
    return [['a', 'b', 'c', 'd'].map((id) => table.get(id)), [...table.values()].sort()];
  }
});
