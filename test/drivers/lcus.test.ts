import { describe, expect, it } from 'vitest';
import { closed } from '../simulator/desk.ts';
import { hex } from './captured.ts';
import { terms } from './rig.ts';
import { replug, type TwinRig, type TwinRigOptions, twinRig } from './twin-rig.ts';

const FF = 'FF';
const QUERY_1 = 'A0 01 05 A6';

type Make = 'silent' | 'status' | 'feedback' | 'raw' | 'd0';

const rig = (make: Make, more: Partial<TwinRigOptions> = {}): Promise<TwinRig> =>
  twinRig({ driver: 'lcus', board: { flavour: `lcus-${make}`, channels: 4 }, ...more });

const reading = ({ clock, driver }: TwinRig) => clock.settled(driver.readCoils(terms('read')));
/** What a board is only told it carries out after the silence that ends the frame. */
const setting = async ({ clock, driver }: TwinRig, channel: number, isOn: boolean) => {
  const proof = await clock.settled(driver.setCoil(channel, isOn, terms(isOn ? 'on' : 'off')));
  await clock.advance(10);
  return proof;
};

describe('the status firmware', () => {
  it('is found by FF alone, its writes are sent, and read back', async () => {
    const board = await rig('status');
    expect(await setting(board, 3, true)).toBe('sent');
    expect(await reading(board)).toEqual([false, false, true, false]);
    expect(await setting(board, 3, false)).toBe('sent');
    expect(await reading(board)).toEqual([false, false, false, false]);
    expect(new Set(board.sent)).toEqual(new Set(['A0 03 01 A4', 'A0 03 00 A3', FF]));
  });

  it('one lost reply changes nothing, and the other question is never sent', async () => {
    const board = await rig('status');
    board.board.setFaults({ drop_replies: 1 });
    const states = board.driver.readCoils(terms('read'));
    await board.clock.until(() => board.sent.length === 2);
    board.board.setFaults({ drop_replies: 0 });
    expect(await board.clock.settled(states)).toEqual([false, false, false, false]);
    expect(board.sent).not.toContain(QUERY_1);
  });

  it('a spoiled answer is none', async () => {
    const board = await rig('status');
    await reading(board);
    board.board.setFaults({ corrupt_replies: 1 });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('of a board with fewer relays than configured is not taken for silence', async () => {
    const board = await rig('status', { channels: 8 });
    for (let turn = 0; turn < 3; turn += 1) await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('of a board with more relays than configured is read', async () => {
    const board = await rig('status', { channels: 2 });
    expect(await reading(board)).toEqual([false, false]);
    expect(await reading(board)).toEqual([false, false]);
  });

  it('its answer may come byte by byte', async () => {
    const board = await rig('status', { chunkBytes: 1 });
    expect(await reading(board)).toEqual([false, false, false, false]);
  });
});

describe('the feedback firmware', () => {
  it('is found, its writes are acknowledged, and each relay is asked for', async () => {
    const board = await rig('feedback', { board: { flavour: 'lcus-feedback', channels: 2 } });
    expect(await reading(board)).toEqual([false, false]);
    expect(await setting(board, 2, true)).toBe('acknowledged');
    expect(await reading(board)).toEqual([false, true]);
    expect(await setting(board, 2, false)).toBe('acknowledged');
    expect(closed(board.board)).toEqual([]);
    expect(board.sent.slice(-4)).toEqual(['A0 02 03 A5', QUERY_1, 'A0 02 05 A7', 'A0 02 02 A4']);
  });

  it('before it is found, a write goes out as every firmware takes it', async () => {
    const board = await rig('feedback');
    expect(await setting(board, 1, true)).toBe('sent');
    expect(board.sent).toEqual(['A0 01 01 A2']);
    expect(closed(board.board)).toEqual([1]);
  });

  it('a relay that does not move is not acknowledged', async () => {
    const board = await rig('feedback');
    await reading(board);
    board.board.setFaults({ stuck: [1] });
    await expect(setting(board, 1, true)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('a reading is as old as its first exchange', async () => {
    const board = await rig('feedback');
    await reading(board);
    let started = 0;
    const states = board.driver.readCoils(
      terms('read', {
        started: () => {
          started += 1;
        },
      }),
    );
    await board.clock.settled(states);
    expect(started).toBe(1);
  });

  it('a reading that nobody wants any more stops between two relays', async () => {
    const board = await rig('feedback');
    await reading(board);
    board.sent.length = 0;
    let isValid = true;
    const states = board.driver.readCoils(terms('read', { stillValid: () => isValid }));
    await board.clock.until(() => board.sent.length === 2);
    isValid = false;
    await expect(board.clock.settled(states)).rejects.toMatchObject({ code: 'not_valid' });
    expect(board.sent).toHaveLength(2);
  });

  it('keeps its finding though a board that was found falls silent', async () => {
    const board = await rig('feedback');
    await reading(board);
    board.board.setFaults({ mute: true });
    for (let turn = 0; turn < 5; turn += 1) await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
    expect(board.sent.filter((frame) => frame === FF)).toHaveLength(2);
  });
});

describe('the silent firmware', () => {
  it('says so once it was asked twice in either way, and is left in peace then', async () => {
    const board = await rig('silent');
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.sent).toEqual([FF, FF, QUERY_1, QUERY_1]);
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.sent).toHaveLength(4);
  });

  it('its relays are switched and every write is sent, not acknowledged', async () => {
    const board = await rig('silent');
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(await setting(board, 1, true)).toBe('sent');
    expect(closed(board.board)).toEqual([1]);
    expect(await setting(board, 1, false)).toBe('sent');
    expect(closed(board.board)).toEqual([]);
  });

  it('is asked again on a fresh port', async () => {
    const board = await rig('silent');
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    await replug(board);
    board.sent.length = 0;
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.sent).toEqual([FF, FF, QUERY_1, QUERY_1]);
  });

  it('two readers at once come to the same end', async () => {
    const board = await rig('silent');
    const both = [board.driver.readCoils(terms('read')), board.driver.readCoils(terms('off'))];
    const ends = await board.clock.settled(Promise.allSettled(both));
    expect(ends.map((end) => (end.status === 'rejected' ? end.reason.code : end.value))).toEqual([
      'no_read_back',
      'no_read_back',
    ]);
    await replug(board);
    board.sent.length = 0;
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.sent).toEqual([FF, FF, QUERY_1, QUERY_1]);
  });

  it('an order does not wait for the end of the questions', async () => {
    const board = await rig('silent');
    const asking = board.driver.readCoils(terms('read'));
    asking.catch(() => {});
    await board.clock.until(() => board.sent.length === 1);
    await board.clock.settled(board.driver.setCoil(1, false, terms('off')));
    expect(board.sent).toEqual([FF, 'A0 01 00 A1']);
  });

  it('behind an adapter that echoes is silent all the same', async () => {
    const board = await rig('silent', { echo: true });
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
  });

  it('is found so over TCP too, where three silent exchanges reopen the port', async () => {
    const board = await rig('silent', { line: { maxSilent: 3 } });
    await expect(reading(board)).rejects.toMatchObject({ code: 'port_closed' });
    await board.clock.until(() => board.line.isOpen);
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.line.isOpen).toBe(true);
    await board.clock.advance(60_000);
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(board.states.filter((state) => !state.isOpen)).toHaveLength(1);
  });

  it('a closed port is a closed port, whatever was found before', async () => {
    const board = await rig('silent');
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    board.port.unplug();
    await board.clock.settle();
    await expect(reading(board)).rejects.toMatchObject({ code: 'port_closed' });
    await expect(setting(board, 1, false)).rejects.toMatchObject({ code: 'port_closed' });
  });
});

describe('other boards of the same look', () => {
  it('one that answers in raw bytes is read twice, for nothing checks them', async () => {
    const board = await rig('raw');
    await setting(board, 2, true);
    expect(await reading(board)).toEqual([false, true, false, false]);
    expect(board.sent.filter((frame) => frame === FF)).toHaveLength(3);
  });

  it('raw bytes of another number are no answer', async () => {
    const board = await rig('raw', { channels: 8 });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('one stray byte is no answer of a board of one relay', async () => {
    const board = await rig('raw', { board: { flavour: 'lcus-raw', channels: 1 } });
    await expect(reading(board)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('the one that knows only D0 is not switched, and passes for silent', async () => {
    const board = await rig('d0');
    await expect(reading(board)).rejects.toMatchObject({ code: 'no_read_back' });
    expect(await setting(board, 1, true)).toBe('sent');
    expect(closed(board.board)).toEqual([]);
  });
});

describe('every LCUS board', () => {
  it('loses a frame that follows another within 50 ms', async () => {
    const { board, wire, clock } = await rig('silent');
    wire.hostSends(hex('A0 01 01 A2'));
    await clock.advance(40);
    wire.hostSends(hex('A0 02 01 A3'));
    await clock.advance(100);
    wire.hostSends(hex('A0 03 01 A4'));
    await clock.advance(100);
    expect(closed(board)).toEqual([1, 3]);
  });

  it('gets one frame at a time: eight orders at once all arrive', async () => {
    const board = await rig('silent', { board: { flavour: 'lcus-silent', channels: 8 } });
    const channels = [1, 2, 3, 4, 5, 6, 7, 8];
    await board.clock.settled(Promise.all(channels.map((n) => board.driver.setCoil(n, true, terms('on')))));
    await board.clock.advance(10);
    expect(closed(board.board)).toEqual(channels);
  });

  it('is off after a re-plug, and read anew', async () => {
    const board = await rig('status');
    await setting(board, 1, true);
    expect(await reading(board)).toEqual([true, false, false, false]);
    await replug(board);
    expect(await reading(board)).toEqual([false, false, false, false]);
  });

  it.each([0, 5, 1.5, Number.NaN])('channel %d is refused, and nothing is sent', async (channel) => {
    const board = await rig('status');
    await expect(setting(board, channel, true)).rejects.toMatchObject({ code: 'exception' });
    expect(board.sent).toEqual([]);
  });
});
