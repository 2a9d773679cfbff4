/** Figures of one series of measurements, in the unit of its values. */
export interface Series {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

/** Nearest rank: the p-th percentile is a value that was measured, and so many percent are not above it. */
export function seriesOf(values: readonly number[]): Series {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}

export function median(values: readonly number[]): number {
  return seriesOf(values).p50;
}

/** Calls `step` so many times, one after the other; how long each took, in ms. */
export async function timed(count: number, step: (i: number) => Promise<unknown> | unknown): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    await step(i);
    taken.push(performance.now() - startMs);
  }
  return taken;
}
