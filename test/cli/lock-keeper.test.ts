import { describe, expect, it } from 'vitest';
import { LeaseKeeper } from '../../daemon/cli/lock-keeper.ts';
import { Unreached } from '../../daemon/cli/lock-link.ts';
import type { Held } from '../../daemon/cli/lock-verbs.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

const TTL_MS = 30_000;

/** A lease on a clock that is moved by hand; each renewal takes `takesMs` and comes to what `next` says. */
class Lease {
  readonly clock = new VirtualClock();
  readonly askedMs: number[] = [];
  next: (held: Held) => Held = (held) => this.renewed(held);
  takesMs = 0;
  lost: string | null = null;
  readonly keeper: LeaseKeeper;

  constructor() {
    const held = { resource: 'x', token: 1, ttlMs: TTL_MS, askedMs: 0, untilMs: TTL_MS };
    this.keeper = new LeaseKeeper({ clock: this.clock, held, renew: (lease) => this.#renew(lease) });
    void this.keeper.lost.then((why) => {
      this.lost = why;
    });
  }

  renewed(held: Held): Held {
    const askedMs = this.askedMs.at(-1) ?? 0;
    return { ...held, askedMs, untilMs: askedMs + TTL_MS };
  }

  #renew(held: Held): Promise<Held> {
    this.askedMs.push(this.clock.nowMs());
    return new Promise((resolve, reject) => {
      this.clock.after(this.takesMs, () => {
        try {
          resolve(this.next(held));
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

const unreached = () => {
  throw new Unreached('the hub does not answer');
};

describe('a lease that is kept', () => {
  it('is renewed at each third of its TTL, counted from when it was asked for', async () => {
    const lease = new Lease();
    lease.takesMs = 1000;
    await lease.clock.advance(35_000);
    expect(lease.askedMs).toEqual([10_000, 20_000, 30_000]);
    lease.keeper.close();
    await lease.clock.advance(60_000);
    expect(lease.askedMs).toHaveLength(3);
    expect(lease.lost).toBeNull();
  });

  it('is lost at once when the hub refuses', async () => {
    const lease = new Lease();
    lease.next = () => {
      throw new Error('You hold no lease. (conflict)');
    };
    await lease.clock.advance(9_999);
    expect(lease.lost).toBeNull();
    await lease.clock.advance(1);
    expect(lease.lost).toBe('You hold no lease. (conflict)');
  });

  it('is asked for again and again while the hub is not reached, and lives when it is in time', async () => {
    const lease = new Lease();
    lease.next = unreached;
    await lease.clock.advance(28_500);
    expect(lease.askedMs).toHaveLength(19);
    lease.next = (held) => lease.renewed(held);
    await lease.clock.advance(30_000);
    expect(lease.lost).toBeNull();
  });

  it('is lost at the moment at which it may have ended, counted from before the last renewal was sent', async () => {
    const lease = new Lease();
    lease.takesMs = 4000;
    await lease.clock.advance(14_000);
    lease.next = unreached;
    await lease.clock.advance(25_999);
    expect(lease.lost).toBeNull();
    await lease.clock.advance(1);
    expect(lease.lost).toBe('it could not be renewed in time (the hub does not answer)');
  });

  it('is lost while an answer is under way that comes too late', async () => {
    const lease = new Lease();
    lease.takesMs = 25_000;
    await lease.clock.advance(30_000);
    expect(lease.lost).toBe('it could not be renewed in time (this program did not run)');
  });
});
