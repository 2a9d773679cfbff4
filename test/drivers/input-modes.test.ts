import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import { encodeRegisterRequest, encodeRegistersReply } from '../../relay-drivers/modbus/registers.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import {
  inputsToSet,
  readInputModesRequest,
  writeInputModeRequest,
} from '../../relay-drivers/modbus-coils/input-modes.ts';
import { modbusCoilsSettings } from '../../relay-drivers/modbus-coils/settings.ts';
import type { Board, BoardSettings } from '../../relay-drivers/simulator/board.ts';
import { closed, only } from '../simulator/desk.ts';
import { hex, text } from './captured.ts';
import { type MeterRig, meterRig } from './meter-rig.ts';
import { recordedBoard } from './recorded-board.ts';
import { settings, terms } from './rig.ts';

const READ_MODES = '01 03 10 00 00 08 40 CC';
const INPUT_1_LINKAGE = '01 06 10 00 00 01 4C CA';

interface ModesRig extends MeterRig {
  readonly driver: RelayDriver;
  readonly simulated: Board;
}

async function rig(modes: Record<number, string>, board: Partial<BoardSettings> = {}, echo = false): Promise<ModesRig> {
  const boards = [{ channels: 8, flavour: 'waveshare-d' as const, ...board }];
  const made = await meterRig({ boards, meters: [], echo });
  const driver = createModbusCoils(settings({ input_modes: modes, channels: board.channels ?? 8 }), made.line);
  return { ...made, driver, simulated: only(made.bus.boards) };
}

function prepared({ clock, driver }: ModesRig): Promise<void> {
  return clock.settled(driver.prepare?.(terms('read')) ?? Promise.reject(new Error('no prepare')));
}

/** What left for the board since this was called last. */
function left({ sent }: MeterRig): string[] {
  return sent.splice(0).map(({ frame }) => frame);
}

describe('the frames', () => {
  it.each([
    [READ_MODES, readInputModesRequest(1, 8)],
    [INPUT_1_LINKAGE, writeInputModeRequest(1, 1, 'linkage')],
    // The wiki prints this one with the check bytes of another frame.
    ['01 06 10 00 00 02 0C CB', writeInputModeRequest(1, 1, 'toggle')],
    ['01 06 10 07 00 03 7C CA', writeInputModeRequest(1, 8, 'edge')],
  ])('%s', (frame, request) => {
    expect(text(encodeRegisterRequest(request))).toBe(frame);
  });

  it('a register that says something unknown is set', () => {
    const wanted = new Map([
      [1, 'none'],
      [2, 'toggle'],
      [3, 'edge'],
    ] as const);
    expect(inputsToSet(wanted, [7, 2, 0])).toEqual([
      [1, 'none'],
      [3, 'edge'],
    ]);
  });
});

describe('settings', () => {
  it.each([
    { input_modes: { 1: 'none', 2: 'linkage', 3: 'toggle', 8: 'edge' } },
    { input_modes: { 1: 'none' }, inputs: { 1: { appliance: 'lamp', mode: 'toggle' } } },
    { input_modes: { 1: 'toggle' }, inputs: { 2: { appliance: 'lamp', mode: 'toggle' } } },
  ])('%j is accepted', (more) => {
    expect(modbusCoilsSettings.safeParse({ ...settings(), ...more }).error).toBeUndefined();
  });

  it.each([
    ['an input that the board has not', { input_modes: { 9: 'toggle' } }],
    ['a mode that there is not', { input_modes: { 1: 'follow' } }],
    [
      'an input at which the board and the hub would both switch',
      { input_modes: { 1: 'toggle' }, inputs: { 1: { appliance: 'lamp', mode: 'toggle' } } },
    ],
  ])('%s is refused', (_, more) => {
    const { error } = modbusCoilsSettings.safeParse({ ...settings(), ...more });
    expect(error?.issues.map(({ path }) => path[0])).toEqual(['input_modes']);
  });

  it('a board without them has nothing to prepare', async () => {
    const { line } = await rig({});
    expect(createModbusCoils(settings(), line).prepare).toBeUndefined();
  });
});

describe('preparing a board', () => {
  it('reads the modes and writes those that are wrong', async () => {
    const made = await rig({ 1: 'linkage', 2: 'none', 8: 'edge' });
    await prepared(made);
    expect(left(made)).toEqual([READ_MODES, INPUT_1_LINKAGE, '01 06 10 07 00 03 7C CA']);
  });

  it('writes nothing that is right already', async () => {
    const made = await rig({ 1: 'linkage', 8: 'edge' });
    await prepared(made);
    left(made);
    await prepared(made);
    expect(left(made)).toEqual([READ_MODES]);
  });

  it('writes again after a power cut: no vendor says that the registers outlast it', async () => {
    const made = await rig({ 1: 'linkage' });
    await prepared(made);
    made.simulated.setFaults({ power_cut: 500 });
    await made.clock.advance(600);
    left(made);
    await prepared(made);
    expect(left(made)).toEqual([READ_MODES, INPUT_1_LINKAGE]);
  });

  it('works behind an adapter that echoes', async () => {
    const made = await rig({ 1: 'linkage' }, {}, true);
    await prepared(made);
    made.simulated.setInput(1, true);
    expect(closed(made.simulated)).toEqual([1]);
  });

  it('an echo does not answer for a board that fell silent', async () => {
    const made = await rig({ 1: 'linkage' }, {}, true);
    made.simulated.setFaults({ mute: true });
    await expect(prepared(made)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('nor for one whose echo could not be learnt: what came ahead of its modes may have been one', async () => {
    const noise = hex('01 03 10 00');
    const { clock, line } = await recordedBoard('waveshare-relay.wiki', {
      [READ_MODES]: Uint8Array.from([...noise, ...encodeRegistersReply(1, 3, new Array<number>(8).fill(0))]),
      [INPUT_1_LINKAGE]: hex(INPUT_1_LINKAGE),
    });
    const driver = createModbusCoils(settings({ input_modes: { 1: 'linkage' } }), line);
    const preparing = driver.prepare?.(terms('read')) ?? Promise.resolve();
    await expect(clock.settled(preparing)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('a board that has no such registers refuses, in words', async () => {
    await expect(prepared(await rig({ 1: 'linkage' }, { flavour: 'waveshare' }))).rejects.toMatchObject({
      code: 'exception',
      message: expect.stringContaining('read input modes: the device refused'),
    });
  });

  it('stops where it is no longer wanted, and lets an OFF through', async () => {
    const made = await rig({ 1: 'linkage', 2: 'linkage', 3: 'linkage' });
    const { clock, driver } = made;
    let isWanted = true;
    const preparing = driver.prepare?.({ priority: 'read', stillValid: () => isWanted });
    await clock.advance(45);
    const off = driver.setCoil(5, false, terms('off', { started: () => (isWanted = false) }));
    await clock.settled(off);
    await expect(clock.settled(preparing ?? Promise.resolve())).rejects.toMatchObject({ code: 'not_valid' });
    expect(left(made).slice(-2)).toEqual([INPUT_1_LINKAGE, '01 05 00 04 00 00 8C 0B']);
  });
});
