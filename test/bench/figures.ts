/** Figures of one series of measurements, in the unit of its values. */
export interface Series {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export function seriesOf(values: readonly number[]): Series {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN, count: sorted.length };
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
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

export function line(what: string, figure: string, against = ''): void {
  console.log(`${what.padEnd(64)} ${figure.padStart(16)}  ${against}`);
}
