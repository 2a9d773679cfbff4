/** Numbers in [0, 1): seeded in the simulation, so that one seed makes one history. */
export type Random = () => number;

/**
 * The same bytes with one of them changed. A burst of at most 8 bits is always caught by CRC-16, so spoiled bytes
 * are lost bytes and never, by bad luck, another valid frame: a checker may rely on it.
 */
export function spoil(bytes: Uint8Array, random: Random): Uint8Array {
  const spoiled = Uint8Array.from(bytes);
  const at = Math.floor(random() * bytes.length);
  const flips = 1 + Math.floor(random() * 255);
  if (at < spoiled.length) spoiled[at] = (spoiled[at] ?? 0) ^ flips;
  return spoiled;
}

/** Small, fast and good enough for faults: mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
