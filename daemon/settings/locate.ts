import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { Finding } from './finding.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where in the text a finding is: at its key or value, or, for what is missing, at what should have held it. */
export function locate(document: Document, lines: LineCounter, finding: Finding): Place {
  let place = startOf(document.contents);
  let node: unknown = document.contents;
  for (const [index, part] of finding.path.entries()) {
    const isLast = index === finding.path.length - 1;
    const step = child(resolved(node, document), part);
    if (step === null) break;
    place = isLast && finding.atKey === true ? step.keyAt : step.valueAt;
    node = step.node;
  }
  const { line, col } = lines.linePos(place);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface Step {
  readonly node: unknown;
  readonly keyAt: number;
  readonly valueAt: number;
}

function child(node: unknown, part: string | number): Step | null {
  if (isSeq(node) && typeof part === 'number') return stepTo(node.items[part], null);
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isPair(item) && keyText(item) === String(part));
  return pair ? stepTo(pair.value, pair.key) : null;
}

/** A value that stands below its key (a mapping, a list) is better shown at its key. */
function stepTo(value: unknown, key: unknown): Step | null {
  if (value === undefined) return null;
  const keyAt = key === null ? startOf(value) : startOf(key);
  const isBlock = (isMap(value) || isSeq(value)) && value.flow !== true;
  return { node: value, keyAt, valueAt: key !== null && (isBlock || !isNode(value)) ? keyAt : startOf(value) };
}

function keyText(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
