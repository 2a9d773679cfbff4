import { floatAt, SDM_REGISTER } from '../eastron-sdm/codec.ts';
import type { Found } from '../line/exchange.ts';
import { isSealed, sealed } from '../modbus/crc.ts';
import { encodeRegisterRequest, findRegisterReply, type RegisterRequest } from '../modbus/registers.ts';
import { encodeRequest } from '../modbus-coils/codec.ts';
import { findReply } from '../modbus-coils/replies.ts';
import { PZEM_REGISTERS } from '../pzem-004t/codec.ts';
import type { Finding } from './finding.ts';
import type { Talk } from './talk.ts';

type Kind = Pick<Finding, 'role' | 'driver' | 'settings' | 'says'>;

/** Any valid answer of a unit: also a refusal says that somebody is there. */
export function anyReply(unit: number, functionCode: number) {
  return (bytes: Uint8Array): Found<number> | null => {
    for (let start = 0; start + 5 <= bytes.length; start += 1) {
      const isHead = bytes[start] === unit && ((bytes[start + 1] ?? 0) & 0x7f) === functionCode;
      const isRefusal = ((bytes[start + 1] ?? 0) & 0x80) !== 0;
      const end = start + (isRefusal ? 5 : 5 + (bytes[start + 2] ?? 0));
      if (isHead && isSealed(bytes, start, end)) return { reply: wordAt(bytes, start + 3), start, end };
    }
    return null;
  };
}

/** One question for a device at a certain address, or for everybody. */
export interface Detector {
  readonly unit: number;
  readonly request: Uint8Array;
  /** The unit that answered, in its reply's own words where it tells it. */
  readonly parse: (bytes: Uint8Array) => Found<number> | null;
}

/** Read-only, and none of their bytes is an order to a board that is told by bytes: see harmless.ts and its test. */
export const DETECTORS: readonly Detector[] = [
  // A relay of FC06 boards; every other Modbus device at least refuses it. Meters: current, or the energy of a PZEM.
  atUnit(1, [0x03, 0x00, 0x01, 0x00, 0x01]),
  atUnit(1, [0x04, 0x00, 0x06, 0x00, 0x02]),
  atUnit(1, [0x01, 0x00, 0x00, 0x00, 0x10]),
  // Unit 0: LCTech and Waveshare boards tell their address (wire-formats A1). F8: any PZEM that is alone.
  { ...atUnit(0, [0x03, 0x00, 0x00, 0x00, 0x01]), parse: addressIn },
  { ...atUnit(0, [0x03, 0x40, 0x00, 0x00, 0x01]), parse: addressIn },
  atUnit(0xf8, [0x04, 0x00, 0x06, 0x00, 0x02]),
];

/** For one address of a scan; the first that is harmless is taken. */
export function scanDetectors(unit: number): Detector[] {
  return [
    atUnit(unit, [0x03, 0x00, 0x01, 0x00, 0x01]),
    atUnit(unit, [0x04, 0x00, 0x06, 0x00, 0x02]),
    atUnit(unit, [0x01, 0x00, 0x00, 0x00, 0x08]),
  ];
}

function atUnit(unit: number, body: readonly number[]): Detector {
  const found = anyReply(unit, body[0] ?? 0);
  return {
    unit,
    request: sealed([unit, ...body]),
    parse: (bytes) => {
      const answer = found(bytes);
      return answer && { ...answer, reply: unit };
    },
  };
}

/** Only from a board that answers as unit 0 and tells an address. */
function addressIn(bytes: Uint8Array): Found<number> | null {
  const found = anyReply(0, 0x03)(bytes);
  const isTold = found !== null && found.end - found.start === 7 && found.reply >= 1 && found.reply <= 255;
  return isTold ? found : null;
}

/** What kind of device it is. Asked only once something answered in Modbus: then no other kind is on the line. */
export async function identify(talk: Talk, unit: number): Promise<Kind> {
  return (
    (await asPzem(talk, unit)) ??
    (await asSdm(talk, unit)) ??
    (await asCoilBoard(talk, unit)) ??
    (await asFc06Board(talk, unit)) ?? {
      role: 'unknown',
      driver: null,
      settings: {},
      says: 'a Modbus device of a kind that no driver here knows',
    }
  );
}

async function asPzem(talk: Talk, unit: number): Promise<Kind | null> {
  const words = await registers(talk, { kind: 'read_input', unit, address: 0, quantity: PZEM_REGISTERS });
  const [tenthsOfVolt = 0, hertzTenths = 0] = [words?.[0], words?.[7]];
  if (hertzTenths < 400 || hertzTenths > 700 || tenthsOfVolt < 500 || tenthsOfVolt > 3000) return null;
  return {
    role: 'meter',
    driver: 'pzem-004t',
    settings: {},
    says: `PZEM-004T meter, ${tenthsOfVolt / 10} V, ${hertzTenths / 10} Hz`,
  };
}

async function asSdm(talk: Talk, unit: number): Promise<Kind | null> {
  const at = (address: number): RegisterRequest => ({ kind: 'read_input', unit, address, quantity: 2 });
  const hertz = floatAt((await registers(talk, at(SDM_REGISTER.frequency))) ?? [], 0);
  const volt = floatAt((await registers(talk, at(SDM_REGISTER.voltage))) ?? [], 0);
  if (!(volt >= 50 && volt <= 500) || !(hertz >= 40 && hertz <= 70)) return null;
  const second = floatAt((await registers(talk, at(SDM_REGISTER.voltage + 2))) ?? [], 0);
  const model = second >= 50 ? 'sdm630' : 'sdm120';
  return {
    role: 'meter',
    driver: 'eastron-sdm',
    settings: { model },
    says: `Eastron SDM meter, ${Math.round(volt * 10) / 10} V; check the model: ${second >= 50 ? 'three phases' : 'one phase'}`,
  };
}

/** The most that it answers for; the oldest Waveshare boards answer 8 whatever is asked (wire-formats A1, quirk 3). */
async function asCoilBoard(talk: Talk, unit: number): Promise<Kind | null> {
  for (const channels of [32, 16, 8]) {
    const request = { kind: 'read_coils', unit, address: 0, quantity: channels } as const;
    const reply = await talk.ask(encodeRequest(request), (bytes) => findReply(request, bytes));
    if (reply?.kind !== 'bits') continue;
    const on = reply.bits.flatMap((isOn, index) => (isOn ? [index + 1] : []));
    const state = on.length === 0 ? 'all off' : `on: ${on.join(', ')}`;
    return {
      role: 'board',
      driver: 'modbus-coils',
      settings: { channels },
      says: `relay board that answers for ${channels} coils (${state}); boards of less than 8 answer for 8 too: check channels`,
    };
  }
  return null;
}

async function asFc06Board(talk: Talk, unit: number): Promise<Kind | null> {
  for (const channels of [16, 8, 4, 2, 1]) {
    const words = await registers(talk, { kind: 'read_holding', unit, address: 1, quantity: channels });
    if (words === null) continue;
    if (unit > 63 || words.some((word) => word > 1)) return null;
    return {
      role: 'board',
      driver: 'modbus-fc06',
      settings: { channels: Math.min(channels, 8) },
      says: `relay board of the FC06 kind that answers for ${channels} relays; most have 4 or 8: check channels`,
    };
  }
  return null;
}

async function registers(talk: Talk, request: RegisterRequest): Promise<number[] | null> {
  const reply = await talk.ask(encodeRegisterRequest(request), (bytes) => findRegisterReply(request, bytes));
  return reply?.kind === 'registers' ? reply.values : null;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
