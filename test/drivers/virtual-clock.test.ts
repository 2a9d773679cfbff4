import { describe, expect, it } from 'vitest';
import { pause } from '../../relay-drivers/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('the virtual clock', () => {
  it('runs timers by due time, and by age among equals', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(20, () => ran.push('late'));
    clock.after(10, () => ran.push('first'));
    clock.after(10, () => ran.push('second'));
    await clock.advance(15);
    expect(ran).toEqual(['first', 'second']);
    expect(clock.nowMs()).toBe(15);
    await clock.advance(5);
    expect(ran).toEqual(['first', 'second', 'late']);
  });

  it('settles long chains of promises between two timers', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    clock.after(1, async () => {
      for (let turn = 0; turn < 1000; turn += 1) await null;
      ran.push(clock.nowMs());
    });
    clock.after(2, () => ran.push(clock.nowMs()));
    await clock.advance(2);
    expect(ran).toEqual([1, 2]);
  });

  it('runs what timers make, as long as it falls due', async () => {
    const clock = new VirtualClock();
    let count = 0;
    const again = (): void => {
      count += 1;
      clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(95);
    expect(count).toBe(9);
  });

  it('forgets a timer that was cancelled', async () => {
    const clock = new VirtualClock();
    const cancel = clock.after(10, () => expect.unreachable());
    cancel();
    cancel();
    await clock.advance(20);
    expect(clock.pending).toBe(0);
  });

  it('goes as far as a promise needs, and gives up where it never settles', async () => {
    const clock = new VirtualClock();
    await clock.settled(pause(clock, 500));
    expect(clock.nowMs()).toBe(500);
    await expect(clock.settled(new Promise(() => {}), 1000)).rejects.toThrow('1000 ms');
  });

  it('shows a wall time that moves with it', async () => {
    const clock = new VirtualClock(1000);
    await clock.advance(250);
    expect(clock.wallMs()).toBe(1250);
  });
});
