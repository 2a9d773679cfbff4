/** Sums are made in milliwatts, as the hub makes them: 0.1 + 0.2 is 0.3. */
export function toMw(watts: number): number {
  return Math.round(watts * 1000);
}

export function addWatts(parts: readonly number[]): number {
  return parts.reduce((sum, watts) => sum + toMw(watts), 0) / 1000;
}

export function subtractWatts(from: number, watts: number): number {
  return (toMw(from) - toMw(watts)) / 1000;
}

/** `2400 W`, `2500.5 W`: what the hub said, neither rounded nor grouped. */
export function sayWatts(watts: number): string {
  return `${sayNumber(watts)} W`;
}

export function sayNumber(watts: number): string {
  return String(toMw(watts) / 1000);
}

/** What a meter said, without its sign (`sayFlow` tells it). Tenths below 100 W: no meter of a home is better than that. */
export function sayMeasured(watts: number): string {
  const size = Math.abs(watts);
  return `${size >= 100 ? Math.round(size) : Math.round(size * 10) / 10} W`;
}
