import { levelsOf } from './topics.ts';

interface Node<T> {
  readonly below: Map<string, Node<T>>;
  readonly values: Set<T>;
}

/** Values under filters, found by topic: with a thousand plugs, trying each filter costs more than all else. */
export class TopicTree<T> {
  readonly #root: Node<T> = emptyNode();

  add(filter: string, value: T): void {
    let node = this.#root;
    for (const level of levelsOf(filter)) {
      const next = node.below.get(level) ?? emptyNode<T>();
      node.below.set(level, next);
      node = next;
    }
    node.values.add(value);
  }

  remove(filter: string, value: T): void {
    this.removeWhere(filter, (one) => one === value);
  }

  removeWhere(filter: string, isIt: (value: T) => boolean): void {
    const path = [this.#root];
    const levels = levelsOf(filter);
    for (const level of levels) {
      const next = path.at(-1)?.below.get(level);
      if (next === undefined) return;
      path.push(next);
    }
    const values = path.at(-1)?.values ?? new Set<T>();
    for (const value of values) if (isIt(value)) values.delete(value);
    prune(path, levels);
  }

  /** Each value once for each filter that it stands under and that matches. */
  match(topic: string): T[] {
    const found: T[] = [];
    // Wildcards at the front do not reach `$...` (MQTT 3.1.1, 4.7.2-1).
    collect(this.#root, levelsOf(topic), 0, found, topic.startsWith('$'));
    return found;
  }

  get isEmpty(): boolean {
    return this.#root.below.size === 0;
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], at: number, found: T[], isSystem: boolean): void {
  const level = levels[at];
  const isFront = at === 0 && isSystem;
  // `a/#` matches `a` too (4.7.1.2).
  const rest = isFront ? undefined : node.below.get('#');
  if (rest !== undefined) found.push(...rest.values);
  if (level === undefined) {
    found.push(...node.values);
    return;
  }
  const exact = node.below.get(level);
  if (exact !== undefined) collect(exact, levels, at + 1, found, isSystem);
  const one = isFront ? undefined : node.below.get('+');
  if (one !== undefined) collect(one, levels, at + 1, found, isSystem);
}

/** What holds nothing any more goes, or strangers' filters would pile up. */
function prune<T>(path: readonly Node<T>[], levels: readonly string[]): void {
  for (let at = levels.length; at > 0; at -= 1) {
    const node = path[at];
    if (node === undefined || node.values.size > 0 || node.below.size > 0) return;
    path[at - 1]?.below.delete(levels[at - 1] ?? '');
  }
}

function emptyNode<T>(): Node<T> {
  return { below: new Map(), values: new Set() };
}
