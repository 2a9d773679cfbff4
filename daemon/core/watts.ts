/** Watts are integers in milliwatts (S4): sums are exact, and 5000.1 is more than 5000. */

export const MIN_MW = 1;
export const MAX_MW = 1_000_000_000;

const DECIMAL = /^(\d{1,7})(?:\.(\d{1,3}))?$/;

/**
 * Reads watts from a number or a decimal string of at most three decimals.
 * Returns milliwatts, or null for anything else (more decimals, a sign, an exponent, NaN).
 */
export function parseWatts(value: unknown): number | null {
  if (typeof value === 'number') return fromText(plainText(value));
  return typeof value === 'string' ? fromText(value) : null;
}

/** JavaScript prints the shortest decimal that reads back as the same number: what the client wrote. */
function plainText(value: number): string {
  return Number.isFinite(value) ? String(value) : '';
}

function fromText(text: string): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  return Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0'));
}

/** For people and clients: at most three decimals, exact. */
export function toWatts(mw: number): number {
  return mw / 1000;
}
