import { describe, expect, it } from 'vitest';
import { encodeWriteRegisters, encodeWroteRegisters } from '../../relay-drivers/modbus/write-registers.ts';
import { text } from '../drivers/captured.ts';
import { closed, type DeskSettings, desk } from './desk.ts';
import { LC_ON_1 } from './frames.ts';

const lctech = (board: DeskSettings['board'] = {}) => desk({ board: { flavour: 'lctech', ...board } });
const pulse = (channel: number, what: number, tenths: number, unit = 255) => ({
  unit,
  address: 3 + 5 * (channel - 1),
  values: [what, tenths],
});
const frame = (request: Parameters<typeof encodeWriteRegisters>[0]) => text(encodeWriteRegisters(request));

describe('an LCTech board', () => {
  it.each([
    [255, '00 03 02 00 FF C5 C4'],
    [1, '00 03 02 00 01 44 44'],
  ])('says its address to whoever asks everybody: %i (recorded)', async (unit, reply) => {
    const { ask } = await lctech({ unit });
    expect(await ask('00 03 00 00 00 01 85 DB')).toBe(reply);
  });

  it('says its baud rate, to its own address only', async () => {
    const { ask } = await lctech();
    expect(await ask('FF 03 03 E8 00 01 11 A4')).toBe('FF 03 02 00 03 D1 91');
    expect(await ask('01 03 03 E8 00 01 04 7A')).toBe('');
  });

  it('pulses by FC10: on for two seconds', async () => {
    const { ask, clock, board } = await lctech();
    expect(await ask('FF 10 00 03 00 02 04 00 04 00 14 C5 9F', 100)).toBe('FF 10 00 03 00 02 A4 16');
    expect(closed(board)).toEqual([1]);
    await clock.advance(2000);
    expect(closed(board)).toEqual([]);
  });

  it('and off: relay 8, for half a second', async () => {
    const { ask, clock, board } = await lctech();
    await ask('FF 0F 00 00 00 08 01 FF 30 1D');
    expect(await ask(frame(pulse(8, 2, 5)), 100)).toBe(text(encodeWroteRegisters(pulse(8, 2, 5))));
    expect(closed(board)).toHaveLength(7);
    await clock.advance(500);
    expect(closed(board)).toHaveLength(8);
  });

  it.each([
    ['a channel it has not', pulse(9, 4, 5)],
    ['neither on nor off', pulse(1, 3, 5)],
    ['a register between two relays', { unit: 255, address: 4, values: [4, 5] }],
    ['one register', { unit: 255, address: 3, values: [4] }],
    ['another unit', pulse(1, 4, 5, 1)],
  ])('does not pulse: %s', async (_, request) => {
    const { ask, board } = await lctech();
    await ask(frame(request));
    expect(board.log()).toEqual([]);
  });

  it('is switched as before', async () => {
    const { ask, board } = await lctech();
    expect(await ask(LC_ON_1)).toBe(LC_ON_1);
    expect(closed(board)).toEqual([1]);
  });
});
