import { after, FRESH, type Op, type Register } from './lock-model.ts';

/** What a search may look at; more than this means that the history is too wild to be judged, not that it is wrong. */
const LOOKS_AT_MOST = 3_000_000;

/** How far an order of the operations was found that explains their answers. */
export interface Verdict {
  readonly isLinearizable: boolean;
  /** The longest order that was found; of a history that is linearizable, all of it. */
  readonly order: readonly Op[];
  /** What could have come next, and explains nothing. */
  readonly stuck: readonly Op[];
}

interface Node {
  readonly register: Register;
  /** Of the operations in the order of their beginning: all before `done`, and these beyond it. */
  readonly done: number;
  readonly ahead: readonly number[];
  readonly order: Chain | null;
}

interface Chain {
  readonly op: Op;
  readonly before: Chain | null;
  readonly length: number;
}

/**
 * Wing and Gong's search, with a memory of what was tried (Lowe): is there an order of these operations on one resource,
 * in which each takes place between its beginning and its end, and the model answers each as its client was answered?
 */
export function judge(history: readonly Op[], start: Register = FRESH): Verdict {
  const ops = [...history].sort((x, y) => x.invokedMs - y.invokedMs);
  const tried = new Set<string>();
  const open: Node[] = [{ register: start, done: 0, ahead: [], order: null }];
  let best: Node = { register: start, done: 0, ahead: [], order: null };
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.done === ops.length) return { isLinearizable: true, order: unroll(node.order), stuck: [] };
    if ((node.order?.length ?? 0) > (best.order?.length ?? 0)) best = node;
    for (const next of nextOf(ops, node)) {
      const key = keyOf(next);
      if (tried.has(key)) continue;
      tried.add(key);
      open.push(next);
    }
    if (tried.size > LOOKS_AT_MOST)
      throw new Error(`after ${LOOKS_AT_MOST} states nothing is known of ${ops.length} ops`);
  }
  const stuck = candidates(ops, best).map((index) => ops[index] as Op);
  return { isLinearizable: false, order: unroll(best.order), stuck };
}

function nextOf(ops: readonly Op[], node: Node): Node[] {
  return candidates(ops, node).flatMap((index) => {
    const op = ops[index] as Op;
    const order = { op, before: node.order, length: (node.order?.length ?? 0) + 1 };
    return after(node.register, op).map((register) => ({ register, order, ...advance(node, index) }));
  });
}

/** Those that began before any other that is open has ended. */
function candidates(ops: readonly Op[], { done, ahead }: Node): number[] {
  let endMs = Number.POSITIVE_INFINITY;
  const found: number[] = [];
  for (let index = done; index < ops.length; index += 1) {
    const op = ops[index] as Op;
    if (op.invokedMs > endMs) break;
    if (ahead.includes(index)) continue;
    endMs = Math.min(endMs, op.returnedMs);
    found.push(index);
  }
  return found.filter((index) => (ops[index] as Op).invokedMs <= endMs);
}

function advance(node: Node, index: number): Pick<Node, 'done' | 'ahead'> {
  const all = new Set([...node.ahead, index]);
  let { done } = node;
  while (all.delete(done)) done += 1;
  return { done, ahead: [...all].sort((x, y) => x - y) };
}

function keyOf({ register, done, ahead }: Node): string {
  const holders = register.holders.map(({ client, token, mode, untilMs }) => `${client}${token}${mode}${untilMs}`);
  return `${done} ${ahead.join()} ${register.token} ${register.nowMs} ${holders.join()}`;
}

function unroll(chain: Chain | null): Op[] {
  const order: Op[] = [];
  for (let link = chain; link !== null; link = link.before) order.unshift(link.op);
  return order;
}
