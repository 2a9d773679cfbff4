import { describe, expect, it } from 'vitest';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { ANNA, answered, BEN, events, Home } from './home.ts';

const wish = (resource: string, change: Partial<LockWish> = {}): LockWish => ({
  resources: [resource],
  mode: 'exclusive',
  ttlMs: 1000,
  delayMs: 0,
  maxHoldMs: null,
  metadata: null,
  isLockout: false,
  ...change,
});

describe('smoke', () => {
  it('acquire, refuse, queue, release, grant', () => {
    const home = new Home();
    const a = home.decide({ kind: 'acquire_lock', wish: wish('x'), who: ANNA, wait: null });
    expect(a.reply).toMatchObject({ answer: { ok: true, locks: [{ token: 1, expiresInMs: 1000 }] } });
    expect(answered(home.decide({ kind: 'acquire_lock', wish: wish('x'), who: ANNA, wait: null }).reply)).toBe(
      'already_held',
    );
    expect(answered(home.decide({ kind: 'acquire_lock', wish: wish('x'), who: BEN, wait: null }).reply)).toBe(
      'lock_held',
    );
    expect(
      answered(home.decide({ kind: 'acquire_lock', wish: wish('x'), who: BEN, wait: { id: 'w', ms: 5000 } }).reply),
    ).toBe('waits for the lock');
    expect(events(home.decide({ kind: 'release_lock', resource: 'x', token: 1, reason: null, who: ANNA }))).toEqual([
      'lock_released',
      'lock_acquired',
    ]);
    home.upMs += 1000;
    expect(events(home.decide({ kind: 'locks_due', resources: ['x'], waiters: [] }))).toEqual(['lock_expired']);
    expect(home.state.locks.get('x')?.token).toBe(3);
  });
  it('locked toggles', () => {
    const home = new Home().add({ lamp: { w: 100 }, oven: { w: 100 } });
    home.decide({ kind: 'acquire_lock', wish: wish('appliance:lamp'), who: BEN, wait: null });
    expect(answered(home.toggle('lamp', 'on').reply)).toBe('locked');
    expect(
      answered(
        home.decide({ kind: 'toggle', appliance: 'lamp', want: 'on', who: BEN, claims: [{ resource: null, token: 1 }] })
          .reply,
      ),
    ).toBe('awaits the relay');
    home.obeys('lamp');
    home.upMs += 1000;
    expect(
      answered(
        home.decide({
          kind: 'toggle',
          appliance: 'lamp',
          want: 'off',
          who: BEN,
          claims: [{ resource: null, token: 1 }],
        }).reply,
      ),
    ).toBe('locked');
    const out = home.decide({
      kind: 'acquire_lock',
      wish: wish('hub', { isLockout: true, ttlMs: null }),
      who: ANNA,
      wait: { id: 'l', ms: 5000 },
    });
    expect([answered(out.reply), ...events(out)]).toEqual([
      'waits for the lock',
      'lock_acquired',
      'ordered lamp off lockout',
    ]);
    expect(events(home.obeys('lamp'))).toEqual(['confirmed lamp off ack', 'lock_confirmed']);
    expect(answered(home.toggle('oven', 'on').reply)).toBe('locked');
  });
});
