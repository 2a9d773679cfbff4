import { describe, expect, it, onTestFinished } from 'vitest';
import type { LineState } from '../../relay-drivers/line/exchange.ts';
import { Listener } from '../../relay-drivers/line/listener.ts';
import { memoryWire } from '../../relay-drivers/transport/memory.ts';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A listener, and the far end of whatever port it has open. */
function listening({ maxSilentMs = 30_000 } = {}) {
  const clock = new VirtualClock();
  const states: LineState[] = [];
  const heard: string[] = [];
  const ends: BytePipe[] = [];
  const world = { isPluggedIn: true };
  const listener = new Listener({
    open: async () => {
      if (!world.isPluggedIn) throw new Error('no such port');
      const { hub, board } = memoryWire();
      ends.push(board);
      return hub;
    },
    clock,
    maxSilentMs,
    onOpen: () => heard.push('open'),
    onData: (bytes) => heard.push(Buffer.from(bytes).toString()),
  });
  listener.onStateChange((state) => states.push(state));
  onTestFinished(() => listener.close());
  const say = async (what: string) => {
    await ends.at(-1)?.write(Buffer.from(what));
    await clock.settle();
  };
  return { clock, listener, states, heard, ends, world, say };
}

describe('the port of a device that talks by itself', () => {
  it('is closed until it is started, and hands on what comes', async () => {
    const { clock, listener, heard, states, say } = listening();
    expect(listener.state).toEqual({ isOpen: false, reason: 'not started' });
    listener.start();
    await clock.settle();
    await say('one');
    expect(heard).toEqual(['open', 'one']);
    expect(states).toEqual([{ isOpen: true }]);
  });

  it('lost and found again: a fresh start is told before what comes then', async () => {
    const { clock, listener, heard, states, ends, world, say } = listening();
    listener.start();
    await clock.settle();
    await say('half a tele');
    world.isPluggedIn = false;
    ends[0]?.close();
    await clock.advance(20_000);
    world.isPluggedIn = true;
    await clock.until(() => listener.state.isOpen);
    await say('gram');
    expect(heard).toEqual(['open', 'half a tele', 'open', 'gram']);
    expect(states.map((state) => (state.isOpen ? 'open' : state.reason))).toEqual([
      'open',
      'the other end closed',
      'no such port',
      'open',
    ]);
  });

  it('silent for long: it is opened afresh, each time in vain after twice as long', async () => {
    const { clock, listener, states, ends, say } = listening();
    listener.start();
    await clock.advance(29_999);
    expect(ends).toHaveLength(1);
    await clock.advance(3_600_000);
    const reasons = states.flatMap((state) => (state.isOpen ? [] : [state.reason]));
    expect(reasons.slice(0, 3)).toEqual([30, 60, 120].map((s) => `nothing was heard for ${s} s`));
    expect(new Set(reasons.slice(5))).toEqual(new Set(['nothing was heard for 600 s']));
    expect(reasons).toHaveLength(9);
    // A byte, and silence is noticed as early as at first.
    await clock.until(() => listener.state.isOpen);
    await say('x');
    const before = ends.length;
    await clock.advance(31_000);
    expect(ends).toHaveLength(before + 1);
  });

  it('a byte now and then is enough, and takes one timer', async () => {
    const { clock, listener, ends, say } = listening();
    listener.start();
    await clock.settle();
    for (let turn = 0; turn < 50; turn += 1) {
      await clock.advance(29_000);
      await say('x');
      expect(clock.pending).toBe(1);
    }
    expect(ends).toHaveLength(1);
    await clock.advance(29_999);
    expect(ends).toHaveLength(1);
    await clock.advance(1000);
    expect(ends).toHaveLength(2);
  });

  it('closed is for good, and leaves no timer behind', async () => {
    const { clock, listener, heard, ends, states, say } = listening();
    listener.start();
    await clock.settle();
    listener.close();
    await expect(say('late')).rejects.toThrow('the wire is cut');
    await clock.advance(600_000);
    expect(heard).toEqual(['open']);
    expect(ends).toHaveLength(1);
    expect(states.at(-1)).toEqual({ isOpen: false, reason: 'closed' });
    expect(clock.pending).toBe(0);
  });
});
