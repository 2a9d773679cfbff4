/** SML's type-length-value encoding: what the messages of a frame are made of. Pure, never throws. */

export type Node =
  | { readonly kind: 'octets'; readonly bytes: Uint8Array }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  /** A boolean, or the zero that ends a message. */
  | { readonly kind: 'other' };

interface Read {
  readonly node: Node;
  readonly next: number;
}

interface Head {
  readonly type: number;
  readonly length: number;
  readonly headBytes: number;
}

const TYPE = { octets: 0, boolean: 4, signed: 5, unsigned: 6, list: 7 } as const;
/** Real messages nest six deep. */
const MAX_DEPTH = 16;
const MAX_HEAD_BYTES = 3;
const MAX_INTEGER_BYTES = 8;

/** All that stands in the bytes, one after the other; null where they are not whole. */
export function readNodes(bytes: Uint8Array): Node[] | null {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readNode(bytes, at, 0);
    if (!read) return null;
    nodes.push(read.node);
    at = read.next;
  }
  return nodes;
}

function readNode(bytes: Uint8Array, at: number, depth: number): Read | null {
  if (bytes[at] === 0) return { node: { kind: 'other' }, next: at + 1 };
  const head = readHead(bytes, at);
  if (!head) return null;
  const { type, length, headBytes } = head;
  if (type === TYPE.list) return depth < MAX_DEPTH ? readList(bytes, at + headBytes, length, depth + 1) : null;
  // The length of anything but a list counts its own head.
  const next = at + length;
  if (length < headBytes || next > bytes.length) return null;
  const node = readValue(type, bytes.subarray(at + headBytes, next));
  return node && { node, next };
}

/** Each item takes a byte at least, so a count that lies runs out of bytes. */
function readList(bytes: Uint8Array, start: number, count: number, depth: number): Read | null {
  const items: Node[] = [];
  let next = start;
  while (items.length < count) {
    const read = readNode(bytes, next, depth);
    if (!read) return null;
    items.push(read.node);
    next = read.next;
  }
  return { node: { kind: 'list', items }, next };
}

/** Type in bits 6 to 4, length in the low four; bit 7: four more bits of length are in the next byte. */
function readHead(bytes: Uint8Array, at: number): Head | null {
  let length = 0;
  for (let headBytes = 1; headBytes <= MAX_HEAD_BYTES; headBytes += 1) {
    const byte = bytes[at + headBytes - 1];
    if (byte === undefined) return null;
    length = length * 16 + (byte & 0x0f);
    if (byte < 0x80) return { type: ((bytes[at] ?? 0) >> 4) & 0x07, length, headBytes };
  }
  return null;
}

function readValue(type: number, bytes: Uint8Array): Node | null {
  switch (type) {
    case TYPE.octets:
      return { kind: 'octets', bytes };
    case TYPE.boolean:
      return { kind: 'other' };
    case TYPE.signed:
    case TYPE.unsigned:
      return readInteger(bytes, type === TYPE.signed);
    default:
      return null;
  }
}

/** Meters leave leading bytes out: one to eight come, big-endian. */
function readInteger(bytes: Uint8Array, isSigned: boolean): Node | null {
  if (bytes.length < 1 || bytes.length > MAX_INTEGER_BYTES) return null;
  const value = bytes.reduce((all, byte) => all * 256n + BigInt(byte), 0n);
  return { kind: 'integer', value: isSigned ? BigInt.asIntN(bytes.length * 8, value) : value };
}
