/** How far one finger went; how much closer two of them are. */
export function reach(fingers: readonly { readonly startX: number; readonly x: number }[]) {
  const [a, b] = fingers;
  if (a === undefined) return { dx: 0, factor: 1, x: 0 };
  if (b === undefined) return { dx: a.x - a.startX, factor: 1, x: a.x };
  const before = Math.max(20, Math.abs(a.startX - b.startX));
  const after = Math.max(20, Math.abs(a.x - b.x));
  const [from, to] = [(a.startX + b.startX) / 2, (a.x + b.x) / 2];
  return { dx: to - from, factor: before / after, x: to };
}
