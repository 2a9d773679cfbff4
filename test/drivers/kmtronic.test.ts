import { describe, expect, it } from 'vitest';
import {
  decodeRequest,
  encodeChannelQuery,
  encodeState,
  exactBoardState,
  exactChannelState,
  STATUS_QUERY,
} from '../../relay-drivers/kmtronic/codec.ts';
import { closed } from '../simulator/desk.ts';
import { hex, text } from './captured.ts';
import { terms } from './rig.ts';
import { replug, type TwinRig, type TwinRigOptions, twinRig } from './twin-rig.ts';

const ASK_ALL = 'FF 09 00';

const rig = (channels: number, more: Partial<TwinRigOptions> = {}): Promise<TwinRig> =>
  twinRig({ driver: 'kmtronic', board: { flavour: 'kmtronic', channels }, ...more });

const reading = ({ clock, driver }: TwinRig) => clock.settled(driver.readCoils(terms('read')));
/** What the board is told it carries out after the silence that ends the frame. */
const setting = async ({ clock, driver }: TwinRig, channel: number, isOn: boolean) => {
  const proof = await clock.settled(driver.setCoil(channel, isOn, terms(isOn ? 'on' : 'off')));
  await clock.advance(10);
  return proof;
};

describe('frames of KMtronic boards', () => {
  it('set and ask', () => {
    expect(text(encodeState(1, true))).toBe('FF 01 01');
    expect(text(encodeState(1, false))).toBe('FF 01 00');
    expect(text(encodeChannelQuery(1))).toBe('FF 01 03');
    expect(text(STATUS_QUERY)).toBe(ASK_ALL);
  });

  it.each([
    ['FF 01 01', 8, { channel: 1, kind: 'on' }],
    ['FF 08 00', 8, { channel: 8, kind: 'off' }],
    [ASK_ALL, 8, { channel: 9, kind: 'all' }],
    ['FF 02 03', 2, { channel: 2, kind: 'status' }],
    ['FF 02 03', 4, null],
    ['FF 01 01 00', 8, null],
    ['FE 01 01', 8, null],
  ])('%s, heard by a board of %i', (frame, channels, request) => {
    expect(decodeRequest(hex(frame), channels)).toEqual(request);
  });

  it('eight bytes tell eight relays', () => {
    const states = [true, false, false, false, false, false, false, true];
    expect(exactBoardState(8, hex('01 00 00 00 00 00 00 01'))?.reply).toEqual(states);
  });

  it.each(['01 00 00', '01 00 00 00 00', '01 00 02 00', 'FF 09 00 00'])('%s is no answer of four', (bytes) => {
    expect(exactBoardState(4, hex(bytes))).toBeNull();
  });

  it.each(['FF 01', 'FF 01 02', 'FF 02 01', 'FE 01 01', '00 FF 01 01', 'FF 01 01 00'])(
    '%s is no answer of relay 1',
    (bytes) => {
      expect(exactChannelState(1, hex(bytes))).toBeNull();
    },
  );
});

describe.each([1, 2, 4, 8])('a board of %i', (channels) => {
  it('is told, and read back', async () => {
    const board = await rig(channels);
    expect(await setting(board, channels, true)).toBe('sent');
    expect(closed(board.board)).toEqual([channels]);
    const states = new Array<boolean>(channels).fill(false);
    expect(await reading(board)).toEqual(states.with(channels - 1, true));
    expect(await setting(board, channels, false)).toBe('sent');
    expect(await reading(board)).toEqual(states);
  });

  it('is read through an adapter that echoes, in pieces', async () => {
    const board = await rig(channels, { echo: true, chunkBytes: 1 });
    await setting(board, 1, true);
    expect((await reading(board))[0]).toBe(true);
    expect(board.line.echo).toBe('on');
  });

  it('that has no power is not read', async () => {
    const board = await rig(channels, { echo: true });
    board.board.setFaults({ mute: true });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is off after a re-plug', async () => {
    const board = await rig(channels);
    await setting(board, 1, true);
    await replug(board);
    expect(await reading(board)).toEqual(new Array(channels).fill(false));
  });
});

describe('an answer that nothing checks', () => {
  it('counts when it came twice alike', async () => {
    const board = await rig(8);
    await reading(board);
    expect(board.sent).toEqual([ASK_ALL, ASK_ALL]);
  });

  it('a relay that moves between two readings is read once more', async () => {
    const board = await rig(8);
    const states = board.driver.readCoils(terms('read'));
    await board.clock.until(() => board.sent.length === 2);
    board.board.pressButton(3);
    expect((await board.clock.settled(states))[2]).toBe(true);
    expect(board.sent).toHaveLength(3);
  });

  it('a board whose answers never agree is not believed', async () => {
    const board = await rig(8);
    const states = board.driver.readCoils(terms('read'));
    for (let reading = 1; reading <= 4; reading += 1) {
      await board.clock.until(() => board.sent.length === reading);
      board.board.pressButton(3);
    }
    await expect(board.clock.settled(states)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('a byte too many spoils it', async () => {
    const board = await rig(8, { channels: 4 });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('one that comes twice is over before the next question', async () => {
    const board = await rig(8);
    board.board.setFaults({ duplicate_replies: 1 });
    await setting(board, 1, true);
    expect((await reading(board))[0]).toBe(true);
    await setting(board, 1, false);
    expect((await reading(board))[0]).toBe(false);
  });

  it('one that comes late is not the next', async () => {
    const board = await rig(8);
    await setting(board, 1, true);
    board.board.setFaults({ delay_ms: 400 });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
    board.board.setFaults({ delay_ms: 0 });
    await setting(board, 1, false);
    expect((await reading(board))[0]).toBe(false);
  });
});

it.each([0, 5, 1.5])('channel %d is refused, and nothing is sent', async (channel) => {
  const board = await rig(4);
  await expect(setting(board, channel, true)).rejects.toMatchObject({ code: 'exception' });
  expect(board.sent).toEqual([]);
});
