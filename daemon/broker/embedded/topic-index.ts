import { levelsOf } from './topics.ts';

/** Made as they are needed: most topics end where nothing is below them. */
interface Node<T> {
  below: Map<string, Node<T>> | null;
  value: T | null;
}

/**
 * Values under topics, found by filter: the other way round than topic-tree.ts. A thousand plugs subscribe, and are
 * listened to, while thousands of topics are kept: trying each topic kept the hub busy for a quarter of a minute.
 */
export class TopicIndex<T> {
  readonly #root: Node<T> = { below: null, value: null };

  set(topic: string, value: T): void {
    let node = this.#root;
    for (const level of levelsOf(topic)) {
      node.below ??= new Map();
      const next = node.below.get(level) ?? { below: null, value: null };
      node.below.set(level, next);
      node = next;
    }
    node.value = value;
  }

  delete(topic: string): void {
    const path = [this.#root];
    const levels = levelsOf(topic);
    for (const level of levels) {
      const next = path.at(-1)?.below?.get(level);
      if (next === undefined) return;
      path.push(next);
    }
    const last = path.at(-1);
    if (last !== undefined) last.value = null;
    prune(path, levels);
  }

  match(filter: string): T[] {
    const found: T[] = [];
    collect(this.#root, levelsOf(filter), 0, found, true);
    return found;
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], at: number, found: T[], isFront: boolean): void {
  const level = levels[at];
  // `a/#` matches `a` too (MQTT 3.1.1, 4.7.1.2).
  if (node.value !== null && (level === undefined || level === '#')) found.push(node.value);
  if (level === undefined || node.below === null) return;
  if (level !== '+' && level !== '#') {
    const next = node.below.get(level);
    if (next !== undefined) collect(next, levels, at + 1, found, false);
    return;
  }
  // Wildcards at the front do not reach `$...` (4.7.2-1).
  for (const [name, next] of node.below)
    if (!isFront || !name.startsWith('$')) collect(next, levels, level === '#' ? at : at + 1, found, false);
}

/** What holds nothing any more goes. */
function prune<T>(path: readonly Node<T>[], levels: readonly string[]): void {
  for (let at = levels.length; at > 0; at -= 1) {
    const node = path[at];
    if (node === undefined || node.value !== null || (node.below?.size ?? 0) > 0) return;
    path[at - 1]?.below?.delete(levels[at - 1] ?? '');
  }
}
