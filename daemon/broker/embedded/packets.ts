import { BROKER_LIMITS } from '../limits.ts';

/** MQTT 3.1.1, table 2.1. */
export const TYPE = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

interface Form {
  /** The lower four bits of the first byte (table 2.2); null: they say something (PUBLISH). */
  readonly flags: number | null;
  readonly bytesAtLeast: number;
  readonly bytesAtMost: number;
}

const { connectPacketBytes, controlPacketBytes, packetBytes } = BROKER_LIMITS;

/** Of what a client may send, the bytes after the header. All else is cut at its header. */
const FORMS = new Map<number, Form>([
  // Protocol name and level, flags, keep-alive, an empty client id.
  [TYPE.connect, { flags: 0, bytesAtLeast: 12, bytesAtMost: connectPacketBytes }],
  [TYPE.publish, { flags: null, bytesAtLeast: 3, bytesAtMost: packetBytes }],
  [TYPE.puback, { flags: 0, bytesAtLeast: 2, bytesAtMost: 2 }],
  [TYPE.pubrec, { flags: 0, bytesAtLeast: 2, bytesAtMost: 2 }],
  [TYPE.pubrel, { flags: 2, bytesAtLeast: 2, bytesAtMost: 2 }],
  [TYPE.pubcomp, { flags: 0, bytesAtLeast: 2, bytesAtMost: 2 }],
  // An id, a topic of one character, its QoS.
  [TYPE.subscribe, { flags: 2, bytesAtLeast: 6, bytesAtMost: controlPacketBytes }],
  [TYPE.unsubscribe, { flags: 2, bytesAtLeast: 5, bytesAtMost: controlPacketBytes }],
  [TYPE.pingreq, { flags: 0, bytesAtLeast: 0, bytesAtMost: 0 }],
  [TYPE.disconnect, { flags: 0, bytesAtLeast: 0, bytesAtMost: 0 }],
]);

export function typeOf(packet: Uint8Array): number {
  return (packet[0] ?? 0) >> 4;
}

export function qosOf(packet: Uint8Array): number {
  return ((packet[0] ?? 0) >> 1) & 3;
}

/** What is wrong with the two fields of a header; null: nothing. */
export function headerFault(first: number, length: number): string | null {
  const form = FORMS.get(first >> 4);
  if (form === undefined) return 'a packet that no client sends';
  if (form.flags !== null && form.flags !== (first & 15)) return 'wrong flags in a header';
  if (form.flags === null && ((first >> 1) & 3) === 3) return 'a QoS of 3';
  if (length > form.bytesAtMost) return `a packet of ${length} bytes`;
  return length < form.bytesAtLeast ? 'a packet too short for its kind' : null;
}

/** What aedes would stumble over inside of a whole packet. CONNECT is looked at by login.ts. */
export function bodyFault(packet: Buffer, headerBytes: number): string | null {
  const type = typeOf(packet);
  if (type === TYPE.publish) return publishFault(packet, headerBytes);
  if (type === TYPE.connect || packet.length === headerBytes) return null;
  // 2.3.1-1: an id is never 0.
  if (packet.readUInt16BE(headerBytes) === 0) return 'a packet id of 0';
  if (type === TYPE.subscribe) return listFault(packet, headerBytes + 2, 1);
  return type === TYPE.unsubscribe ? listFault(packet, headerBytes + 2, 0) : null;
}

function publishFault(packet: Buffer, headerBytes: number): string | null {
  const idAt = headerBytes + 2 + packet.readUInt16BE(headerBytes);
  const qos = qosOf(packet);
  if (idAt + (qos > 0 ? 2 : 0) > packet.length) return 'a topic longer than its packet';
  return qos > 0 && packet.readUInt16BE(idAt) === 0 ? 'a packet id of 0' : null;
}

/** Topics, each followed by so many bytes, to the very end. */
function listFault(packet: Buffer, from: number, bytesAfter: 0 | 1): string | null {
  let at = from;
  while (at < packet.length) {
    if (at + 2 > packet.length) return 'a list that ends too early';
    at += 2 + packet.readUInt16BE(at) + bytesAfter;
    if (at > packet.length) return 'a list that ends too early';
    // 3.8.3-4: the upper six bits are reserved.
    if (bytesAfter === 1 && (packet[at - 1] ?? 0) > 2) return 'a QoS of 3';
  }
  return null;
}
