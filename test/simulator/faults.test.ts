import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../relay-drivers/modbus-coils/codec.ts';
import { BANNER } from '../../relay-drivers/modbus-coils/twin.ts';
import { parseFaultChange } from '../../relay-drivers/simulator/faults.ts';
import { hex, text } from '../drivers/captured.ts';
import { closed, desk } from './desk.ts';
import * as F from './frames.ts';

describe('faults of frames', () => {
  it('loses requests: nothing happens', async () => {
    const { ask, board } = await desk();
    board.setFaults({ drop_requests: 1 });
    expect(await ask(F.ON_1)).toBe('');
    expect(closed(board)).toEqual([]);
  });

  it('loses replies: it happens all the same', async () => {
    const { ask, board } = await desk();
    board.setFaults({ drop_replies: 1 });
    expect(await ask(F.ON_1)).toBe('');
    expect(closed(board)).toEqual([1]);
  });

  it('spoils requests so that the board does not understand', async () => {
    const { ask, board } = await desk();
    board.setFaults({ corrupt_requests: 1 });
    for (let round = 0; round < 50; round += 1) expect(await ask(F.ON_1)).toBe('');
    expect(board.log()).toEqual([]);
  });

  it('spoils one byte of a reply', async () => {
    const { ask, board } = await desk();
    board.setFaults({ corrupt_replies: 1 });
    const reply = await ask(F.ON_1);
    const changed = hex(reply).filter((byte, index) => byte !== hex(F.ON_1)[index]);
    expect(changed).toHaveLength(1);
  });

  it('doubles requests and replies', async () => {
    const { ask, board } = await desk();
    board.setFaults({ duplicate_requests: 1 });
    expect(await ask(F.TOGGLE_1)).toBe(`${F.TOGGLE_1} ${F.TOGGLE_1}`);
    expect(closed(board)).toEqual([]);
    board.setFaults({ duplicate_requests: 0, duplicate_replies: 1 });
    expect(await ask(F.TOGGLE_1)).toBe(`${F.TOGGLE_1} ${F.TOGGLE_1}`);
    expect(closed(board)).toEqual([1]);
  });

  it('delays replies, not what they tell of, and keeps their order', async () => {
    const { ask, board, clock, heard } = await desk();
    board.setFaults({ delay_ms: 500 });
    expect(await ask(F.ON_1, 50)).toBe('');
    expect(closed(board)).toEqual([1]);
    expect(await ask(F.ON_6, 50)).toBe('');
    await clock.advance(1000);
    expect(heard()).toBe(`${F.ON_1} ${F.ON_6}`);
  });

  it('strikes as often as it is told to, and the same with the same seed', async () => {
    const answers = async (seed: number) => {
      const { ask, board } = await desk({ seed });
      board.setFaults({ drop: 0.3 });
      const answered: boolean[] = [];
      for (let round = 0; round < 400; round += 1) answered.push((await ask(F.READ_COILS, 50)) !== '');
      return answered;
    };
    const first = await answers(7);
    // Both ways must go well: 0.7 x 0.7.
    const rate = first.filter(Boolean).length / first.length;
    expect(rate).toBeGreaterThan(0.4);
    expect(rate).toBeLessThan(0.58);
    expect(await answers(7)).toEqual(first);
    expect(await answers(8)).not.toEqual(first);
  });

  it('is mute: it neither hears nor answers', async () => {
    const { ask, board } = await desk();
    board.setFaults({ mute: true });
    expect(await ask(F.ON_1)).toBe('');
    board.setFaults({ mute: false });
    expect(await ask(F.READ_COILS)).toBe('01 01 01 00 51 88');
  });
});

describe('faults of relays', () => {
  it('a stuck output is acknowledged, and a read shows that it did not move', async () => {
    const { ask, board } = await desk();
    board.setFaults({ stuck: [1] });
    expect(await ask(F.ON_1)).toBe(F.ON_1);
    expect(await ask(F.READ_COILS)).toBe('01 01 01 00 51 88');
    expect(closed(board)).toEqual([]);
    board.setFaults({ stuck: [] });
    await ask(F.ON_1);
    board.setFaults({ stuck: [1] });
    expect(await ask(F.OFF_1)).toBe(F.OFF_1);
    expect(closed(board)).toEqual([1]);
  });

  it('a welded contact stays closed though the register says off, until the weld breaks', async () => {
    const { ask, board } = await desk();
    board.setFaults({ welded: [1] });
    expect(closed(board)).toEqual([]);
    await ask(F.ON_1);
    await ask(F.OFF_1);
    expect(await ask(F.READ_COILS)).toBe('01 01 01 00 51 88');
    expect(closed(board)).toEqual([1]);
    board.setFaults({ welded: [] });
    expect(closed(board)).toEqual([]);
    expect(board.log().at(-1)).toMatchObject({ what: 'contact', on: false, cause: 'fault' });
  });
});

describe('losing power', () => {
  it('drops all relays but a weld, and comes back with all off', async () => {
    const { ask, board, clock } = await desk();
    board.setFaults({ welded: [6], stuck: [1] });
    board.setFaults({ stuck: [] });
    await ask(F.ON_1);
    await ask(F.ON_6);
    board.setFaults({ stuck: [1], power_cut: 1000 });
    expect(closed(board)).toEqual([6]);
    expect(await ask(F.READ_COILS)).toBe('');
    board.pressButton(2);
    await clock.advance(1000);
    expect(await ask(F.READ_COILS)).toBe('01 01 01 00 51 88');
    expect(closed(board)).toEqual([6]);
  });

  it('forgets a reply it was about to send, and a request it was hearing', async () => {
    const { ask, board, bus, clock, heard } = await desk();
    board.setFaults({ delay_ms: 100 });
    await ask(F.ON_1, 50);
    board.setFaults({ delay_ms: 0, power_cut: 10 });
    await clock.advance(500);
    expect(heard()).toBe('');
    bus.wire.hostSends(hex(F.ON_1));
    await clock.advance(4);
    board.setFaults({ power_cut: 1 });
    await clock.advance(500);
    expect(heard()).toBe('');
    expect(closed(board)).toEqual([]);
  });

  it('ends a pulse for good', async () => {
    const { ask, board, clock } = await desk();
    const offFor1s = text(encodeRequest({ kind: 'pulse', unit: 1, coil: 0, isOn: false, tenths: 10 }));
    expect(await ask(offFor1s, 100)).toBe(offFor1s);
    board.setFaults({ power_cut: 10 });
    await clock.advance(5000);
    expect(closed(board)).toEqual([]);
  });

  it('makes an LCTech board greet when it is back, a Waveshare one not', async () => {
    const lctech = await desk({ board: { flavour: 'lctech' } });
    lctech.board.setFaults({ power_cut: 300 });
    await lctech.clock.advance(299);
    expect(lctech.heard()).toBe('');
    await lctech.clock.advance(200);
    expect(lctech.heard()).toBe(text(BANNER));
    const waveshare = await desk();
    waveshare.board.setFaults({ power_cut: 300 });
    await waveshare.clock.advance(1000);
    expect(waveshare.heard()).toBe('');
  });

  it('a greeting spoils the exchange it falls into', async () => {
    const { ask, board } = await desk({ board: { flavour: 'lctech' } });
    board.setFaults({ banner: true });
    expect(await ask(F.LC_ON_1)).not.toContain(F.LC_ON_1);
    expect(closed(board)).toEqual([]);
    expect(await ask(F.LC_ON_1)).toBe(F.LC_ON_1);
  });
});

describe('reading a change of faults', () => {
  it.each([
    [{}, {}],
    [
      { drop: 0.5, mute: true, delay_ms: 30 },
      { drop: 0.5, mute: true, delay_ms: 30 },
    ],
    [
      { drop: true, corrupt_replies: false },
      { drop: 1, corrupt_replies: 0 },
    ],
    [
      { stuck: [1, 8, 1], welded: [] },
      { stuck: [1, 8], welded: [] },
    ],
    [
      { power_cut: true, banner: true },
      { power_cut: 500, banner: true },
    ],
    [{ power_cut: 250 }, { power_cut: 250 }],
    [{ power_cut: false }, { power_cut: 0 }],
  ])('takes %j', (asked, parsed) => {
    expect(parseFaultChange(asked, 8)).toEqual(parsed);
  });

  it.each([
    [{ dorp: 1 }, 'dorp'],
    [{ drop: 1.1 }, 'drop'],
    [{ drop: Number.NaN }, 'drop'],
    [{ drop: '1' }, 'drop'],
    [{ delay_ms: -1 }, 'delay_ms'],
    [{ delay_ms: 1e9 }, 'delay_ms'],
    [{ delay_ms: 0.5 }, 'delay_ms'],
    [{ stuck: 1 }, 'stuck'],
    [{ stuck: [1, 9] }, 'stuck.1'],
    [{ welded: [0] }, 'welded.0'],
    [{ mute: 1 }, 'mute'],
    [{ banner: 'yes' }, 'banner'],
    [{ power_cut: 1e9 }, 'power_cut'],
    [[], ''],
    [null, ''],
    ['drop', ''],
  ])('refuses %j and says where', (asked, path) => {
    expect(() => parseFaultChange(asked, 8)).toThrow(expect.objectContaining({ name: 'BadInput', path }));
  });
});
