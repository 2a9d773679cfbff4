import { levelsOf } from './topics.ts';

/** Made as they are needed: most filters end where nothing is below them, and most levels are the end of none. */
interface Node<T> {
  below: Map<string, Node<T>> | null;
  values: readonly T[] | null;
}

/** Topics and what they find, together: some of each of 1,000 plugs, half a megabyte. */
const MAX_FOUND = 8000;

/** Values under filters, found by topic: with a thousand plugs, trying each filter costs more than all else. */
export class TopicTree<T> {
  readonly #root: Node<T> = emptyNode();
  /** Until something is added or removed: devices say the same topics again and again. */
  readonly #found = new Map<string, readonly T[]>();
  #foundCount = 0;

  add(filter: string, value: T): void {
    this.#forgetFound();
    let node = this.#root;
    for (const level of levelsOf(filter)) {
      node.below ??= new Map();
      const next = node.below.get(level) ?? emptyNode<T>();
      node.below.set(level, next);
      node = next;
    }
    // Where `push` or a spread would make room for 17.
    if (node.values?.includes(value) !== true) node.values = node.values?.concat([value]) ?? [value];
  }

  remove(filter: string, value: T): void {
    this.removeWhere(filter, (one) => one === value);
  }

  removeWhere(filter: string, isIt: (value: T) => boolean): void {
    this.#forgetFound();
    const path = [this.#root];
    const levels = levelsOf(filter);
    for (const level of levels) {
      const next = path.at(-1)?.below?.get(level);
      if (next === undefined) return;
      path.push(next);
    }
    const last = path.at(-1);
    if (last !== undefined) last.values = last.values?.filter((value) => !isIt(value)) ?? null;
    prune(path, levels);
  }

  /** Each value once for each filter that it stands under and that matches. */
  match(topic: string): readonly T[] {
    const known = this.#found.get(topic);
    if (known !== undefined) return known;
    const found: T[] = [];
    // Wildcards at the front do not reach `$...` (MQTT 3.1.1, 4.7.2-1).
    collect(this.#root, levelsOf(topic), 0, found, topic.startsWith('$'));
    this.#remember(topic, found);
    return found;
  }

  /** Once it is full nothing more is remembered: who has many topics has them in turn. */
  #remember(topic: string, found: readonly T[]): void {
    if (this.#foundCount + found.length + 1 > MAX_FOUND) return;
    this.#foundCount += found.length + 1;
    this.#found.set(topic, found.slice());
  }

  #forgetFound(): void {
    this.#found.clear();
    this.#foundCount = 0;
  }

  get isEmpty(): boolean {
    return (this.#root.below?.size ?? 0) === 0;
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], at: number, found: T[], isSystem: boolean): void {
  const level = levels[at];
  const isFront = at === 0 && isSystem;
  // `a/#` matches `a` too (4.7.1.2).
  const rest = isFront ? undefined : node.below?.get('#');
  for (const value of rest?.values ?? []) found.push(value);
  if (level === undefined) {
    for (const value of node.values ?? []) found.push(value);
    return;
  }
  const exact = node.below?.get(level);
  if (exact !== undefined) collect(exact, levels, at + 1, found, isSystem);
  const one = isFront ? undefined : node.below?.get('+');
  if (one !== undefined) collect(one, levels, at + 1, found, isSystem);
}

/** What holds nothing any more goes, or strangers' filters would pile up. */
function prune<T>(path: readonly Node<T>[], levels: readonly string[]): void {
  for (let at = levels.length; at > 0; at -= 1) {
    const node = path[at];
    if (node === undefined || (node.values?.length ?? 0) > 0 || (node.below?.size ?? 0) > 0) return;
    path[at - 1]?.below?.delete(levels[at - 1] ?? '');
  }
}

function emptyNode<T>(): Node<T> {
  return { below: null, values: null };
}
