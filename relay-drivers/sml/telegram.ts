import type { Telegram } from '../meter.ts';
import { type Quantity, quantityOf, readingOf } from '../telegram/obis.ts';
import { scaled } from '../telegram/scaled.ts';
import { type Node, readNodes } from './tlv.ts';

/** The DLMS codes of W, V, A and Wh; all four are thousandths in our units. */
const UNITS: Record<Quantity, bigint> = { power: 0x1bn, voltage: 0x23n, current: 0x21n, energy: 0x1en };
const TO_MILLI = 3;

const OBIS_BYTES = 6;
/** Name, status, time, unit, scaler, value, signature (wire-formats B4: `77 07 <obis6> .. 62 uu 52 ss <value>`). */
const ENTRY_ITEMS = 7;

/** The messages of a frame whose CRC was right. */
export function readMessages(bytes: Uint8Array): Telegram {
  const nodes = readNodes(bytes);
  if (!nodes) return damaged('its messages cannot be read, though its CRC is right');
  const registers = new Map<string, number>();
  collect(nodes, registers);
  const reading = readingOf(registers);
  return reading
    ? { kind: 'reading', reading }
    : damaged('it has no power value; some meters need their PIN before they tell it');
}

/** An entry is known by its shape wherever it stands: the name of a register first in a list of seven. */
function collect(nodes: readonly Node[], registers: Map<string, number>): void {
  for (const node of nodes) {
    if (node.kind !== 'list') continue;
    readEntry(node.items, registers);
    collect(node.items, registers);
  }
}

function readEntry(items: readonly Node[], registers: Map<string, number>): void {
  const [object, , , unit, scaler, value] = items;
  const name = items.length === ENTRY_ITEMS && object?.kind === 'octets' ? registerName(object.bytes) : null;
  const quantity = name === null ? null : quantityOf(name);
  if (name === null || !quantity || value?.kind !== 'integer') return;
  if (unit?.kind !== 'integer' || unit.value !== UNITS[quantity]) return;
  const exponent = scaler?.kind === 'integer' ? Number(scaler.value) : 0;
  const amount = scaled(value.value, exponent + TO_MILLI);
  if (amount !== null) registers.set(name, amount);
}

/** `1-0:C.D.E*255`: electricity, the meter itself, now. */
function registerName(bytes: Uint8Array): string | null {
  const [medium, channel, c, d, e, stored] = bytes;
  return bytes.length === OBIS_BYTES && medium === 1 && channel === 0 && stored === 255 ? `${c}.${d}.${e}` : null;
}

function damaged(reason: string): Telegram {
  return { kind: 'damaged', reason };
}
