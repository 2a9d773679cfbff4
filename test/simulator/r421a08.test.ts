import { describe, expect, it } from 'vitest';
import { encodeRegisterRequest } from '../../relay-drivers/modbus/registers.ts';
import { type Command, commandRequest, readRelaysRequest } from '../../relay-drivers/modbus-fc06/codec.ts';
import { text } from '../drivers/captured.ts';
import { closed, type DeskSettings, desk } from './desk.ts';

const board = (more: DeskSettings['board'] = {}) => desk({ board: { flavour: 'r421a08', ...more } });
const tell = (channel: number, command: Command, seconds = 0, unit = 1) =>
  text(encodeRegisterRequest(commandRequest(unit, channel, command, seconds)));
const read = (channels: number, unit = 1) => text(encodeRegisterRequest(readRelaysRequest(unit, channels)));

describe('an R421A08', () => {
  it.each([
    ['on', [tell(1, 'on')], [1]],
    ['off', [tell(1, 'on'), tell(2, 'on'), tell(1, 'off')], [2]],
    ['toggle', [tell(3, 'toggle'), tell(4, 'toggle'), tell(3, 'toggle')], [4]],
    ['interlock: one at a time', [tell(1, 'on'), tell(2, 'on'), tell(6, 'interlock')], [6]],
    ['all on', [tell(0, 'allOn')], [1, 2, 3, 4, 5, 6, 7, 8]],
    ['all off', [tell(0, 'allOn'), tell(0, 'allOff')], []],
  ])('%s, and the answer is the request', async (_, requests, contacts) => {
    const { ask, board: simulated } = await board();
    for (const request of requests) expect(await ask(request)).toBe(request);
    expect(closed(simulated)).toEqual(contacts);
  });

  it.each([
    ['one second', tell(1, 'momentary'), 1000],
    ['as long as it says', tell(1, 'delay', 10), 10_000],
  ])('falls back by itself: %s', async (_, request, lengthMs) => {
    const { ask, clock, board: simulated } = await board();
    expect(await ask(request, 100)).toBe(request);
    await clock.advance(lengthMs - 200);
    expect(closed(simulated)).toEqual([1]);
    await clock.advance(300);
    expect(closed(simulated)).toEqual([]);
  });

  it('reads a register for each relay, and zeros where it has none', async () => {
    const { ask } = await board();
    await ask(tell(2, 'on'));
    expect(await ask(read(2))).toBe('01 03 04 00 00 00 01 3B F3');
    expect(await ask(read(16))).toMatch(/^01 03 20 00 00 00 01( 00){28} /);
  });

  it('a board of 32 reads as 32', async () => {
    const { ask } = await board({ channels: 32 });
    expect(await ask(read(32))).toMatch(/^01 03 40( 00){64} /);
  });

  it.each([
    ['another unit', tell(1, 'on', 0, 2)],
    ['unit 0: a position of the DIP switches, not everybody', tell(1, 'on', 0, 0)],
    ['a channel that it has not', tell(9, 'on')],
    ['all on for one channel', tell(1, 'allOn')],
    ['on for all', tell(0, 'on')],
    ['a read of more than it has', read(17)],
    ['a broken check sum', '01 06 00 01 01 00 D9 9B'],
  ])('says and does nothing: %s', async (_, request) => {
    const { ask, board: simulated } = await board();
    expect(await ask(request)).toBe('');
    expect(simulated.log()).toEqual([]);
  });

  it.each([
    [63, tell(1, 'on', 0, 63)],
    [64, ''],
  ])('its address is six switches: %i', async (unit, reply) => {
    const { ask } = await board({ unit });
    expect(await ask(tell(1, 'on', 0, unit))).toBe(reply);
  });
});
