import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import type { Event } from '../../daemon/core/events.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { Hub } from '../../daemon/hub.ts';
import { Timeline } from '../../daemon/timeline.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { household } from './home.ts';
import { acquire } from './lock-desk.ts';

/** What is durable; a life is a hub over it that is killed, and nothing but leases goes on in it. */
class Lives {
  readonly clock = new VirtualClock();
  readonly durable: Event[] = [];
  hub: Hub | null = null;
  #line: Timeline | null = null;

  async begin(): Promise<Hub> {
    const state = emptyState();
    for (const event of this.durable) apply(state, event);
    const line = new Timeline(this.clock, this.durable.at(-1)?.upMs ?? 0);
    const hub = new Hub({
      household: household(),
      buses: [],
      state,
      ledger: { append: async (events) => void this.durable.push(...events), saveSnapshot: async () => undefined },
      clock: this.clock,
      now: () => line.now(),
      bootId: 'boot',
      onTrouble: () => undefined,
      onProgress: () => undefined,
    });
    await this.clock.settled(hub.start());
    this.hub = hub;
    this.#line = line;
    return hub;
  }

  /** Nothing that it knew and did not record is left. */
  async kill(): Promise<void> {
    await this.hub?.close();
    this.#line?.close();
  }

  get isHeld(): boolean {
    return this.hub?.state.locks.get('x')?.holders.length === 1;
  }
}

describe('a hub that crashes again and again', () => {
  it.each([
    ['every minute', 60_000, 300_000, 50_000],
    ['in seconds', 60_000, 300_000, 4000],
  ])('does not keep the lease of a dead client for ever: %s', async (_, ttlMs, maxHoldMs, lifeMs) => {
    const lives = new Lives();
    const first = await lives.begin();
    await lives.clock.settled(first.queue.ask(acquire('ann', 'x', { ttlMs, maxHoldMs })));
    const startMs = lives.clock.nowMs();
    for (let life = 0; lives.isHeld && life < 1000; life++) {
      await lives.clock.advance(lifeMs);
      await lives.kill();
      await lives.begin();
    }
    const heldMs = lives.clock.nowMs() - startMs;
    await lives.kill();
    expect([lives.isHeld, heldMs >= maxHoldMs, heldMs <= 3 * maxHoldMs]).toEqual([false, true, true]);
  });

  it('writes nothing for it while no lease runs, and little while one does', async () => {
    const lives = new Lives();
    const hub = await lives.begin();
    await lives.clock.advance(3_600_000);
    expect(lives.durable.map(({ kind }) => kind)).toEqual(['configured']);
    await lives.clock.settled(hub.queue.ask(acquire('ann', 'x', { ttlMs: 3_600_000 })));
    await lives.clock.advance(3_599_999);
    await lives.kill();
    const noted = lives.durable.filter(({ kind }) => kind === 'uptime_noted').length;
    expect([noted > 50, noted <= 60]).toEqual([true, true]);
    expect(lives.clock.pending).toBe(0);
  });
});
