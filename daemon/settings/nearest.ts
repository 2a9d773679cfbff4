/** The known word that a mistyped one probably meant; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = plain(word);
  // A third of the letters may be wrong: more, and the advice misleads.
  let best = { word: null as string | null, distance: Math.max(1, Math.floor(wanted.length / 3)) + 1 };
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < best.distance) best = { word: candidate, distance };
  }
  return best.word;
}

/** ` (did you mean x?)`, or nothing. */
export function hint(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === null ? '' : `; did you mean ${found}?`;
}

/** `limitW`, `limit-w` and `Limit_W` are the same slip. */
function plain(word: string): string {
  return word.slice(0, 64).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(cell(a, b, i, j, { row, last, beforeLast }));
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

interface Rows {
  readonly row: readonly number[];
  readonly last: readonly number[];
  readonly beforeLast: readonly number[];
}

function cell(a: string, b: string, i: number, j: number, { row, last, beforeLast }: Rows): number {
  const same = a[i - 1] === b[j - 1];
  const one = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
  const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return isSwap ? Math.min(one, at(beforeLast, j - 2) + 1) : one;
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
