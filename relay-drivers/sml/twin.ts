import type { MeterReading, PhaseReading } from '../meter.ts';
import type { MeterProtocol } from '../simulator/meter-twin.ts';
import { CRC_X25, crcOf } from '../telegram/crc.ts';
import { sealMessages } from './codec.ts';

/** Simulated meters with an optical head; the frames are built from the facts in wire-formats B4. */
export const SML_TWINS = {
  sml: pushing((truth) => [...energyEntries(truth), ...powerEntries(truth), ...truth.phases.flatMap(phaseEntries)]),
  /** Before its PIN is entered a meter tells what it counted, not what flows. */
  'sml-locked': pushing(energyEntries),
} as const satisfies Record<string, MeterProtocol>;

/** DLMS codes. */
const UNIT = { W: 0x1b, Wh: 0x1e, A: 0x21, V: 0x23 } as const;
const SERVER_ID = [0x0a, 0x01, 0x45, 0x53, 0x59, 0x11, 0x03, 0xb5, 0x1c, 0xed];
const OPEN_RESPONSE = 0x0101;
const CLOSE_RESPONSE = 0x0201;
const LIST_RESPONSE = 0x0701;
const NOTHING = [0x01];
const END_OF_MESSAGE = 0x00;

type Entries = (truth: MeterReading) => number[][];

function pushing(entriesOf: Entries): MeterProtocol {
  return {
    kind: 'pushed',
    everyMs: 2000,
    telegram: (truth, wallMs) => {
      const file = octets(bytesOf(wallMs, 6).slice(2));
      const messages = [
        message(1, OPEN_RESPONSE, list(NOTHING, NOTHING, file, octets(SERVER_ID), NOTHING, NOTHING)),
        message(2, LIST_RESPONSE, listResponse(entriesOf(truth), wallMs)),
        message(3, CLOSE_RESPONSE, list(NOTHING)),
      ];
      return sealMessages(Uint8Array.from(messages.flat()));
    },
  };
}

function listResponse(entries: number[][], wallMs: number): number[] {
  const sensorTime = list(unsigned(1, 1), unsigned(Math.floor(wallMs / 1000), 4));
  return list(NOTHING, octets(SERVER_ID), NOTHING, sensorTime, list(...entries), NOTHING, NOTHING);
}

/** A head, the body behind its tag, and a CRC of its own. */
function message(transaction: number, tag: number, body: number[]): number[] {
  const open = [
    0x76,
    ...octets(bytesOf(transaction, 4)),
    ...unsigned(0, 1),
    ...unsigned(0, 1),
    ...list(unsigned(tag, 2), body),
  ];
  const crc = crcOf(CRC_X25, Uint8Array.from(open));
  return [...open, ...unsigned(((crc & 0xff) << 8) | (crc >>> 8), 2), END_OF_MESSAGE];
}

/** Tenths of a watt-hour. */
function energyEntries({ energyImportMwh, energyExportMwh }: MeterReading): number[][] {
  return [...entry([1, 8, 0], UNIT.Wh, -1, energyImportMwh, 8), ...entry([2, 8, 0], UNIT.Wh, -1, energyExportMwh, 8)];
}

/** Whole watts, signed. */
function powerEntries({ powerMw }: MeterReading): number[][] {
  return entry([16, 7, 0], UNIT.W, 0, powerMw, 4);
}

function phaseEntries({ powerMw, voltageMv, currentMa }: PhaseReading, index: number): number[][] {
  const base = 20 * (index + 1);
  return [
    ...entry([base + 16, 7, 0], UNIT.W, 0, powerMw, 4),
    ...entry([base + 12, 7, 0], UNIT.V, -1, voltageMv, 2),
    ...entry([base + 11, 7, 0], UNIT.A, -2, currentMa, 2),
  ];
}

/** `thousandths` in steps of ten to the `scaler` of the unit; no entry for what is not known. */
function entry(name: number[], unit: number, scaler: number, thousandths: number | null, width: number): number[][] {
  if (thousandths === null) return [];
  const amount = Math.round(thousandths / 10 ** (3 + scaler));
  const object = octets([1, 0, ...name, 255]);
  return [list(object, NOTHING, NOTHING, unsigned(unit, 1), signed(scaler, 1), signed(amount, width), NOTHING)];
}

function list(...items: number[][]): number[] {
  return [...head(7, items.length), ...items.flat()];
}

function octets(bytes: number[]): number[] {
  return [...head(0, bytes.length + 1), ...bytes];
}

function signed(value: number, width: number): number[] {
  return [...head(5, width + 1), ...bytesOf(value, width)];
}

function unsigned(value: number, width: number): number[] {
  return [...head(6, width + 1), ...bytesOf(value, width)];
}

/** Lists of sixteen and more take a second byte. */
function head(type: number, length: number): number[] {
  return length < 16 ? [(type << 4) | length] : [0x80 | (type << 4) | (length >> 4), length & 0x0f];
}

/** Big-endian, two's complement. */
function bytesOf(value: number, width: number): number[] {
  const bits = BigInt.asUintN(width * 8, BigInt(value));
  return Array.from({ length: width }, (_, index) => Number((bits >> BigInt((width - 1 - index) * 8)) & 0xffn));
}
