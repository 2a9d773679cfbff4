import { describe, expect, it } from 'vitest';
import { encodeRegisterRequest } from '../../relay-drivers/modbus/registers.ts';
import { type InputMode, writeInputModeRequest } from '../../relay-drivers/modbus-coils/input-modes.ts';
import { text } from '../drivers/captured.ts';
import { closed, type Desk, type DeskSettings, desk } from './desk.ts';
import { ON_1, READ_COILS, READ_INPUTS } from './frames.ts';

const READ_MODES = '01 03 10 00 00 08 40 CC';
const NO_MODES = '01 03 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 E4 59';

const boardD = (more: DeskSettings['board'] = {}) => desk({ board: { flavour: 'waveshare-d', ...more } });
const setMode = (input: number, mode: InputMode, unit = 1) =>
  text(encodeRegisterRequest(writeInputModeRequest(unit, input, mode)));

/** Presses and releases; the contacts that were closed after each. */
function pressed({ board }: Desk, input: number): number[][] {
  return [true, false].map((level) => {
    board.setInput(input, level);
    return closed(board);
  });
}

describe('a Waveshare (D) board', () => {
  it.each([
    ['none', [[], []]],
    ['linkage', [[3], []]],
    ['toggle', [[3], [3]]],
    ['edge', [[3], []]],
  ] as const)('%s: what a press and a release do', async (mode, contacts) => {
    const at = await boardD();
    expect(await at.ask(setMode(3, mode))).toBe(setMode(3, mode));
    expect(pressed(at, 3)).toEqual(contacts);
  });

  it.each([
    ['linkage', [[1], []]],
    ['toggle', [[], []]],
    ['edge', [[], [1]]],
  ] as const)('%s of a relay that was switched on before', async (mode, contacts) => {
    const at = await boardD();
    await at.ask(setMode(1, mode));
    await at.ask(ON_1);
    expect(pressed(at, 1)).toEqual(contacts);
  });

  it('a level that stays does nothing, and a read sees both the input and the relay', async () => {
    const at = await boardD();
    await at.ask(setMode(1, 'toggle'));
    at.board.setInput(1, true);
    at.board.setInput(1, true);
    expect(await at.ask(READ_COILS)).toBe('01 01 01 01 90 48');
    expect(await at.ask(READ_INPUTS)).toBe('01 02 01 01 60 48');
    expect(at.board.log().map(({ what, cause }) => [what, cause])).toEqual([
      ['register', 'input'],
      ['contact', 'input'],
    ]);
  });

  it('works with the hub dead, but not without power', async () => {
    const at = await boardD();
    await at.ask(setMode(1, 'linkage'));
    at.board.setFaults({ mute: true });
    expect(pressed(at, 1)).toEqual([[1], []]);
    at.board.cutPower(1000);
    expect(pressed(at, 1)).toEqual([[], []]);
  });

  it('tells its modes, and has forgotten them after a power cut', async () => {
    const at = await boardD();
    await at.ask(setMode(1, 'linkage'));
    await at.ask(setMode(8, 'edge'));
    expect(await at.ask(READ_MODES)).toMatch(/^01 03 10 00 01( 00){13} 03 /);
    at.board.cutPower(100);
    await at.clock.advance(200);
    expect(await at.ask(READ_MODES)).toBe(NO_MODES);
    expect(pressed(at, 1)).toEqual([[], []]);
  });

  it('a board of 4 relays has the registers of 8', async () => {
    const at = await boardD({ channels: 4 });
    expect(await at.ask(READ_MODES)).toBe(NO_MODES);
  });

  it.each([
    ['a mode that there is not', '01 06 10 00 00 04 8C C9', '01 86 03 02 61'],
    ['an input that it has not', setMode(9, 'edge'), '01 86 02 C3 A1'],
    ['more modes than it has', '01 03 10 01 00 08 11 0C', '01 83 02 C0 F1'],
    ['another register', '01 03 80 00 00 01 AD CA', '01 83 02 C0 F1'],
    ['input registers', '01 04 10 00 00 01 35 0A', '01 84 01 82 C0'],
  ])('refuses %s', async (_, request, reply) => {
    expect(await (await boardD()).ask(request)).toBe(reply);
  });

  it('obeys everybody’s frames without an answer, and no other unit’s', async () => {
    const at = await boardD();
    expect(await at.ask(setMode(1, 'linkage', 0))).toBe('');
    expect(await at.ask(setMode(1, 'none', 2))).toBe('');
    expect(pressed(at, 1)).toEqual([[1], []]);
  });
});
