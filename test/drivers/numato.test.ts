import { describe, expect, it } from 'vitest';
import {
  channelName,
  commandText,
  encodeCommand,
  findAnswer,
  hexOf,
  hexOfStates,
  ON_OR_OFF,
  statesOfHex,
} from '../../relay-drivers/numato/codec.ts';
import { closed } from '../simulator/desk.ts';
import { words } from './captured.ts';
import { terms } from './rig.ts';
import { replug, type TwinRig, type TwinRigOptions, twinRig } from './twin-rig.ts';

const rig = (channels: number, more: Partial<TwinRigOptions> = {}): Promise<TwinRig> =>
  twinRig({ driver: 'numato', board: { flavour: 'numato', channels }, ...more });

const reading = ({ clock, driver }: TwinRig) => clock.settled(driver.readCoils(terms('read')));
const setting = ({ clock, driver }: TwinRig, channel: number, isOn: boolean) =>
  clock.settled(driver.setCoil(channel, isOn, terms(isOn ? 'on' : 'off')));
const said = ({ sent }: TwinRig) =>
  sent.map((frame) => String.fromCharCode(...frame.split(' ').map((byte) => Number.parseInt(byte, 16))));

describe('what Numato modules are told', () => {
  it.each([
    [1, 1, '0'],
    [8, 8, '7'],
    [10, 16, '9'],
    [11, 16, 'A'],
    [16, 16, 'F'],
    [1, 32, '00'],
    [11, 32, '10'],
    [64, 64, '63'],
  ])('channel %i of %i is %s', (channel, channels, name) => {
    expect(channelName(channel, channels)).toBe(name);
  });

  it('ends with a carriage return', () => {
    expect(encodeCommand({ kind: 'on', channel: 1 }, 8)).toEqual(words('relay on 0\r'));
    expect(encodeCommand({ kind: 'off', channel: 1 }, 8)).toEqual(words('relay off 0\r'));
    expect(encodeCommand({ kind: 'read', channel: 11 }, 16)).toEqual(words('relay read A\r'));
    expect(commandText({ kind: 'readall' }, 16)).toBe('relay readall');
  });
});

describe('what they say', () => {
  const read = (answer: string) => findAnswer('relay read 0', ON_OR_OFF, words(answer))?.reply ?? null;
  const set = (answer: string) => findAnswer('relay on 0', null, words(answer))?.reply ?? null;

  it.each([
    ['relay read 0\n\ron\n\r>', 'on'],
    ['relay read 0\n\roff\n\r>', 'off'],
    ['relay read 0\r\n\roff\n\r>', 'off'],
    ['\n\r>relay read 0\n\ron\n\r>', 'on'],
    ['relay read 0\rrelay read 0\n\ron\n\r>', 'on'],
  ])('%j: %s', (answer, value) => {
    expect(read(answer)).toBe(value);
  });

  it.each([
    'relay read 0\n\r>',
    'relay read 0\n\ron\n\r',
    'relay read 0\n\ro',
    'relay read 1\n\ron\n\r>',
    'relay read 00\n\ron\n\r>',
    'relay read 0\n\r1\n\r>',
    'relay read 0\n\rof\n\r>',
    'relay read 0\n\ronoff\n\r>',
    'relay read 0 on\n\r>',
    'relay on 0\n\r>',
  ])('%j tells nothing of relay 0', (answer) => {
    expect(read(answer)).toBeNull();
  });

  it('its prompt acknowledges exactly what was sent', () => {
    expect(set('relay on 0\n\r>')).toBe('');
    for (const other of ['relay on 0\r', 'relay on 0\n\r', 'relay off 0\n\r>', 'relay on 1\n\r>', 'rflay on 0\n\r>'])
      expect(set(other)).toBeNull();
  });

  it('all at once in hexadecimal, the first in the lowest bit', () => {
    const readAll = (answer: string) => findAnswer('relay readall', hexOf(16), words(answer))?.reply ?? null;
    expect(readAll('relay readall\n\r02a1\n\r>')).toBe('02a1');
    expect(readAll('relay readall\n\r2a1\n\r>')).toBeNull();
    expect(readAll('relay readall\n\r002a1\n\r>')).toBeNull();
    expect(statesOfHex('8001', 16).flatMap((isOn, index) => (isOn ? [index] : []))).toEqual([0, 15]);
    expect(statesOfHex('8000000000000002', 64).flatMap((isOn, index) => (isOn ? [index] : []))).toEqual([1, 63]);
    expect(hexOfStates(statesOfHex('02a1', 16))).toBe('02a1');
  });
});

describe.each([1, 2, 4, 8, 16, 32])('a module of %i', (channels) => {
  it('is told, acknowledges, and is read back', async () => {
    const board = await rig(channels);
    expect(await setting(board, channels, true)).toBe('acknowledged');
    expect(closed(board.board)).toEqual([channels]);
    const states = new Array<boolean>(channels).fill(false);
    expect(await reading(board)).toEqual(states.with(channels - 1, true));
    expect(await setting(board, channels, false)).toBe('acknowledged');
    expect(await reading(board)).toEqual(states);
  });

  it('is off after a re-plug', async () => {
    const board = await rig(channels);
    await setting(board, 1, true);
    await replug(board);
    expect(await reading(board)).toEqual(new Array(channels).fill(false));
  });
});

describe('the echo of a module', () => {
  it('is not the echo of an adapter', async () => {
    const board = await rig(2, { chunkBytes: 1 });
    await reading(board);
    expect(board.line.echo).toBe('off');
  });

  it('behind an adapter that echoes as well is told apart from it', async () => {
    const board = await rig(2, { echo: true });
    expect(await setting(board, 2, true)).toBe('acknowledged');
    expect(await reading(board)).toEqual([false, true]);
    expect(board.line.echo).toBe('on');
  });

  it('of an adapter alone acknowledges nothing', async () => {
    const board = await rig(2, { echo: true });
    await reading(board);
    board.board.setFaults({ mute: true });
    await expect(setting(board, 1, false)).rejects.toMatchObject({ code: 'timeout' });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('a module on a fresh port', () => {
  it('is read before its prompt is believed', async () => {
    const board = await rig(2);
    await setting(board, 2, true);
    expect(said(board)).toEqual(['relay read 1\r', 'relay on 1\r']);
  });

  it('in which half a command was left acknowledges no ON that it did not understand', async () => {
    const board = await rig(2);
    board.wire.hostSends(words('relay o'));
    await board.clock.advance(10);
    await expect(setting(board, 2, true)).rejects.toMatchObject({ code: 'timeout' });
    expect(said(board)).toEqual(['relay read 1\r']);
    expect(await setting(board, 2, true)).toBe('acknowledged');
    expect(closed(board.board)).toEqual([2]);
  });
});

describe('a spoiled exchange', () => {
  it('a command that arrives damaged is not acknowledged', async () => {
    const board = await rig(2);
    await reading(board);
    board.board.setFaults({ corrupt_requests: 1 });
    await expect(setting(board, 1, true)).rejects.toMatchObject({ code: 'timeout' });
    board.board.setFaults({ corrupt_requests: 0 });
    expect(closed(board.board)).toEqual([]);
  });

  it('an answer of another relay that comes late is not taken', async () => {
    const board = await rig(2);
    await setting(board, 1, true);
    board.board.setFaults({ duplicate_replies: 1 });
    expect(await reading(board)).toEqual([true, false]);
    expect(await setting(board, 1, false)).toBe('acknowledged');
    expect(await reading(board)).toEqual([false, false]);
  });

  it('a relay of sixteen that moves between two readings is read once more', async () => {
    const board = await rig(16);
    const states = board.driver.readCoils(terms('read'));
    await board.clock.until(() => board.sent.length === 2);
    board.board.pressButton(16);
    expect((await board.clock.settled(states))[15]).toBe(true);
    expect(said(board)).toEqual(['relay readall\r', 'relay readall\r', 'relay readall\r']);
  });
});

it.each([0, 9, 1.5])('channel %d is refused, and nothing is sent', async (channel) => {
  const board = await rig(8);
  await expect(setting(board, channel, true)).rejects.toMatchObject({ code: 'exception' });
  expect(board.sent).toEqual([]);
});
