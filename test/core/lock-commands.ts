import fc from 'fast-check';
import { expect } from 'vitest';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { PEOPLE, wishFor } from './lock-home.ts';
import { type Command, Pair } from './lock-pair.ts';
import type { RefClaim } from './lock-reference-house.ts';

export { Pair };

function command(text: string, run: (pair: Pair) => void): Command {
  return { check: () => true, run: (_, pair) => run(pair), toString: () => text };
}

const people = ['ann', 'ben', 'cyd', 'tok'] as const;
const who = fc.constantFrom(...people, 'ben' as const);
const RESOURCES = ['x', 'y', 'appliance:lamp', 'circuit:kitchen', 'hub'] as const;
const resource = fc.constantFrom(...RESOURCES, 'x', 'appliance:lamp');
/** Which token is shown: one that is live, or one of before or to come. */
type Which = 0 | 1 | 2 | 'last' | 'before' | 'next' | 'none';
const which = fc.constantFrom<Which[]>(0, 0, 0, 1, 2, 'last', 'before', 'next', 'none');

function tokenOf({ reference }: Pair, name: string, choice: Which): number {
  const { token, holders } = reference.locks.row(name, false);
  const shift = { last: 0, before: -1, next: 1, none: -token } as const;
  return typeof choice === 'number' ? (holders[choice]?.token ?? token) : token + shift[choice];
}

/** Whose it is, most of the time. */
function holderOf({ reference }: Pair, name: string, token: number, other: (typeof people)[number]): typeof other {
  const { principal } = reference.locks.row(name, false).holders.find((one) => one.token === token) ?? {};
  return people.find((one) => PEOPLE[one].principal === principal) ?? other;
}

const acquire = fc
  .record({
    who,
    resources: fc.oneof(
      { weight: 4, arbitrary: resource.map((name) => [name]) },
      { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom(...RESOURCES), { minLength: 2, maxLength: 3 }) },
    ),
    isShared: fc.constantFrom(false, false, true),
    isLockout: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
    ttlMs: fc.constantFrom(500, 2000, 4000, 10_000),
    delayMs: fc.constantFrom(0, 2000, 4000),
    maxHoldMs: fc.constantFrom(null, null, null, 4000, 12_000),
    waitMs: fc.constantFrom(null, 0, 700, 5000, 5000),
    key: fc.constantFrom(null, null, 'k', 'l'),
    hash: fc.constantFrom('h', 'h', 'h', 'other'),
  })
  .map((t) => {
    const text = JSON.stringify(t);
    return command(`acquire ${text}`, (pair) => acquired(pair, t));
  });

/** As an admin would: of something that there is. */
const lockout = fc
  .record({ resource: fc.constantFrom('appliance:lamp', 'circuit:kitchen', 'hub'), waitMs: fc.constantFrom(700, 5000) })
  .map(({ resource: name, waitMs }) => {
    const plain = { who: 'ann', isShared: false, isLockout: true, ttlMs: 0, delayMs: 0, maxHoldMs: null } as const;
    return command(`lock out ${name} within ${waitMs}`, (pair) =>
      acquired(pair, { ...plain, resources: [name], waitMs, key: null, hash: 'h' }),
    );
  });

interface Acquire extends Pick<LockWish, 'delayMs' | 'maxHoldMs'> {
  readonly who: (typeof people)[number];
  readonly resources: readonly string[];
  readonly isShared: boolean;
  readonly isLockout: boolean;
  readonly ttlMs: number;
  readonly waitMs: number | null;
  readonly key: string | null;
  readonly hash: string;
}

function acquired(pair: Pair, t: Acquire): void {
  pair.waits += 1;
  const { delayMs, maxHoldMs, isLockout, key, hash } = t;
  const mode = t.isShared ? 'shared' : 'exclusive';
  const wish = wishFor(t.resources, { mode, delayMs, maxHoldMs, isLockout, ttlMs: isLockout ? null : t.ttlMs });
  // A lockout always waits for its OFFs; without an id of its own nobody could tell it from another.
  const waitMs = isLockout ? (t.waitMs ?? 700) : t.waitMs;
  const wait = waitMs === null ? null : { id: `w${pair.waits}`, ms: waitMs };
  const asker = PEOPLE[t.who];
  const kept = key === null ? {} : { key, hash };
  pair.asks({ kind: 'acquire_lock', wish, who: asker, wait, ...kept }, ({ locks }) =>
    locks.acquire({ wish, principal: asker.principal, isAdmin: asker.role === 'admin', wait, key, hash }),
  );
}

const isHis = fc.constantFrom(true, true, true, false);

const renew = fc.record({ resource, which, who, isHis, ttlMs: fc.constantFrom(null, 500, 2000) }).map((t) =>
  command(`renew ${JSON.stringify(t)}`, (pair) => {
    const [token, asker] = shown(pair, t);
    pair.asks({ kind: 'renew_lock', resource: t.resource, token, ttlMs: t.ttlMs, who: asker }, ({ locks }) =>
      locks.renew(t.resource, token, asker.principal, t.ttlMs),
    );
  }),
);

const release = fc.record({ resource, which, who, isHis, reason: fc.constantFrom(null, 'enough') }).map((t) =>
  command(`release ${JSON.stringify(t)}`, (pair) => {
    const [token, asker] = shown(pair, t);
    pair.asks(
      { kind: 'release_lock', resource: t.resource, token, reason: t.reason, who: asker },
      ({ locks }) => locks.release(t.resource, token, asker.principal, asker.role === 'admin', t.reason),
      true,
    );
  }),
);

const downgrade = fc.record({ resource, which, who, isHis }).map((t) =>
  command(`downgrade ${JSON.stringify(t)}`, (pair) => {
    const [token, asker] = shown(pair, t);
    pair.asks({ kind: 'downgrade_lock', resource: t.resource, token, who: asker }, ({ locks }) =>
      locks.downgrade(t.resource, token, asker.principal),
    );
  }),
);

function shown(
  pair: Pair,
  t: { resource: string; which: Which; who: (typeof people)[number]; isHis: boolean },
): [number, (typeof PEOPLE)[(typeof people)[number]]] {
  const token = tokenOf(pair, t.resource, t.which);
  return [token, PEOPLE[t.isHis ? holderOf(pair, t.resource, token, t.who) : t.who]];
}

const force = fc
  .record({ resource, who: fc.constantFrom('ann' as const, 'ann' as const, 'ben' as const) })
  .map((t) =>
    command(`force ${JSON.stringify(t)}`, (pair) =>
      pair.asks(
        { kind: 'force_release_lock', resource: t.resource, reason: 'stuck', who: PEOPLE[t.who] },
        ({ locks }) => locks.force(t.resource, t.who === 'ann'),
        true,
      ),
    ),
  );

const cancel = fc.nat(4).map((back) =>
  command(`cancel the wait ${back} before the last`, (pair) => {
    const waiter = `w${pair.waits - back}`;
    pair.happens([pair.home.decide({ kind: 'cancel_wait', waiter })], ({ locks }) => locks.cancel(waiter));
  }),
);

const pass = fc
  .constantFrom(100, 499, 500, 700, 2000)
  .map((ms) => command(`${ms} ms pass`, (pair) => passes(pair, pair.home.upMs + ms)));

function passes(pair: Pair, endUpMs: number): void {
  const { home, reference } = pair;
  home.askedUpMs = null;
  for (let due = reference.locks.nextDueMs(); due <= endUpMs; due = reference.locks.nextDueMs()) {
    home.upMs = Math.max(home.upMs, due);
    reference.locks.nowMs = home.upMs;
    pair.happens([home.tellDue()], ({ locks }) => locks.due());
  }
  home.upMs = endUpMs;
  reference.locks.nowMs = endUpMs;
}

/** No timer comes; what is asked next may have come in before. */
const drowse = fc.record({ ms: fc.constantFrom(200, 600, 1000), isAskedBefore: fc.boolean() }).map((t) =>
  command(`the hub is drowsy for ${t.ms} ms${t.isAskedBefore ? ', the next is asked before' : ''}`, (pair) => {
    pair.home.upMs += t.ms;
    pair.reference.locks.nowMs = pair.home.upMs;
    if (t.isAskedBefore) pair.home.askedUpMs = pair.home.upMs - t.ms;
  }),
);

const longAfter = fc.constant(command('49 hours later', (pair) => passes(pair, pair.home.upMs + 49 * 3_600_000)));

const restart = fc.constant(
  command('restart, and all reads as ordered', (pair) => {
    const decisions = [pair.home.restart()];
    pair.reference.locks.restart();
    const isOn = Object.fromEntries(['lamp', 'oven', 'fan'].map((id) => [id, pair.home.appliance(id).order.isOn]));
    decisions.push(pair.home.reads(isOn));
    pair.happens(decisions, (reference) => reference.readAll());
  }),
);

const revoke = fc.constant(
  command('revoke', (pair) => {
    pair.happens([pair.home.decide({ kind: 'revoke_token', id: 't1', who: PEOPLE.ann })], ({ locks }) =>
      locks.revoke(PEOPLE.tok.principal),
    );
  }),
);

const appliance = fc.constantFrom('lamp', 'lamp', 'oven', 'fan');
const claiming = fc.constantFrom('nothing', 'all that is his', 'all that is his', 'one bare', 'one of before');

const toggle = fc
  .record({
    appliance,
    isOn: fc.constantFrom(true, true, false),
    who: fc.constantFrom(...people, 'wall' as const),
    claiming,
    resource,
    isHis,
  })
  .map((t) =>
    command(`toggle ${JSON.stringify(t)}`, (pair) => {
      const person =
        t.isHis && t.who !== 'wall' ? holderOf(pair, t.resource, tokenOf(pair, t.resource, 0), t.who) : t.who;
      const asker = PEOPLE[person];
      const claims = person === 'wall' ? [] : claimsOf(pair, asker.principal, t);
      const { appliance: id, isOn } = t;
      pair.asks({ kind: 'toggle', appliance: id, want: isOn ? 'on' : 'off', who: asker, claims }, (reference) =>
        reference.toggle(id, isOn, { principal: asker.principal, isWall: person === 'wall', claims }),
      );
    }),
  );

function claimsOf(pair: Pair, principal: string, t: { claiming: string; resource: string }): RefClaim[] {
  const { locks } = pair.reference;
  const { token } = locks.row(t.resource, false);
  if (t.claiming === 'one bare') return [{ resource: null, token }];
  if (t.claiming === 'one of before') return [{ resource: t.resource, token: token - 1 }];
  if (t.claiming === 'nothing') return [];
  return locks.rows.flatMap(({ resource: name, holders }) =>
    holders.filter((one) => one.principal === principal).map((one) => ({ resource: name, token: one.token })),
  );
}

const obeys = appliance.map((id) =>
  command(`${id} obeys`, (pair) => {
    if (!pair.home.appliance(id).order.isSettled)
      pair.happens([pair.home.obeys(id)], (reference) => reference.obeys(id));
  }),
);

const lapses = appliance.map((id) =>
  command(`the bytes of ${id} leave`, (pair) => {
    const decision = pair.home.lapses(id);
    pair.happens(decision === null ? [] : [decision], (reference) =>
      expect(decision !== null).toBe(reference.lapses(id)),
    );
  }),
);

const weighted: readonly [number, fc.Arbitrary<Command>][] = [
  [22, acquire],
  [2, lockout],
  [6, renew],
  [10, release],
  [3, downgrade],
  [2, force],
  [3, cancel],
  [9, pass],
  [4, drowse],
  [1, longAfter],
  [2, restart],
  [1, revoke],
  [14, toggle],
  [8, obeys],
  [4, lapses],
];

/** What comes after `drowse` may have been asked before it; that is true of one step only. */
function awake(one: Command): Command {
  const run = (model: object, pair: Pair): void => {
    const askedUpMs = pair.home.askedUpMs;
    one.run(model, pair);
    if (pair.home.askedUpMs === askedUpMs) pair.home.askedUpMs = null;
  };
  return { check: () => true, run, toString: () => one.toString() };
}

export const commands = fc.commands(
  weighted.flatMap(([weight, arbitrary]) => Array.from({ length: weight }, () => arbitrary.map(awake))),
  { maxCommands: 45, size: 'max' },
);
