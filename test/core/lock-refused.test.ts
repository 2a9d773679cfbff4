import { describe, expect, it } from 'vitest';
import { claimsOf, type LockHome, PEOPLE, type Person } from './lock-home.ts';
import { house, transcript } from './lock-play.ts';

function told(home: LockHome, input: Parameters<LockHome['decide']>[0]): string {
  const { reply } = home.decide(input);
  return reply.kind === 'answered' && !reply.answer.ok ? reply.answer.refusal.detail : reply.kind;
}

const on = (home: LockHome, person: Person, tokens?: string) =>
  told(home, {
    kind: 'toggle',
    appliance: 'lamp',
    want: 'on',
    who: PEOPLE[person],
    claims: tokens === undefined ? [] : claimsOf(tokens),
  });

describe('why nothing is switched', () => {
  it('a lock: who may, and with what, for its holder may have forgotten the token', () => {
    const home = house();
    transcript(home, 'ben acquire hub');
    const text = 'lamp is not switched: "hub" is locked by ben, who alone may switch it, with its fencing token.';
    expect([on(home, 'cyd'), on(home, 'ben')]).toEqual([text, text]);
  });

  it('a token that is not live, whoever has the lock now', () => {
    const home = house();
    const text = 'lamp is not switched: the fencing token that was shown for "x" is not a live one.';
    expect(on(home, 'ben', 'x=1')).toBe(text);
    transcript(home, 'ben acquire x');
    expect(on(home, 'ben', 'x=2')).toBe(text);
  });

  it('a lockout, its holder too', () => {
    const home = house();
    transcript(home, 'ann acquire hub lockout');
    const text = 'lamp is not switched: "hub" is locked out by ann, and stays off until that is ended.';
    expect([on(home, 'cyd'), on(home, 'ann', '1')]).toEqual([text, text]);
  });

  it('an admin who ends the lockout of another is told that a reason is missing; others only that it is not theirs', () => {
    const home = house();
    transcript(home, 'ann acquire hub lockout');
    const release = (person: Person) =>
      told(home, { kind: 'release_lock', resource: 'hub', token: 1, reason: null, who: PEOPLE[person] });
    expect(release('eve')).toBe('ann locked "hub" out: to end that, say a reason.');
    expect(release('ben')).toBe('You hold no lease on "hub" with the token 1.');
  });
});
