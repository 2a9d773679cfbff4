import { describe, expect, it } from 'vitest';
import { isObeyed, placeOf, resourcesAbove } from '../../dashboard/src/state/lock-place.ts';
import { allLocks, inOrder, isLockedOut, leftMs } from '../../dashboard/src/state/locks.ts';
import type { DecisionView, Problem } from '../../dashboard/src/wire.ts';
import { foldConfirmations, sayDecision } from '../../dashboard/src/words/decision.ts';
import {
  sayKindOfLock,
  sayLockout,
  sayMetadata,
  sayMore,
  sayReach,
  sayResource,
  sayRest,
  sayWaiter,
} from '../../dashboard/src/words/lock.ts';
import { type LockAsk, sayLockFailure } from '../../dashboard/src/words/lock-failure.ts';
import { sayCountdown, sayLeft } from '../../dashboard/src/words/lock-time.ts';
import { sayFailure } from '../../dashboard/src/words/refusal.ts';
import { appliance, circuit, decision, load } from './panel-fixtures.ts';
import { holder, locked, lockout, waiter } from './panel-locks-fixtures.ts';

const nameOf = (id: string) => (id === 'oven' ? 'Oven' : id);
const OVEN = appliance('oven', { name: 'Oven', circuit: 'stove' });
const HOUSE = load(0, { circuits: [circuit('kitchen', 3600, 0), circuit('stove', 3000, 0, 'kitchen')] });

describe('what is left of a lock', () => {
  it('is counted from when it was heard, and never below nothing', () => {
    expect(leftMs({ expires_in_ms: 5000 }, { heardUpMs: 1000 }, 3000)).toBe(3000);
    expect(leftMs({ expires_in_ms: 5000 }, { heardUpMs: 1000 }, 99_000)).toBe(0);
    expect(leftMs({ expires_in_ms: null }, { heardUpMs: 0 }, 1)).toBeNull();
  });

  it.each([
    [1, '1 s', '1 s'],
    [59_001, '1 min', '1 min 00 s'],
    [124_100, '3 min', '2 min 05 s'],
    [3_599_500, '60 min', '1 h 00 min'],
    [7_800_000, '3 h', '2 h 10 min'],
    [86_400_000, '24 h', '24 h 00 min'],
  ])('%d ms', (ms, left, countdown) => {
    expect([sayLeft(ms), sayCountdown(ms)]).toEqual([left, countdown]);
  });

  it('ends in words, not in a number', () => {
    expect(sayRest(holder('x'), 0)).toBe('ending');
    expect(sayRest(holder('x'), 2000)).toBe('2 s left');
    expect(sayRest(lockout('x'), null)).toBe('until it is ended by hand');
    expect(sayRest(lockout('x', { state: 'pending' }), null)).toBe('not confirmed off yet');
  });
});

describe('what a lock is on', () => {
  it.each([
    ['hub', 'The whole hub', 'Every appliance'],
    ['circuit:house', 'The house circuit', 'Every appliance on it'],
    ['circuit:kitchen', 'Circuit kitchen', 'Every appliance on it'],
    ['circuit:nowhere', 'Circuit nowhere', 'A name of its own: the hub switches nothing for it'],
    ['appliance:oven', 'Oven', null],
    ['appliance:', 'appliance:', 'A name of its own: the hub switches nothing for it'],
    ['scene', 'scene', 'A name of its own: the hub switches nothing for it'],
  ])('%s', (resource, words, reach) => {
    const place = placeOf(resource);
    expect(sayResource(resource, nameOf)).toBe(words);
    expect(sayReach(place, isObeyed(place, HOUSE, new Map([['oven', OVEN]])))).toBe(reach);
  });

  it('is under the locks of its circuits, up to the hub', () => {
    const above = ['appliance:oven', 'circuit:stove', 'circuit:kitchen', 'circuit:house', 'hub'];
    expect(resourcesAbove(HOUSE, OVEN)).toEqual(above);
  });

  it('stands in the card with lockouts first, then from the hub down', () => {
    const names = ['b', 'appliance:tv', 'a', 'appliance:oven', 'circuit:x', 'hub'];
    const locks = allLocks([...names.map((name) => locked(name)), locked('z', [lockout('z')])], 0);
    const order = inOrder(locks, (resource) => (resource === 'appliance:tv' ? 'A screen' : resource));
    expect(order.map(({ view }) => view.resource)).toEqual([
      'z',
      'hub',
      'circuit:x',
      'appliance:tv',
      'appliance:oven',
      'a',
      'b',
    ]);
  });
});

describe('a refused toggle', () => {
  const say = (fields: Partial<Problem>, isLockedOut = false) =>
    sayFailure(
      { kind: 'problem', problem: { code: 'locked', status: 423, ...fields }, retryAfterS: null },
      { name: 'Oven', wantOn: true, unknownW: 0, heldW: 0, isLockedOut },
    );

  it.each([
    [{ holder: 'Anna', resource: 'appliance:oven' }, false, 'Anna holds the lock, and nobody else may switch it.'],
    [
      { holder: 'Anna', resource: 'hub' },
      false,
      'Anna holds the lock on the whole hub, and nobody else may switch it.',
    ],
    [{ holder: 'Anna', resource: 'circuit:a' }, false, 'Anna holds the lock on the circuit “a”, and nobody'],
    [{ holder: null, resource: 'appliance:oven' }, false, 'The lock under which it was asked has ended.'],
    [
      { holder: 'Anna', resource: 'circuit:house' },
      true,
      'Anna locked it out on the house: somebody may be working on it.',
    ],
  ])('%#', (fields, isLockedOut, words) => {
    expect(say(fields, isLockedOut).text).toContain(words);
  });

  it('knows a lockout by what the feed told', () => {
    const locks = allLocks([locked('a', [lockout('a')]), locked('b')], 0);
    expect(['a', 'b', 'c', undefined].map((name) => isLockedOut(locks, name))).toEqual([true, false, false, false]);
  });
});

describe('the card', () => {
  it('says which kind it is', () => {
    const kinds = [
      locked('a'),
      locked('a', [holder('a', { mode: 'shared' })]),
      locked('a', [lockout('a')]),
      locked('a', []),
    ];
    expect(kinds.map(sayKindOfLock)).toEqual(['Exclusive', 'Shared', 'Lockout', 'Free in a moment']);
  });

  it('says who waits, and how many are not shown', () => {
    expect(sayWaiter(waiter('Anna'), false)).toBe('Anna, exclusive');
    expect(sayWaiter(waiter('Me', { mode: 'shared', resources: ['a', 'b', 'c'] }), true)).toBe(
      'You (Me), shared, with 2 others',
    );
    expect([sayMore(3, 3, 'hold'), sayMore(21, 20, 'hold'), sayMore(30, 20, 'wait')]).toEqual([
      null,
      '1 more holds it',
      '10 more wait',
    ]);
  });

  it('says what the holder said of it', () => {
    expect(sayMetadata({ lockout: true })).toBeNull();
    expect(sayMetadata(null)).toBeNull();
    expect(sayMetadata({ lockout: true, note: 'new socket', job: 7 })).toBe('new socket, job: 7');
    expect(sayMetadata({ note: 'x'.repeat(500) })).toHaveLength(120);
  });

  it('makes a lockout unmistakable, and never calls it off before it is', () => {
    const out = sayLockout(lockout('circuit:kitchen', { metadata: { lockout: true, note: 'new socket' } }), nameOf);
    expect(out.title).toBe('Locked out: the circuit kitchen');
    expect(out.text).toMatch(/^By Installer: new socket\. It is off/);
    const pending = sayLockout(lockout('appliance:oven', { state: 'pending' }), nameOf);
    expect(`${pending.title} ${pending.text}`).toMatch(/^Being locked out: Oven .*not .*confirmed off yet/i);
  });
});

describe('why it was not done', () => {
  const ACQUIRE: LockAsk = { verb: 'acquire', place: 'Oven', isLockout: false };
  const OUT: LockAsk = { ...ACQUIRE, isLockout: true };
  const say = (ask: LockAsk, code: string, more: Partial<Problem> = {}) =>
    sayLockFailure({ kind: 'problem', problem: { code, status: 409, ...more }, retryAfterS: 2 }, ask);

  it.each([
    [ACQUIRE, 'lock_held', { holder: 'Anna' }, /^Anna holds Oven\. Wait for it, or ask Anna/],
    [ACQUIRE, 'already_held', { fencing_token: 7 }, /^You hold Oven already, with the token 7\.$/],
    [ACQUIRE, 'wait_timeout', { holder: 'Anna' }, /not become free in time: Anna still holds Oven/],
    [OUT, 'wait_timeout', {}, /^Not everything was confirmed off in time, so Oven is not locked out/],
    [ACQUIRE, 'forbidden', {}, /look, not lock/],
    [OUT, 'forbidden', {}, /Only an administrator/],
    [{ ...ACQUIRE, verb: 'force' }, 'forbidden', {}, /Only an administrator/],
    [{ ...ACQUIRE, verb: 'force' }, 'conflict', {}, /^Nobody holds Oven any more/],
    [{ ...ACQUIRE, verb: 'end' }, 'conflict', {}, /^The lockout of Oven has ended already/],
    [{ ...ACQUIRE, verb: 'renew' }, 'conflict', {}, /^Your lock on Oven has ended/],
    [{ ...ACQUIRE, verb: 'downgrade' }, 'conflict', { detail: '"x" is shared already.' }, /is shared already/],
    [OUT, 'not_found', {}, /knows nothing named Oven/],
    [ACQUIRE, 'rate_limited', { detail: 'At most 2000 locks.' }, /^At most 2000 locks\. Try again in 2 s\.$/],
    [ACQUIRE, 'ledger_unavailable', {}, /nothing was locked\. Try again in 2 s/],
    [ACQUIRE, 'locked', { holder: 'Anna' }, /Anna has locked Oven/],
    [ACQUIRE, 'odd', {}, /code odd/],
  ] satisfies [LockAsk, string, Partial<Problem>, RegExp][])('%# %s', (ask, code, more, words) => {
    expect(say(ask, code, more)).toEqual({ fields: {}, rest: expect.stringMatching(words) });
  });

  it('stands at its field, and what has none beside them', () => {
    const errors = [
      { path: 'resource', message: 'must have at most 200 characters' },
      { path: 'metadata.note', message: 'must have no control characters' },
      { path: 'ttl_ms', message: 'is too long' },
    ];
    expect(say(ACQUIRE, 'invalid_request', { errors })).toEqual({
      fields: {
        resource: 'The name must have at most 200 characters.',
        note: 'The note must have no control characters.',
      },
      rest: 'ttl_ms is too long',
    });
    expect(say(ACQUIRE, 'invalid_request', { errors: errors.slice(0, 1) }).rest).toBeNull();
    expect(say(ACQUIRE, 'invalid_request', { detail: 'So not.' })).toEqual({ fields: {}, rest: 'So not.' });
  });

  it('is not known without an answer', () => {
    expect(sayLockFailure({ kind: 'network' }, ACQUIRE).rest).toMatch(/may be locked or not/);
  });
});

describe('in the list of decisions', () => {
  const grants = (...resources: string[]) => resources.map((resource) => ({ resource, fencing_token: 7 }));
  const say = (kind: string, reason: string | null, fields: Partial<DecisionView> = {}) => {
    const line = decision(1, { kind, reason, outcome: 'recorded', appliance: null, is_on: null, ...fields });
    const [folded] = foldConfirmations([line]);
    return folded && sayDecision(folded, nameOf);
  };
  const OVEN_7 = { fencing_tokens: grants('appliance:oven') };

  it.each([
    ['lock_queued', 'waits for hub', {}, 'Marta (panel) waits for the whole hub', null],
    ['lock_wait_ended', 'timeout', { source: 'hub' }, 'A wait for a lock ended', 'It was not granted in time'],
    [
      'lock_acquired',
      'appliance:oven, token 7, exclusive',
      { ...OVEN_7, outcome: 'granted' },
      'Marta (panel) locked Oven',
      'Token 7, exclusive',
    ],
    [
      'lock_acquired',
      'appliance:oven, token 7, exclusive',
      OVEN_7,
      'Marta (panel) locks Oven out: all of it goes off',
      'Token 7, exclusive',
    ],
    [
      'lock_acquired',
      'a, token 7, shared; b, token 7, shared',
      { fencing_tokens: grants('a', 'b'), outcome: 'granted' },
      'Marta (panel) locked “a”, “b”',
      'a, token 7, shared; b, token 7, shared',
    ],
    [
      'lock_confirmed',
      'appliance:oven, token 7: all of it is confirmed off',
      OVEN_7,
      'Oven is locked out',
      'Token 7: all of it is confirmed off',
    ],
    ['lock_renewed', 'appliance:oven, token 7', OVEN_7, 'Marta (panel) keeps Oven locked for longer', 'Token 7'],
    [
      'lock_downgraded',
      'appliance:oven, token 7, now shared with token 8',
      OVEN_7,
      'Marta (panel) shares Oven from now on',
      'Token 7, now shared with token 8',
    ],
    ['lock_released', 'appliance:oven, token 7: done', OVEN_7, 'Marta (panel) unlocked Oven', 'Token 7: done'],
    [
      'lock_expired',
      'appliance:oven, token 7',
      { ...OVEN_7, source: 'hub' },
      'The time of the lock on Oven was up',
      'Token 7',
    ],
    [
      'lock_forced',
      'appliance:oven, tokens 7: holiday',
      OVEN_7,
      'Marta (panel) took the lock on Oven away',
      'Tokens 7: holiday',
    ],
    ['lock_delay_over', 'circuit:kitchen', { source: 'hub' }, 'The circuit kitchen may be locked again', null],
    ['lock_renewed', 'in other words', OVEN_7, 'Marta (panel) keeps Oven locked for longer', 'in other words'],
    ['lock_of_a_newer_hub', 'whatever', {}, 'The hub lock of a newer hub', 'whatever'],
  ] satisfies [string, string, Partial<DecisionView>, string, string | null][])(
    '%s',
    (kind, reason, fields, text, rest) => {
      expect(say(kind, reason, fields)).toMatchObject({ text, reason: rest });
    },
  );

  it('a name cannot pass for another', () => {
    const name = 'hub, token 9, exclusive';
    const line = say('lock_acquired', `${name}, token 7, exclusive`, {
      fencing_tokens: grants(name),
      outcome: 'granted',
    });
    expect(line).toMatchObject({ text: `Marta (panel) locked “${name}”`, reason: 'Token 7, exclusive' });
  });

  it('an OFF for a lockout says why', () => {
    expect(say('ordered', 'lockout', { appliance: 'oven', is_on: false, outcome: 'granted' })).toMatchObject({
      text: 'Marta (panel) switched Oven off',
      reason: 'It is locked out',
    });
  });
});
