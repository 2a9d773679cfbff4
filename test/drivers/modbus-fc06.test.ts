import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import {
  decodeRegisterRequest,
  encodeRegisterRequest,
  type RegisterRequest,
} from '../../relay-drivers/modbus/registers.ts';
import { commandRequest, findFc06Reply, readRelaysRequest } from '../../relay-drivers/modbus-fc06/codec.ts';
import { createModbusFc06 } from '../../relay-drivers/modbus-fc06/driver.ts';
import { modbusFc06Settings } from '../../relay-drivers/modbus-fc06/settings.ts';
import type { BoardSettings } from '../../relay-drivers/simulator/board.ts';
import { closed, only } from '../simulator/desk.ts';
import { captured, hex, text } from './captured.ts';
import { type MeterRig, meterRig } from './meter-rig.ts';
import { recordedBoard } from './recorded-board.ts';
import { terms } from './rig.ts';

const ON_1 = '01 06 00 01 01 00 D9 9A';
const OFF_1 = '01 06 00 01 02 00 D9 6A';
const ALL_OFF = '01 06 00 00 08 00 8E 0A';
const READ_1 = '01 03 00 01 00 01 D5 CA';

/** Every frame of wire-formats A2 that belongs to this family. */
const REQUESTS: readonly [frame: string, request: RegisterRequest][] = [
  [ON_1, commandRequest(1, 1, 'on')],
  [OFF_1, commandRequest(1, 1, 'off')],
  ['01 06 00 01 03 00 D8 FA', commandRequest(1, 1, 'toggle')],
  ['01 06 00 01 04 00 DA CA', commandRequest(1, 1, 'interlock')],
  ['01 06 00 01 05 00 DB 5A', commandRequest(1, 1, 'momentary')],
  ['01 06 00 01 06 0A 5B AD', commandRequest(1, 1, 'delay', 10)],
  [READ_1, readRelaysRequest(1, 1)],
  ['01 03 00 01 00 10 15 C6', readRelaysRequest(1, 16)],
  ['01 06 00 00 07 00 8B FA', commandRequest(1, 0, 'allOn')],
  [ALL_OFF, commandRequest(1, 0, 'allOff')],
];

const settingsOf = (more: Record<string, unknown> = {}) =>
  modbusFc06Settings.parse({ id: 'main', driver: 'modbus-fc06', path: '/dev/fake', channels: 8, ...more });

interface Fc06Rig extends MeterRig {
  readonly driver: RelayDriver;
}

/** A simulated R421A08 and its driver. */
async function rig(
  board: Partial<BoardSettings> = {},
  settings: Record<string, unknown> = {},
  line: { readonly baud?: number; readonly echo?: boolean } = {},
): Promise<Fc06Rig> {
  const boards = [{ channels: 8, flavour: 'r421a08' as const, ...board }];
  const made = await meterRig({ ...line, boards, meters: [] });
  return { ...made, driver: createModbusFc06(settingsOf(settings), made.line) };
}

const frames = ({ sent }: MeterRig): string[] => sent.map(({ frame }) => frame);

describe('golden frames', () => {
  it.each(REQUESTS)('%s', (frame, request) => {
    expect(text(encodeRegisterRequest(request))).toBe(frame);
    expect(decodeRegisterRequest(hex(frame))).toEqual(request);
  });

  it.each(REQUESTS.filter(([, { kind }]) => kind === 'write_register'))('%s is its own answer', (frame, request) => {
    expect(findFc06Reply(request, hex(frame))).toEqual({ reply: { kind: 'written' }, start: 0, end: 8 });
  });

  it('every frame of the recording is in the table above', () => {
    const known = REQUESTS.map(([frame]) => frame);
    const recorded = captured('r421a08-fc06').map(({ bytes }) => text(bytes));
    expect(recorded.filter((frame) => !known.includes(frame))).toEqual([]);
  });
});

describe('what is no reply', () => {
  it.each([
    ['a misprint of the sources', '02 06 00 02 01 00 29 9A', commandRequest(2, 2, 'on')],
    ['the echo of another command', OFF_1, commandRequest(1, 1, 'on')],
    ['the echo for another channel', ON_1, commandRequest(1, 2, 'on')],
    ['another unit', ON_1, commandRequest(2, 1, 'on')],
    ['half a frame', '01 06 00 01 01 00 D9', commandRequest(1, 1, 'on')],
    ['more registers than were asked', '01 03 04 00 01 00 00 AB F3', readRelaysRequest(1, 1)],
    ['a register that is neither on nor off', '01 03 02 00 02 39 85', readRelaysRequest(1, 1)],
  ] as const)('%s', (_, frame, request) => {
    expect(findFc06Reply(request, hex(frame))).toBeNull();
  });

  it('the misprint with its right check bytes is one', () => {
    expect(findFc06Reply(commandRequest(2, 2, 'on'), hex('02 06 00 02 01 00 29 A9'))).not.toBeNull();
  });
});

describe('settings', () => {
  it.each([{ unit: 1 }, { unit: 63 }, { channels: 32 }, { baud: 19_200 }])('%j is accepted', (more) => {
    expect(modbusFc06Settings.safeParse({ ...settingsOf(), ...more }).success).toBe(true);
  });

  it.each([{ unit: 64 }, { channels: 33 }, { baud: 115_200 }, { inputs: {} }])('%j is refused', (more) => {
    expect(modbusFc06Settings.safeParse({ ...settingsOf(), ...more }).success).toBe(false);
  });
});

describe('the driver', () => {
  it('switches on with 01 and off with 02, after one read that tells an echo from the board', async () => {
    const made = await rig({}, { channels: 1 });
    const { clock, driver, bus } = made;
    expect(await clock.settled(driver.setCoil(1, true, terms('on')))).toBe('acknowledged');
    expect(closed(only(bus.boards))).toEqual([1]);
    expect(await clock.settled(driver.setCoil(1, false, terms('off')))).toBe('acknowledged');
    expect(closed(only(bus.boards))).toEqual([]);
    expect(frames(made)).toEqual([READ_1, ON_1, OFF_1]);
  });

  it.each([1, 8, 16, 32])('reads a board of %i in one exchange', async (channels) => {
    const made = await rig({ channels }, { channels });
    await made.clock.settled(made.driver.setCoil(channels, true, terms('on')));
    made.sent.length = 0;
    const relays = await made.clock.settled(made.driver.readCoils(terms('read')));
    expect([relays.length, relays.lastIndexOf(true), relays.filter(Boolean).length]).toEqual([
      channels,
      channels - 1,
      1,
    ]);
    expect(made.sent).toHaveLength(1);
  });

  it('waits as long as the longest answer takes on the slowest line', async () => {
    const { clock, driver } = await rig({ channels: 32 }, { channels: 32, baud: 1200 }, { baud: 1200 });
    expect(await clock.settled(driver.readCoils(terms('read')))).toHaveLength(32);
  });

  it('switches a whole board off in one exchange', async () => {
    const made = await rig();
    const { clock, driver, bus } = made;
    for (const channel of [1, 5, 8]) await clock.settled(driver.setCoil(channel, true, terms('on')));
    made.sent.length = 0;
    await clock.settled(driver.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')));
    expect([frames(made), closed(only(bus.boards))]).toEqual([[ALL_OFF], []]);
  });

  it.each([0, 9, 1.5, Number.NaN])('channel %d is refused, and nothing is sent', async (channel) => {
    const made = await rig();
    await expect(made.driver.setCoil(channel, true, terms('on'))).rejects.toMatchObject({ code: 'exception' });
    expect(made.sent).toEqual([]);
  });

  it('a board of another address does not hear it', async () => {
    const { clock, driver } = await rig({ unit: 2 });
    await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('where the board refuses, its reason is told', async () => {
    const { clock, line } = await recordedBoard('r421a08-fc06', { [READ_1]: hex('01 83 02 C0 F1') });
    const reading = createModbusFc06(settingsOf({ channels: 1 }), line).readCoils(terms('read'));
    await expect(clock.settled(reading)).rejects.toMatchObject({
      code: 'exception',
      message: expect.stringContaining('unit 1, read relays: the device refused, it has no such channel'),
    });
  });
});

describe('behind an adapter that echoes', () => {
  it('switches, reads and switches everything off', async () => {
    const { clock, driver, bus, line } = await rig({}, {}, { echo: true });
    await clock.settled(driver.setCoil(3, true, terms('on')));
    expect([line.echo, (await clock.settled(driver.readCoils(terms('read'))))[2]]).toEqual(['on', true]);
    await clock.settled(driver.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')));
    expect(closed(only(bus.boards))).toEqual([]);
  });

  it.each([
    ['an order', (driver: RelayDriver) => driver.setCoil(1, true, terms('on'))],
    ['all off', (driver: RelayDriver) => driver.allOff?.(terms('off'))],
  ])('the echo does not answer for a deaf board: %s', async (_, act) => {
    const { clock, driver, bus } = await rig({}, {}, { echo: true });
    only(bus.boards).setFaults({ mute: true });
    await expect(clock.settled(Promise.resolve(act(driver)))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('nor once the echo is known', async () => {
    const { clock, driver, bus } = await rig({}, {}, { echo: true });
    await clock.settled(driver.readCoils(terms('read')));
    only(bus.boards).setFaults({ mute: true });
    await expect(clock.settled(driver.setCoil(1, true, terms('on')))).rejects.toMatchObject({ code: 'timeout' });
  });
});
