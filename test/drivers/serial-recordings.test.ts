import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import { busSettings, RELAY_DRIVERS } from '../../relay-drivers/registry.ts';
import { hex, text, words } from './captured.ts';
import { recordedBoard, requestsIn } from './recorded-board.ts';
import { terms } from './rig.ts';

type Act = (driver: RelayDriver) => Promise<unknown>;

interface Recorded {
  readonly file: string;
  readonly family: string;
  readonly channels: number;
  /** A request of the recording, what makes the driver send it, and what comes of it. */
  readonly exchanges: readonly (readonly [request: string, act: Act, outcome: unknown])[];
  /** Stands in for a board that the recording has no answer of. */
  readonly others?: Readonly<Record<string, Uint8Array>>;
}

const ask: Act = (driver) => driver.readCoils(terms('read'));
const set =
  (channel: number, isOn: boolean): Act =>
  (driver) =>
    driver.setCoil(channel, isOn, terms(isOn ? 'on' : 'off'));
/** Once it is known which firmware answers. */
const known =
  (act: Act): Act =>
  async (driver) => {
    await ask(driver);
    return await act(driver);
  };
const typed = (ascii: string) => text(words(ascii));

/** The file has the three firmwares in one; a board of this one says nothing to FF. */
const NO_STATUS = { FF: new Uint8Array(0) };

const RECORDINGS: readonly Recorded[] = [
  {
    file: 'lcus',
    family: 'lcus',
    channels: 4,
    exchanges: [
      ['A0 01 01 A2', set(1, true), 'sent'],
      ['A0 01 00 A1', set(1, false), 'sent'],
      ['A0 04 01 A5', set(4, true), 'sent'],
      ['FF', ask, [false, false, false, false]],
      ['A0 04 01 A5', known(set(4, true)), 'sent'],
    ],
  },
  {
    file: 'lcus',
    family: 'lcus',
    channels: 1,
    others: NO_STATUS,
    exchanges: [
      ['A0 01 05 A6', ask, [false]],
      ['A0 01 03 A4', known(set(1, true)), 'acknowledged'],
      ['A0 01 02 A3', known(set(1, false)), 'acknowledged'],
    ],
  },
  {
    file: 'kmtronic-numato-denkovi',
    family: 'kmtronic',
    channels: 8,
    exchanges: [
      ['FF 01 01', set(1, true), 'sent'],
      ['FF 01 00', set(1, false), 'sent'],
      ['FF 09 00', ask, [true, false, false, false, false, false, false, true]],
    ],
  },
  {
    file: 'kmtronic-numato-denkovi',
    family: 'kmtronic',
    channels: 1,
    exchanges: [['FF 01 03', ask, [true]]],
  },
  {
    file: 'kmtronic-numato-denkovi',
    family: 'numato',
    channels: 1,
    exchanges: [
      [typed('relay read 0\r'), ask, [true]],
      [typed('relay on 0\r'), set(1, true), 'acknowledged'],
    ],
  },
];

/** Frames of boards that are no family of the hub: the look-alike of LCUS, and Denkovi. */
const NOT_SENT = {
  lcus: ['D0 01', 'D0 00'],
  'kmtronic-numato-denkovi': [typed('01+//'), typed('off//')],
} as const;

function create({ family, channels }: Recorded, line: Line): RelayDriver {
  const settings = busSettings.parse({ id: 'main', driver: family, path: '/dev/fake', channels });
  return RELAY_DRIVERS.get(family).create(settings, line);
}

describe.each(RECORDINGS)('$file, replayed to $family of $channels', (recorded) => {
  it.each(recorded.exchanges)('%s', async (request, act, outcome) => {
    const { clock, line, sent } = await recordedBoard(recorded.file, recorded.others);
    expect(await clock.settled(act(create(recorded, line)))).toEqual(outcome);
    expect(sent.at(-1)).toBe(request);
  });
});

it.each(Object.entries(NOT_SENT))('%s has no other request than these', (file, notSent) => {
  const replayed = RECORDINGS.filter((recorded) => recorded.file === file).flatMap(({ exchanges }) =>
    exchanges.map(([request]) => request),
  );
  expect(requestsIn(file).toSorted()).toEqual([...new Set([...replayed, ...notSent])].toSorted());
});

it('the words of the recording are those of the wire', () => {
  expect(hex(typed('relay on 0\r'))).toEqual(words('relay on 0\r'));
});
