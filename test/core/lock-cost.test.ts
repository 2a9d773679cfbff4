import { describe, expect, it } from 'vitest';
import { decide } from '../../daemon/core/decide.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { draftOf } from '../../daemon/core/state.ts';
import { CountingMap } from './counting-map.ts';
import { type LockHome, PEOPLE, wishFor, wordsOf } from './lock-home.ts';
import { house } from './lock-play.ts';

const TTL_MS = 60_000;

function acquire(
  principal: string,
  resources: readonly string[],
  wait: string | null,
  change: Partial<LockWish> = {},
): Input {
  const wish = wishFor(resources, { ttlMs: TTL_MS, ...change });
  const who = { ...PEOPLE.ben, principal };
  return { kind: 'acquire_lock', wish, who, wait: wait === null ? null : { id: wait, ms: TTL_MS } };
}

/** So many live locks and waiters, each on a name of its own; and what is asked of the tables from now on is counted. */
function crowded(locks: number, waiters: number): { home: LockHome; tally: { reads: number } } {
  const home = house();
  for (let i = 0; i < locks; i++) home.decide(acquire(`holder ${i % 10}`, [`lock ${i}`], null));
  for (let i = 0; i < waiters; i++) home.decide(acquire(`waiter ${i % 10}`, [`lock ${i}`], `wait ${i}`));
  home.decide(acquire('ben', ['his'], null));
  home.decide(acquire('ben', ['hub'], null));
  home.decide(acquire('ann', ['hers', 'other'], null));
  home.decide(acquire('ben', ['hers'], 'w'));
  const tally = { reads: 0 };
  const { locks: rows, lockWaiters, openLocks, lockCounts, lockKept, claimed, appliances } = home.state;
  const tables = { locks: rows, lockWaiters, openLocks, lockCounts, lockKept, claimed, appliances };
  const counted = ([name, table]: [string, unknown]) => [name, new CountingMap(table as Map<string, unknown>, tally)];
  Object.assign(home.state, Object.fromEntries(Object.entries(tables).map(counted)));
  return { home, tally };
}

const claims = [{ resource: null, token: 1 }];
const toggle: Input = { kind: 'toggle', appliance: 'lamp', want: 'on', who: PEOPLE.ben, claims };

const STEPS: readonly (readonly [what: string, answer: string, input: Input])[] = [
  ['an acquire of a new name', 'new#1 60000', acquire('cyd', ['new'], null)],
  ['an acquire with a key', 'new#1 60000', { ...acquire('cyd', ['new'], null), key: 'k', hash: 'h' } as Input],
  ['an acquire of three', 'a#1 60000 b#1 60000 c#1 60000', acquire('cyd', ['a', 'b', 'c'], null)],
  ['an acquire of what is held', 'lock_held', acquire('cyd', ['his'], null)],
  ['an acquire that waits', 'waits as v', acquire('cyd', ['his'], 'v')],
  ['a renewal', 'his#1 60000', { kind: 'renew_lock', resource: 'his', token: 1, ttlMs: null, who: PEOPLE.ben }],
  ['a release', 'done', { kind: 'release_lock', resource: 'his', token: 1, reason: null, who: PEOPLE.ben }],
  [
    'a release that lets somebody in',
    'done',
    { kind: 'release_lock', resource: 'hers', token: 1, reason: null, who: { ...PEOPLE.ann, principal: 'ann' } },
  ],
  ['a downgrade', 'his#2 60000', { kind: 'downgrade_lock', resource: 'his', token: 1, who: PEOPLE.ben }],
  ['the end of a lease', 'done', { kind: 'locks_due', resources: ['hers'], waiters: ['w'] }],
  ['the end of a wait', 'done', { kind: 'cancel_wait', waiter: 'w' }],
  ['a toggle under a lock', 'awaits the relay', toggle],
];

const SIZES = [
  [10, 1],
  [10_000, 1000],
] as const;

describe('what is asked of the lock service costs the same with 10,000 live locks and 1,000 waiters', () => {
  const homes = SIZES.map(([locks, waiters]) => crowded(locks, waiters));

  it.each(STEPS)('%s', (_, answer, input) => {
    const [few, many] = homes.map(({ home, tally }) => {
      const before = tally.reads;
      const now = input.kind === 'locks_due' ? { upMs: home.upMs + TTL_MS, wallMs: 0 } : home.now;
      const decision = decide(draftOf(home.state), input, now);
      expect(wordsOf(decision, input.kind === 'release_lock')).toBe(answer);
      return tally.reads - before;
    });
    expect(few).toBeGreaterThan(0);
    expect(many).toBe(few);
  });
});
