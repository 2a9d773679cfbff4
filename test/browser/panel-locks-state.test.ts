import { describe, expect, it } from 'vitest';
import { follow, type HubState, MAX_DECISIONS, withDecisions } from '../../dashboard/src/state/hub-state.ts';
import { FRESH_LOCK, OTHER, resourceTyped, termsOf } from '../../dashboard/src/state/lock-wish.ts';
import { barrier, claimsOf, locksOver } from '../../dashboard/src/state/locks.ts';
import type { LiveMessage, LockView } from '../../dashboard/src/wire.ts';
import { sayTag } from '../../dashboard/src/words/lock.ts';
import { kindChoices } from '../../dashboard/src/words/lock-choice.ts';
import { checkLock, checkReason } from '../../dashboard/src/words/lock-failure.ts';
import { appliance, circuit, decision, load, snapshot } from './panel-fixtures.ts';
import { holder, lockEvent, locked, lockout, OWN, waiter, withLocks } from './panel-locks-fixtures.ts';

const nameOf = (id: string) => (id === 'oven' ? 'Oven' : id);
const OVEN = appliance('oven', { name: 'Oven', circuit: 'stove' });
const HOUSE = load(0, { circuits: [circuit('kitchen', 3600, 0), circuit('stove', 3000, 0, 'kitchen')] });

/** After each of these, told a second apart. */
function stateAfter(...messages: LiveMessage[]): HubState {
  const state = messages.reduce<HubState | null>(
    (before, message, index) => follow(before, message, index * 1000),
    null,
  );
  if (state === null) throw new Error('no snapshot among the messages');
  return state;
}

const START = withLocks(snapshot(10, [OVEN], HOUSE), locked('hub'), locked('scene'));
const tokensOf = (state: HubState) =>
  [...state.locks].map(([name, { view }]) => [name, view.holders.map(({ fencing_token }) => fencing_token)]);

describe('the locks that the feed tells of', () => {
  it('are those of the snapshot, with the moment at which they were heard', () => {
    const state = stateAfter(snapshot(1, []), START);
    expect(tokensOf(state)).toEqual([
      ['hub', [7]],
      ['scene', [7]],
    ]);
    expect(state.locks.get('hub')).toMatchObject({ heardUpMs: 1000 });
  });

  it('move with each event: taken, waited for, free again', () => {
    const taken = locked('appliance:oven', [holder('appliance:oven', { fencing_token: 1 })]);
    const awaited: LockView = locked('hub', [], [waiter('Anna')]);
    const state = stateAfter(
      START,
      lockEvent(11, 'lock_acquired', taken),
      lockEvent(12, 'lock_forced', awaited, locked('scene', [])),
    );
    expect(tokensOf(state)).toEqual([
      ['hub', []],
      ['appliance:oven', [1]],
    ]);
    expect(state.locks.get('appliance:oven')?.heardUpMs).toBe(1000);
  });

  it('do not go back when an event is told twice', () => {
    const free = lockEvent(11, 'lock_released', locked('hub', []));
    const again = lockEvent(12, 'lock_acquired', locked('hub', [holder('hub', { fencing_token: 8 })]));
    expect(stateAfter(START, free, again, free).locks.get('hub')?.view.fencing_token).toBe(8);
  });

  it('are told whole, with the time that they have left, after a feed went on', () => {
    const fresh = locked('hub', [holder('hub', { expires_in_ms: 50 })]);
    const state = stateAfter(START, { type: 'locks', locks: [fresh] });
    expect(tokensOf(state)).toEqual([['hub', [7]]]);
    expect(state.locks.get('hub')).toMatchObject({ view: fresh, heardUpMs: 1000 });
    expect(follow(null, { type: 'locks', locks: [fresh] })).toBeNull();
  });

  it('that are renewed every second leave room for other decisions', () => {
    const renewals = Array.from({ length: 200 }, (_, index) =>
      decision(index + 20, { kind: 'lock_renewed', reason: `scene, token ${index % 2}` }),
    );
    const state = withDecisions(stateAfter(START), [decision(11), ...renewals]);
    expect(state.decisions.map(({ seq }) => seq)).toEqual([219, 218, 11]);
    expect(MAX_DECISIONS).toBeGreaterThan(3);
  });
});

describe('at a toggle', () => {
  const over = (...views: LockView[]) => locksOver(stateAfter(withLocks(START, ...views)).locks, HOUSE, OVEN);
  const tag = (...views: LockView[]) =>
    sayTag(over(...views), {
      applianceId: 'oven',
      left: ({ holder: { expires_in_ms } }) => expires_in_ms,
      isOwn: ({ holder: { principal } }) => principal === OWN,
      nameOf,
    });
  const one = (resource: string, fields: Parameters<typeof holder>[1] = {}) =>
    locked(resource, [holder(resource, fields)]);
  const shared = (resource: string, ...names: string[]) =>
    locked(
      resource,
      names.map((name) => holder(resource, { mode: 'shared', holder: name, principal: name === 'Me' ? OWN : name })),
    );

  it('nothing is said where no lock is', () => {
    expect(tag(one('scene'), one('circuit:other'))).toBeNull();
  });

  it.each([
    [one('appliance:oven'), 'Locked by Installer, 2 min left', 'barred'],
    [one('appliance:oven', { expires_in_ms: 0 }), 'Locked by Installer, ending', 'barred'],
    [one('circuit:kitchen', { principal: OWN }), 'Circuit kitchen locked by you, 2 min left', 'own'],
    [one('hub'), 'The whole hub locked by Installer, 2 min left', 'barred'],
    [shared('appliance:oven', 'Anna'), 'Shared by Anna', 'plain'],
    [shared('appliance:oven', 'Anna', 'Me'), 'Shared by Anna and you', 'plain'],
    [shared('appliance:oven', 'A', 'B', 'C', 'D'), 'Shared by A, B and 2 more', 'plain'],
    [
      locked('circuit:stove', [lockout('circuit:stove')]),
      'Circuit stove locked out by Installer: it stays off',
      'lockout',
    ],
    [
      locked('appliance:oven', [lockout('appliance:oven', { state: 'pending' })]),
      'Locked out by Installer: going off',
      'lockout',
    ],
  ])('it says who has it: %#', (view, text, tone) => {
    expect(tag(view)).toEqual({ text, tone });
  });

  it('the strongest lock counts: a lockout, then what is held alone', () => {
    const three = [shared('appliance:oven', 'Anna'), one('circuit:kitchen'), locked('hub', [lockout('hub')])];
    expect(tag(...three)?.tone).toBe('lockout');
    expect(tag(...three.slice(0, 2))?.text).toMatch(/^Circuit kitchen locked by/);
  });

  it('its holder shows the tokens of all that it holds alone, and no others', () => {
    const views = [
      one('appliance:oven', { principal: OWN, fencing_token: 3 }),
      one('circuit:kitchen', { fencing_token: 4 }),
      shared('circuit:stove', 'Me'),
      one('hub', { principal: OWN, fencing_token: 9 }),
    ];
    expect(claimsOf(over(...views), OWN)).toBe('appliance:oven=3, hub=9');
    expect(claimsOf(over(...views.slice(1, 3)), OWN)).toBeNull();
    const pending = lockout('hub', { principal: OWN, state: 'pending' });
    expect(claimsOf(over(locked('hub', [pending])), OWN)).toBeNull();
  });

  it('is barred by others, and by a lockout for everybody who wants it on', () => {
    const own = over(locked('hub', [lockout('hub', { principal: OWN })]));
    expect(barrier(own, OWN, true)).not.toBeNull();
    expect(barrier(own, OWN, false)).toBeNull();
    expect(barrier(over(one('hub')), OWN, false)?.holder.holder).toBe('Installer');
    expect(barrier(over(one('hub', { principal: OWN }), shared('circuit:stove', 'A')), OWN, true)).toBeNull();
  });
});

describe('what is asked for', () => {
  it('a lease with its time', () => {
    expect(termsOf({ ...FRESH_LOCK, waitMs: 60_000, note: ' film ' })).toEqual({
      mode: 'exclusive',
      ttl_ms: 900_000,
      wait_ms: 60_000,
      metadata: { note: 'film' },
    });
    expect(termsOf({ ...FRESH_LOCK, kind: 'shared' })).toEqual({ mode: 'shared', ttl_ms: 900_000, wait_ms: 0 });
  });

  it('a lockout, which has none, and is an administrator’s', () => {
    expect(termsOf({ ...FRESH_LOCK, kind: 'lockout', waitMs: 60_000, note: 'socket' })).toEqual({
      mode: 'exclusive',
      metadata: { lockout: true, note: 'socket' },
    });
    expect(kindChoices(true, true).map(({ kind }) => kind)).toEqual(['exclusive', 'shared', 'lockout']);
    for (const choices of [kindChoices(false, true), kindChoices(true, false)]) expect(choices).toHaveLength(2);
  });

  it('what has a name', () => {
    expect(resourceTyped({ place: OTHER, name: ' scene ' })).toBe('scene');
    expect(resourceTyped({ place: 'hub', name: 'scene' })).toBe('hub');
    expect(checkLock({ place: OTHER, name: ' ' })?.fields.resource).toMatch(/called/);
    expect(checkLock({ place: 'hub', name: '' })).toBeNull();
    expect(checkReason(' ')?.fields.reason).toMatch(/why/);
    expect(checkReason('holiday')).toBeNull();
  });
});
