/** Messages as no device says them. */

type Tree = null | boolean | number | string | Tree[] | { [name: string]: Tree };

export function isJson(payload: string): boolean {
  return treeOf(payload) !== undefined;
}

/** The message without one part of it, each part in turn; and what is left of it when it breaks off. */
export function lacking(payload: string): string[] {
  const tree = treeOf(payload);
  if (tree === undefined) return [''];
  const broken = [payload.slice(0, payload.length >> 1), payload.slice(0, -1)];
  return [...without(tree).map((part) => JSON.stringify(part)), '{}', '', ...broken];
}

const DEEP = 20_000;
const NO_NUMBER: readonly string[] = ['null', '{}', '[]', '[[]]', '"x"', '1e400', '-1e400', '1e308', '""'];
const QUOTED = '"12.5"';

/** Anything at all: no text, no JSON, too much of it, and the message itself with a wrong value in each place. */
export function garbled(payload: string, readsQuoted: boolean): (string | Uint8Array)[] {
  const tree = treeOf(payload);
  const places = tree === undefined ? [] : placesOf(tree);
  const values = readsQuoted ? NO_NUMBER : [...NO_NUMBER, QUOTED];
  const wrong = places.flatMap((at) => values.map((value) => withAt(payload, at, value)));
  return [
    ...['', ' ', '{', '[', 'null', 'true', '{}', '[]', '"', '\u0000', 'nan', 'inf', '-', '1e400', 'x'.repeat(100_000)],
    '['.repeat(DEEP),
    `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
    `{"padding":"${'x'.repeat(1_000_000)}"}`,
    '{"__proto__":{"state":"ON","output":true},"constructor":1,"toString":"ON"}',
    Uint8Array.of(0xff, 0xfe, 0x00, 0xc3, 0x28),
    ...wrong,
  ];
}

function treeOf(payload: string): Tree | undefined {
  try {
    const value = JSON.parse(payload) as Tree;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Path = readonly (string | number)[];

/** The leaves. */
function placesOf(tree: Tree, at: Path = []): Path[] {
  if (Array.isArray(tree)) return tree.flatMap((part, index) => placesOf(part, [...at, index]));
  if (typeof tree !== 'object' || tree === null) return [at];
  return Object.entries(tree).flatMap(([name, part]) => placesOf(part, [...at, name]));
}

/** A number that JSON.stringify would not write, such as 1e400, must stand there as it is. */
function withAt(payload: string, at: Path, value: string): string {
  const MARK = '\u0001mark\u0001';
  return JSON.stringify(changed(treeOf(payload) ?? null, at, MARK)).replace(JSON.stringify(MARK), () => value);
}

function changed(tree: Tree, [first, ...rest]: Path, value: Tree): Tree {
  if (first === undefined) return value;
  if (Array.isArray(tree)) return tree.map((part, index) => (index === first ? changed(part, rest, value) : part));
  if (typeof tree !== 'object' || tree === null) return tree;
  return { ...tree, [first]: changed(tree[first] ?? null, rest, value) };
}

/** One field less, or the last entry of a list, at any depth. */
function without(tree: Tree): Tree[] {
  if (Array.isArray(tree))
    return [tree.slice(0, -1), ...tree.flatMap((part, index) => without(part).map((less) => tree.with(index, less)))];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, part]) => [
    Object.fromEntries(Object.entries(tree).filter(([other]) => other !== name)),
    ...without(part).map((less) => ({ ...tree, [name]: less })),
  ]);
}
