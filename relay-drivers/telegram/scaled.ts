/** No unit of a meter lies further from ours: what claims more is damage. */
const MAX_EXPONENT = 18;

/** `value` times ten to the `exponent`, exact; what is finer than 1 is rounded, halves away from 0. Null: no safe integer. */
export function scaled(value: bigint, exponent: number): number | null {
  if (!(Math.abs(exponent) <= MAX_EXPONENT)) return null;
  const factor = 10n ** BigInt(Math.abs(exponent));
  const result = Number(exponent >= 0 ? value * factor : rounded(value, factor));
  return Number.isSafeInteger(result) ? result : null;
}

function rounded(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return (value < 0n ? value - half : value + half) / divisor;
}
