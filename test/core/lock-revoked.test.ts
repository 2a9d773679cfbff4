import { describe, expect, it } from 'vitest';
import type { Role, Token, Who } from '../../daemon/core/model.ts';
import { events } from './home.ts';
import { consequences, type LockHome, PEOPLE, rowWords, wishFor, wordsOf } from './lock-home.ts';
import { house, transcript, written } from './lock-play.ts';

const LAMP = 'appliance:lamp';

/** Whoever comes with a token of its own, `session` or not. */
function admitted(home: LockHome, id: string, role: Role, expiresUpMs: number | null = null): Who {
  const use = id.includes('.') ? 'session' : 'api';
  const token: Token = { id, name: id, role, use, secretHash: '', createdWallMs: 0, expiresUpMs };
  home.decide({ kind: 'create_token', token, who: PEOPLE.ann });
  return { principal: `${use === 'session' ? 'session' : 'token'}:${id}`, name: id, role, source: 'http' };
}

function acquire(home: LockHome, who: Who, resource: string, waitMs: number | null = null): string {
  const wait = waitMs === null ? null : { id: `of ${who.name}`, ms: waitMs };
  return wordsOf(home.decide({ kind: 'acquire_lock', wish: wishFor([resource]), who, wait }), false);
}

function lockOut(home: LockHome, who: Who): string {
  const wish = wishFor([LAMP], { isLockout: true, ttlMs: null });
  return wordsOf(home.decide({ kind: 'acquire_lock', wish, who, wait: { id: 'out', ms: 9000 } }), false);
}

const revoke = (home: LockHome, id: string) => home.decide({ kind: 'revoke_token', id, who: PEOPLE.ann });

describe('access that ends', () => {
  it('takes its leases along in the same decision, on record with who did it and why', () => {
    const home = house();
    acquire(home, admitted(home, 'p1', 'operator'), 'x');
    const { events: done } = revoke(home, 'p1');
    expect(done.map(({ kind, who }) => [kind, who?.name])).toEqual([
      ['token_revoked', 'ann'],
      ['lock_forced', 'ann'],
    ]);
    expect(done.at(-1)).toMatchObject({ resource: 'x', tokens: [1], reason: 'the token of its holder was revoked' });
    expect(rowWords(home, 'x')).toBe('2: free');
  });

  it('takes its sessions along, and what those hold; sessions of others stay', () => {
    const home = house();
    for (const id of ['p1', 'p1.a', 'p1.b', 'p10.a', 'p2']) acquire(home, admitted(home, id, 'operator'), `of ${id}`);
    revoke(home, 'p1');
    expect([...home.state.tokens.values()].map(({ id }) => id)).toEqual(['t1', 'p10.a', 'p2']);
    expect(['p1', 'p1.a', 'p1.b', 'p10.a', 'p2'].map((id) => rowWords(home, `of ${id}`))).toEqual([
      '2: free',
      '2: free',
      '2: free',
      '1: p10.a#1 exclusive',
      '1: p2#1 exclusive',
    ]);
  });

  it('has commands under way: whoever wants it alone waits for them', () => {
    const home = house();
    const script = `tok acquire ${LAMP} delay=4000 ttl=9000 -> ${LAMP}#1 9000
      tok on lamp tokens=1 -> awaits the relay; on lamp request
      ben acquire ${LAMP} wait=b:9000 -> waits as b
      revoke
      show ${LAMP} -> 2: free | b | delay
      lamp lapses -> lamp withdrawn; off lamp withdrawn; ${LAMP} delay over; b gets ${LAMP}#3`;
    expect(transcript(home, script)).toBe(written(script));
  });

  it('leaves a lockout that is granted: any admin can end it', () => {
    const home = house();
    const gone = admitted(home, 'p1', 'admin');
    expect(lockOut(home, gone)).toBe(`${LAMP}#1 locked out`);
    expect(events(revoke(home, 'p1'))).toEqual(['token_revoked']);
    const script = `eve on lamp -> locked
      ben release ${LAMP} 1 enough -> conflict
      eve release ${LAMP} 1 -> conflict
      eve release ${LAMP} 1 enough -> done
      show ${LAMP} -> 1: free`;
    expect(transcript(home, script)).toBe(written(script));
  });

  it('ends a lockout that was not granted yet: nobody was told that it is', () => {
    const home = house();
    home.switchedOn('lamp');
    const gone = admitted(home, 'p1', 'admin');
    expect(lockOut(home, gone)).toBe('waits as out');
    expect(consequences(revoke(home, 'p1'))).toEqual(['out forbidden']);
    expect(rowWords(home, LAMP)).toBe('1: free');
  });

  it('of itself, when its time is up: it waits in vain, and keeps what it has until its end', () => {
    const home = house();
    const guest = admitted(home, 'p1.a', 'operator', home.upMs + 500);
    acquire(home, guest, 'y');
    acquire(home, PEOPLE.ann, 'x');
    expect(acquire(home, guest, 'x', 5000)).toBe('waits as of p1.a');
    const script = 'pass 500\nann release x 1 -> done; of p1.a forbidden\nshow y -> 1: p1.a#1 exclusive';
    expect(transcript(home, script)).toBe(written(script));
  });
});
