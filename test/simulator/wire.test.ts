import { describe, expect, it } from 'vitest';
import type { Clock } from '../../relay-drivers/clock.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { Lane } from '../../relay-drivers/simulator/lane.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { charTimeMs, frameGapMs } from '../../relay-drivers/simulator/timing.ts';
import { hex, text } from '../drivers/captured.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { closed, desk } from './desk.ts';
import * as F from './frames.ts';

/** A clock whose timers come early or late, as Node's do. */
function crooked(clock: VirtualClock, stretch: (delayMs: number) => number): Clock {
  return {
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    after: (delayMs, run) => clock.after(stretch(delayMs), run),
  };
}

describe('line times (wire-formats D)', () => {
  it.each([
    [{ baud: 9600 }, 1.042, 3.65],
    [{ baud: 2400 }, 4.167, 14.58],
    [{ baud: 19_200, parity: 'none' as const }, 0.521, 1.82],
    [{ baud: 38_400 }, 0.26, 1.75],
    [{ baud: 9600, parity: 'even' as const }, 1.146, 4.01],
  ])('%j', (format, charMs, gapMs) => {
    expect(charTimeMs(format)).toBeCloseTo(charMs, 2);
    expect(frameGapMs(format)).toBeCloseTo(gapMs, 2);
  });
});

describe('the paced wire', () => {
  it('lets the relay move after the request and its silence, and the reply arrive after its own bytes', async () => {
    const { bus, board, clock } = await desk({ board: { deviceTimeMs: 2 } });
    const { charMs, gapMs } = bus.wire;
    let repliedMs = 0;
    bus.wire.onHostHears(() => {
      repliedMs = clock.nowMs();
    });
    bus.wire.hostSends(hex(F.ON_1));
    await clock.advance(100);
    expect(board.log()[0]?.at_ms).toBeCloseTo(8 * charMs + gapMs, 6);
    expect(repliedMs).toBeCloseTo(8 * charMs + gapMs + 2 + 8 * charMs, 6);
  });

  it('goes by its own times, not by timers: early or late ones move no frame and part none wrongly', async () => {
    for (const stretch of [(ms: number) => ms * 0.9, (ms: number) => ms + 30]) {
      const clock = new VirtualClock();
      const { wire, boards } = createBus(
        { baud: 9600, boards: [{ channels: 8 }] },
        crooked(clock, stretch),
        seededRandom(1),
      );
      for (const board of boards) board.setFaults({ drop_replies: 1 });
      wire.hostSends(hex(F.ON_1));
      await clock.advance(8 * wire.charMs + wire.gapMs + 1);
      wire.hostSends(hex(F.ON_6));
      await clock.advance(200);
      const log = boards.flatMap((board) => board.log());
      expect(log.map(({ channel }) => channel)).toEqual([1, 1, 6, 6]);
      expect(log[0]?.at_ms).toBeGreaterThan(8 * wire.charMs + wire.gapMs - 0.001);
    }
  });

  it('says one thing after the other', async () => {
    const { bus, board, clock } = await desk();
    const heardMs: number[] = [];
    bus.wire.onHostHears(() => heardMs.push(clock.nowMs()));
    board.setFaults({ duplicate_replies: 1 });
    bus.wire.hostSends(hex(F.ON_1));
    await clock.advance(100);
    expect(heardMs).toHaveLength(2);
    expect((heardMs[1] ?? 0) - (heardMs[0] ?? 0)).toBeCloseTo(8 * bus.wire.charMs, 6);
  });

  it('takes two requests without a silence between them for one, which is none', async () => {
    const { ask, board } = await desk();
    expect(await ask(`${F.ON_1} ${F.ON_6}`)).toBe('');
    expect(board.log()).toEqual([]);
  });

  it('takes a request in two pieces for one when no silence parts them', async () => {
    const { bus, board, clock } = await desk();
    bus.wire.hostSends(hex(F.ON_1).subarray(0, 3));
    await clock.advance(3 * bus.wire.charMs + 1);
    bus.wire.hostSends(hex(F.ON_1).subarray(3));
    await clock.advance(100);
    expect(closed(board)).toEqual([1]);
  });

  it('does not when one does', async () => {
    const { bus, board, clock } = await desk();
    bus.wire.hostSends(hex(F.ON_1).subarray(0, 3));
    await clock.advance(3 * bus.wire.charMs + bus.wire.gapMs + 1);
    bus.wire.hostSends(hex(F.ON_1).subarray(3));
    await clock.advance(100);
    expect(closed(board)).toEqual([]);
  });

  it('spoils what two say at once, at every ear', async () => {
    const { ask, bus, clock, heard, board } = await desk();
    bus.wire.hostSends(hex(F.READ_COILS));
    await clock.advance(8 * bus.wire.charMs + bus.wire.gapMs + 2);
    // The board is answering now.
    const asked = await ask(F.ON_1);
    expect(asked).not.toBe('01 01 01 00 51 88');
    expect(hex(asked)).toHaveLength(6);
    expect(closed(board)).toEqual([]);
    expect(heard()).toBe('');
  });

  it('carries several boards, each with its own unit', async () => {
    const { ask, bus } = await desk({ boards: [{ channels: 8 }, { channels: 4, unit: 2 }] });
    await ask('02 05 00 00 FF 00 8C 09');
    expect(bus.boards.map(closed)).toEqual([[], [1]]);
    await expect(desk({ boards: [{ channels: 8 }, { channels: 8 }] })).rejects.toThrow('two unit addresses');
  });

  it('echoes what the host says when the adapter does so', async () => {
    const { ask } = await desk({ echo: true });
    expect(await ask(F.ON_1)).toBe(`${F.ON_1} ${F.ON_1}`);
    expect(await ask(F.READ_COILS)).toBe(`${F.READ_COILS} 01 01 01 01 90 48`);
  });

  it('hands a reply over in pieces when told to', async () => {
    const { ask, bus } = await desk({ chunkBytes: 3 });
    const pieces: string[] = [];
    bus.wire.onHostHears((bytes) => pieces.push(text(bytes)));
    expect(await ask(F.ON_1)).toBe(F.ON_1);
    expect(pieces).toEqual(['01 05 00', '00 FF 00', '8C 3A']);
  });
});

describe('a lane', () => {
  it('keeps the order and is never early, whatever the timers do', async () => {
    const clock = new VirtualClock();
    const lane = new Lane(crooked(clock, (ms) => ms * 0.9));
    const seen: [string, number][] = [];
    lane.at(10.5, () => seen.push(['first', clock.nowMs()]));
    lane.at(10.5, () => seen.push(['second', clock.nowMs()]));
    lane.at(20, () => seen.push(['third', clock.nowMs()]));
    await clock.advance(30);
    expect(seen.map(([name]) => name)).toEqual(['first', 'second', 'third']);
    expect(seen.map(([, atMs]) => Number(atMs.toFixed(3)))).toEqual([10.5, 10.5, 20]);
  });

  it('forgets what was still to come', async () => {
    const clock = new VirtualClock();
    const lane = new Lane(clock);
    const seen: string[] = [];
    lane.at(10, () => seen.push('cleared'));
    lane.clear();
    lane.at(5, () => seen.push('later'));
    await clock.advance(30);
    expect(seen).toEqual(['later']);
    expect(clock.pending).toBe(0);
  });
});
