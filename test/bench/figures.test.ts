import { describe, expect, it } from 'vitest';
import { median, seriesOf } from './figures.ts';

describe('a series of measurements', () => {
  it('has percentiles that were measured: so many percent are not above them', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(seriesOf(hundred)).toEqual({ p50: 50, p99: 99, max: 100, count: 100 });
  });

  it('tells the worst of a hundred from the worst of two hundred', () => {
    const spike = (count: number) => [...new Array<number>(count - 2).fill(1), 7, 9];
    expect(seriesOf(spike(100)).p99).toBe(7);
    expect(seriesOf(spike(200)).p99).toBe(1);
  });

  it.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 9, 2, 1], 2],
  ])('has a median: of %j it is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('is left as it was', () => {
    const values = [3, 1, 2];
    seriesOf(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('of nothing is an error, not a figure', () => {
    expect(() => seriesOf([])).toThrow('nothing was measured');
  });
});
