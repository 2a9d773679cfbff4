import { createDsmrP1 } from '../../relay-drivers/dsmr-p1/driver.ts';
import { dsmrP1Settings } from '../../relay-drivers/dsmr-p1/settings.ts';
import { readTelegram } from '../../relay-drivers/dsmr-p1/telegram.ts';
import {
  ENERGIES,
  energiesIn,
  ONE_PHASE,
  phasesIn,
  THREE_PHASES,
  TOTAL,
  totalPowerIn,
} from '../../relay-drivers/eastron-sdm/codec.ts';
import * as kmtronic from '../../relay-drivers/kmtronic/codec.ts';
import * as lcus from '../../relay-drivers/lcus/codec.ts';
import type { Found } from '../../relay-drivers/line/exchange.ts';
import { exactStates } from '../../relay-drivers/line/raw-states.ts';
import type { Telegram, TelegramDecoder } from '../../relay-drivers/meter.ts';
import {
  decodeRegisterRequest,
  encodeRegisterRequest,
  findRegisterReply,
  type RegisterRequest,
} from '../../relay-drivers/modbus/registers.ts';
import { decodeWriteRegisters } from '../../relay-drivers/modbus/write-registers.ts';
import { type CoilRequest, encodeRequest } from '../../relay-drivers/modbus-coils/codec.ts';
import { findReply } from '../../relay-drivers/modbus-coils/replies.ts';
import { RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { commandRequest, findFc06Reply, readRelaysRequest, relaysOf } from '../../relay-drivers/modbus-fc06/codec.ts';
import * as numato from '../../relay-drivers/numato/codec.ts';
import { pzemReading, pzemRequest } from '../../relay-drivers/pzem-004t/codec.ts';
import { FLAVOURS } from '../../relay-drivers/simulator/flavours.ts';
import * as skeleton from '../../relay-drivers/skeleton/codec.ts';
import { openFrame } from '../../relay-drivers/sml/codec.ts';
import { createSml } from '../../relay-drivers/sml/driver.ts';
import { smlSettings } from '../../relay-drivers/sml/settings.ts';
import { readMessages } from '../../relay-drivers/sml/telegram.ts';
import { SML_TWINS } from '../../relay-drivers/sml/twin.ts';
import { captured, words } from '../drivers/captured.ts';
import { recorded, threePhases, told } from '../drivers/telegrams.ts';

/** What takes bytes from a wire, and right frames to spoil. */
export interface FuzzTarget {
  readonly name: string;
  readonly goldens: readonly Uint8Array[];
  /** Takes any bytes; throws only where a promise is broken. */
  take(bytes: Uint8Array): void;
}

const frames = (...files: string[]): Uint8Array[] => files.flatMap((file) => captured(file).map(({ bytes }) => bytes));

/** What was found lies among the bytes that were given. */
function within(found: Found<unknown> | null, bytes: Uint8Array): void {
  if (found && !(found.start >= 0 && found.start < found.end && found.end <= bytes.length))
    throw new Error(`found from ${found.start} to ${found.end} in ${bytes.length} bytes`);
}

/** Every number that is told is a safe integer or is not told. */
function whole(value: unknown): void {
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    throw new Error(`${value} is told as a reading`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(whole);
}

function telling(telegram: Telegram): void {
  if (telegram.kind === 'reading') whole(telegram.reading);
  else if (telegram.reason.length > 300) throw new Error(`a reason of ${telegram.reason.length} characters`);
}

const BITS_8: CoilRequest = { kind: 'read_coils', unit: 1, address: 0, quantity: 8 };
const BITS_32: CoilRequest = { kind: 'read_inputs', unit: 1, address: 0, quantity: 32 };
const ON_6: CoilRequest = { kind: 'write_coil', unit: 1, address: 5, value: 0xff00 };
const ALL_OFF: CoilRequest = { kind: 'write_coils', unit: 255, address: 0, bits: new Array<boolean>(8).fill(false) };
const COILS = [BITS_8, BITS_32, ON_6, ALL_OFF];
const COIL_FRAMES = [
  ...frames('aliexpress-8relay-8input.real', 'lctech-lc-modbus.manual', 'lctech-power-up-banner.real'),
  ...frames('waveshare-relay.wiki'),
  ...COILS.map(encodeRequest),
];
const stream = new RequestStream();

const SDM_BLOCKS = [ONE_PHASE, THREE_PHASES, TOTAL, ENERGIES];
const SDM_REQUESTS = SDM_BLOCKS.map(
  ({ address, quantity }): RegisterRequest => ({ kind: 'read_input', unit: 1, address, quantity }),
);
const SDM_FRAMES = frames('eastron-sdm630.real', 'eastron-sdm-manual', 'eastron-sdm630v2-block.real');
const SDM_V: RegisterRequest = { kind: 'read_input', unit: 1, address: 0, quantity: 2 };
const PZEM_ANY = pzemRequest(0xf8);

const FC06_FRAMES = [...frames('r421a08-fc06'), encodeRegisterRequest(readRelaysRequest(1, 8))];
const TYPED = frames('kmtronic-numato-denkovi');
const DSMR = ['v2_2', 'v3', 'v4_2', 'v5', 'v5_two_mbus', 'fluvius_v171', 'esy5q3da1004_v304', 'unpadded_crc'].map(
  recorded,
);
const SML = [told(SML_TWINS.sml, threePhases), told(SML_TWINS['sml-locked'], threePhases)];

const entry = { id: 'main', measures: 'house', path: '/dev/fuzz' };
const dsmrDecoder = createDsmrP1(dsmrP1Settings.parse({ ...entry, driver: 'dsmr-p1' })).decoder();
const smlDecoder = createSml(smlSettings.parse({ ...entry, driver: 'sml' })).decoder();
const decoded = (decoder: TelegramDecoder) => (bytes: Uint8Array) => decoder.push(bytes).forEach(telling);

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'modbus-coils, replies',
    goldens: COIL_FRAMES,
    take: (bytes) => {
      for (const request of COILS) within(findReply(request, bytes), bytes);
    },
  },
  {
    name: 'modbus-coils, requests (one stream for ever)',
    goldens: COIL_FRAMES,
    take: (bytes) => void stream.push(bytes),
  },
  {
    name: 'modbus registers, replies and requests',
    goldens: [...SDM_FRAMES, ...FC06_FRAMES, ...frames('pzem004t-v3.real')],
    take: (bytes) => {
      within(findRegisterReply(SDM_V, bytes), bytes);
      decodeRegisterRequest(bytes);
      decodeWriteRegisters(bytes);
    },
  },
  {
    name: 'modbus-fc06',
    goldens: FC06_FRAMES,
    take: (bytes) => {
      within(findFc06Reply(commandRequest(1, 1, 'on'), bytes), bytes);
      const found = findFc06Reply(readRelaysRequest(1, 1), bytes);
      within(found, bytes);
      if (found?.reply.kind === 'registers') relaysOf(found.reply.values);
    },
  },
  {
    name: 'lcus',
    goldens: frames('lcus'),
    take: (bytes) => {
      lcus.decodeFrame(bytes);
      within(lcus.findState(1, bytes), bytes);
      within(lcus.findStatusText(4, bytes), bytes);
      within(exactStates(4, bytes), bytes);
    },
  },
  {
    name: 'kmtronic',
    goldens: TYPED,
    take: (bytes) => {
      within(kmtronic.exactChannelState(1, bytes), bytes);
      within(kmtronic.exactBoardState(8, bytes), bytes);
      kmtronic.decodeRequest(bytes, 8);
      kmtronic.decodeRequest(bytes, 2);
    },
  },
  {
    name: 'numato',
    goldens: [...TYPED, words('relay readall\n\r8001\n\r>')],
    take: (bytes) => {
      within(numato.findAnswer('relay on 0', null, bytes), bytes);
      within(numato.findAnswer('relay read 0', numato.ON_OR_OFF, bytes), bytes);
      const found = numato.findAnswer('relay readall', numato.hexOf(16), bytes);
      within(found, bytes);
      if (found) numato.statesOfHex(found.reply, 16);
    },
  },
  {
    name: 'skeleton',
    goldens: [
      skeleton.encodeStates(1, [true, false]),
      skeleton.encodeMeasured(1, -5),
      skeleton.encodeSetAnswer(1, 1, true),
    ],
    take: (bytes) => {
      within(skeleton.findSetAnswer(1, 1, true, bytes), bytes);
      within(skeleton.findStates(1, 2, bytes), bytes);
      const measured = skeleton.findMeasured(1, bytes);
      within(measured, bytes);
      whole(measured?.reply);
      skeleton.decodeRequest(bytes);
    },
  },
  {
    name: 'eastron-sdm',
    goldens: SDM_FRAMES,
    take: (bytes) => {
      for (const request of SDM_REQUESTS) within(findRegisterReply(request, bytes), bytes);
      // Any registers: a meter may tell any float.
      const registers = Array.from(
        { length: bytes.length >> 1 },
        (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0),
      );
      whole([phasesIn(registers, 3), totalPowerIn(registers), energiesIn(registers)]);
    },
  },
  {
    name: 'pzem-004t',
    goldens: frames('pzem004t-v3.real'),
    take: (bytes) => {
      const found = findRegisterReply(PZEM_ANY, bytes);
      within(found, bytes);
      whole(pzemReading(Array.from(bytes, (byte, at) => (byte << 8) | (bytes[at + 1] ?? 0))));
    },
  },
  { name: 'dsmr-p1 (one stream for ever)', goldens: DSMR, take: decoded(dsmrDecoder) },
  {
    name: 'dsmr-p1, whole telegrams without a check',
    goldens: DSMR,
    take: (bytes) => telling(readTelegram({ kind: 'telegram', bytes, check: '' }, false)),
  },
  { name: 'sml (one stream for ever)', goldens: SML, take: decoded(smlDecoder) },
  {
    name: 'sml, messages without a check',
    goldens: SML.map(openFrame).filter((messages) => typeof messages !== 'string'),
    take: (bytes) => {
      openFrame(bytes);
      telling(readMessages(bytes));
    },
  },
  {
    name: 'every twin of a board',
    goldens: [...COIL_FRAMES, ...FC06_FRAMES, ...frames('lcus'), ...TYPED],
    take: heardByTwins(),
  },
];

function heardByTwins(): FuzzTarget['take'] {
  const protocols = Object.values(FLAVOURS).map((flavour) => ({ unit: flavour.unit, protocol: flavour.protocol() }));
  const states = new Array<boolean>(8).fill(false);
  const set = (channel: number, isOn: boolean): void => {
    if (channel >= 1 && channel <= states.length) states[channel - 1] = isOn;
  };
  const bench = {
    channels: states.length,
    registers: () => states,
    inputs: () => states,
    set,
    flip: (channel: number) => set(channel, !states[channel - 1]),
    pulse: (channel: number, isOn: boolean) => set(channel, isOn),
  };
  return (bytes) => {
    for (const { protocol, unit } of protocols) protocol.hear(bytes, unit, bench);
  };
}
