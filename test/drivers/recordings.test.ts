import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { createModbusFc06 } from '../../relay-drivers/modbus-fc06/driver.ts';
import { modbusFc06Settings } from '../../relay-drivers/modbus-fc06/settings.ts';
import { hex } from './captured.ts';
import { recordedBoard, requestsIn } from './recorded-board.ts';
import { settings, terms } from './rig.ts';

type Act = (driver: RelayDriver) => Promise<unknown>;

/** Where a recording has no answer, the driver has none either. */
const UNANSWERED = 'timeout';

const set =
  (channel: number, isOn: boolean): Act =>
  (driver) =>
    driver.setCoil(channel, isOn, terms(isOn ? 'on' : 'off'));
const coils: Act = async (driver) => numbered(await driver.readCoils(terms('read')));
const inputs: Act = async (driver) => numbered((await driver.readInputs?.(terms('read'))) ?? []);
const allOff: Act = async (driver) => driver.allOff?.(terms('off'));
const prepare: Act = async (driver) => driver.prepare?.(terms('read'));

function numbered(bits: readonly boolean[]): number[] {
  return bits.flatMap((isOn, index) => (isOn ? [index + 1] : []));
}

const lamp = { appliance: 'lamp', mode: 'toggle' };
const coilBoard = (more: Record<string, unknown>) => (line: Line) =>
  createModbusCoils(settings({ inputs: { 8: lamp }, ...more }), line);
const commandBoard = (line: Line) =>
  createModbusFc06(
    modbusFc06Settings.parse({ id: 'main', driver: 'modbus-fc06', path: '/dev/fake', channels: 1 }),
    line,
  );

interface Recording {
  readonly file: string;
  readonly driver: (line: Line) => RelayDriver;
  /** What the driver sends by itself to learn the adapter's echo, where the recording has no answer to it. */
  readonly others?: Readonly<Record<string, Uint8Array>>;
  readonly exchanges: readonly (readonly [frame: string, act: Act, outcome: unknown])[];
  /** Frames of the recording that this driver never sends. */
  readonly notSent: readonly string[];
}

const RECORDINGS: readonly Recording[] = [
  {
    file: 'aliexpress-8relay-8input.real',
    driver: coilBoard({}),
    exchanges: [
      ['01 02 00 00 00 08 79 CC', inputs, [6]],
      ['01 01 00 00 00 08 3D CC', coils, [6, 7]],
      ['01 05 00 05 FF 00 9C 3B', set(6, true), 'acknowledged'],
      ['01 05 00 05 00 00 DD CB', set(6, false), 'acknowledged'],
    ],
    notSent: ['00 03 00 00 00 01 85 DB', '01 01 00 00 00 01 FD CA', '01 01 00 05 00 01 ED CB'],
  },
  {
    file: 'lctech-lc-modbus.manual',
    driver: coilBoard({ unit: 255 }),
    exchanges: [
      ['FF 05 00 00 FF 00 99 E4', set(1, true), 'acknowledged'],
      ['FF 05 00 00 00 00 D8 14', set(1, false), 'acknowledged'],
      ['FF 0F 00 00 00 08 01 00 70 5D', allOff, undefined],
      ['FF 01 00 00 00 08 28 12', coils, [1]],
      ['FF 02 00 00 00 08 6C 12', inputs, [1]],
    ],
    notSent: [
      'FF 0F 00 00 00 08 01 FF 30 1D',
      '00 03 00 00 00 01 85 DB',
      '00 10 00 00 00 01 02 00 01 6A 00',
      'FF 03 03 E8 00 01 11 A4',
      'FF 10 03 E9 00 01 02 00 04 CA 0E',
      'FF 10 00 03 00 02 04 00 04 00 14 C5 9F',
    ],
  },
  {
    file: 'lctech-power-up-banner.real',
    driver: coilBoard({ unit: 255 }),
    others: { 'FF 01 00 00 00 08 28 12': hex('FF 01 01 01 A1 A0') },
    exchanges: [['FF 05 00 00 FF 00 99 E4', set(1, true), UNANSWERED]],
    notSent: [],
  },
  {
    file: 'waveshare-relay.wiki',
    driver: coilBoard({ input_modes: { 1: 'linkage' } }),
    exchanges: [
      ['01 05 00 00 FF 00 8C 3A', set(1, true), 'acknowledged'],
      ['01 05 00 00 00 00 CD CA', set(1, false), UNANSWERED],
      ['01 01 00 00 00 08 3D CC', coils, [1, 3]],
      ['01 02 00 00 00 08 79 CC', inputs, []],
      ['01 03 10 00 00 08 40 CC', prepare, UNANSWERED],
    ],
    notSent: [
      '01 05 00 00 55 00 F2 9A',
      '01 05 00 FF FF 00 BC 0A',
      '01 05 00 FF 00 00 FD FA',
      '01 05 00 FF 55 00 C2 AA',
      '01 05 02 00 00 07 8D B0',
      '01 05 02 01 00 08 9C 74',
      '01 0F 00 00 00 08 01 FF BE D5',
      // Sent when the read above was answered: modbus-coils-input-modes.test.ts.
      '01 06 10 00 00 01 4C CA',
      '00 06 40 00 00 01 5C 1B',
      '00 03 40 00 00 01 90 1B',
      '01 03 80 00 00 01 AD CA',
    ],
  },
  {
    file: 'r421a08-fc06',
    driver: commandBoard,
    others: { '01 03 00 01 00 01 D5 CA': hex('01 03 02 00 01 79 84') },
    exchanges: [
      ['01 06 00 01 01 00 D9 9A', set(1, true), 'acknowledged'],
      ['01 06 00 01 02 00 D9 6A', set(1, false), UNANSWERED],
      ['01 03 00 01 00 01 D5 CA', coils, [1]],
    ],
    notSent: [
      '01 06 00 01 03 00 D8 FA',
      '01 06 00 01 04 00 DA CA',
      '01 06 00 01 05 00 DB 5A',
      '01 06 00 01 06 0A 5B AD',
    ],
  },
];

describe.each(RECORDINGS)('$file, replayed', ({ file, driver, others, exchanges, notSent }) => {
  it.each(exchanges)('%s', async (frame, act, outcome) => {
    const { clock, line, sent } = await recordedBoard(file, others);
    const became = await clock.settled(act(driver(line)).catch((failure: { code: string }) => failure.code));
    expect([sent.at(-1), became]).toEqual([frame, outcome]);
  });

  it('has no other request than these', () => {
    expect(requestsIn(file).toSorted()).toEqual([...exchanges.map(([frame]) => frame), ...notSent].toSorted());
  });
});
