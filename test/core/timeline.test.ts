import { describe, expect, it } from 'vitest';
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

  it('leaves out what it slept through, but for a second', () => {
    let nowMs = 0;
    const line = new Timeline({ nowMs: () => nowMs, wallMs: () => 0, after: () => () => undefined }, 0);
    nowMs = 5000;
    expect(line.now().upMs).toBe(1001);
    nowMs += 400;
    expect(line.now().upMs).toBe(1401);
  });

  it('closed, it ticks no more', async () => {
    const clock = new VirtualClock();
    const line = new Timeline(clock, 0);
    line.close();
    await clock.advance(10_000);
    expect(line.now().upMs).toBe(1001);
  });
});
