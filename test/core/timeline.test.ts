import { describe, expect, it } from 'vitest';
import { LOCK_LIMITS } from '../../daemon/core/locks/model.ts';
import { Timeline, timeline } from '../../daemon/timeline.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

describe('accumulated uptime', () => {
  it('continues where the ledger ended', async () => {
    const clock = new VirtualClock();
    const now = timeline(clock, 5000);
    await clock.advance(250);
    expect(now().upMs).toBe(5251);
  });

  it('counts what a hub lives through, asked or not', async () => {
    const clock = new VirtualClock();
    const line = new Timeline(clock, 5000);
    await clock.advance(60_000);
    expect(line.now().upMs).toBe(65_001);
    line.close();
  });

  it('leaves out what it slept through: less than half of the shortest lease goes by', () => {
    let nowMs = 0;
    const line = new Timeline({ nowMs: () => nowMs, wallMs: () => 0, after: () => () => undefined }, 0);
    nowMs = 5000;
    expect(line.now().upMs).toBe(201);
    expect(line.now().upMs).toBeLessThan(LOCK_LIMITS.ttlMinMs / 2);
    nowMs += 150;
    expect(line.now().upMs).toBe(351);
  });

  it.each([
    ['of 90 ms count in full', 90, 18_000],
    ['of 200 ms count in full', 200, 40_000],
    ['of 400 ms count half: leases last longer, and end', 400, 40_000],
  ])('of a busy loop turns %s', (_, turnMs, countedMs) => {
    let nowMs = 0;
    let tick: () => void = () => undefined;
    const after = (_ms: number, run: () => void) => {
      tick = run;
      return () => undefined;
    };
    const line = new Timeline({ nowMs: () => nowMs, wallMs: () => 0, after }, 0);
    for (let turn = 0; turn < 200; turn++) {
      nowMs += turnMs;
      tick();
    }
    expect(line.now().upMs).toBe(1 + countedMs);
  });

  it('closed, it ticks no more', async () => {
    const clock = new VirtualClock();
    const line = new Timeline(clock, 0);
    line.close();
    await clock.advance(10_000);
    expect(line.now().upMs).toBe(201);
  });
});
