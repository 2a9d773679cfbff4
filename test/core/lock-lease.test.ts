import { describe, expect, it } from 'vitest';
import { LOCK_LIMITS } from '../../daemon/core/locks/model.ts';
import { LockHome, PEOPLE, wishFor, wordsOf } from './lock-home.ts';
import { house, transcript, written } from './lock-play.ts';

const rows: readonly (readonly [topic: string, script: string])[] = [
  [
    'token: one counter per resource, +1 with each grant, and with each expiry and force-release',
    `ann acquire x      -> x#1 1000
     ann release x 1    -> done
     ben acquire x      -> x#2 1000
     pass 1000          -> x#2 expired
     show x             -> 3: free
     ben acquire x      -> x#4 1000
     ann force x        -> done
     show x             -> 5: free
     ann acquire y      -> y#1 1000`,
  ],
  [
    'token: +1 with each start, held or free; the live lock keeps its own',
    `ann acquire x      -> x#1 1000
     ann acquire y      -> y#1 1000
     ann release y 1    -> done
     restart
     restart
     show x             -> 3: ann#1 exclusive
     show y             -> 3: free
     ann release x 1    -> done
     ben acquire x y    -> x#4 1000 y#4 1000`,
  ],
  [
    'shared: each its own token; all of them keep the exclusive one out, and the last one lets it in',
    `ann acquire x shared   -> x#1 1000
     ben acquire x shared   -> x#2 1000
     cyd acquire x          -> lock_held
     cyd acquire x shared   -> x#3 1000
     ben release x 2        -> done
     ann renew x 1          -> x#1 1000
     ann release x 1        -> done
     dan acquire x          -> lock_held
     cyd release x 3        -> done
     dan acquire x          -> x#4 1000`,
  ],
  [
    'time: never early, and not a millisecond late where the timer is prompt',
    `ann acquire x      -> x#1 1000
     pass 999
     ben acquire x      -> lock_held
     pass 1             -> x#1 expired
     ben acquire x      -> x#3 1000`,
  ],
  [
    'expiry is looked at with each use: no timer is needed',
    `ann acquire x          -> x#1 1000
     drowse 1000
     ben acquire x          -> x#3 1000; x#1 expired
     drowse 1000
     ben renew x 3          -> conflict; x#3 expired
     show x                 -> 4: free
     ann acquire x          -> x#5 1000
     drowse 1000
     ann downgrade x 5      -> conflict; x#5 expired
     ann acquire x          -> x#7 1000
     drowse 1000
     ann release x 7        -> already done; x#7 expired
     ann acquire x          -> x#9 1000
     drowse 1000
     ann force x            -> conflict; x#9 expired`,
  ],
  [
    'stall: what came in before the deadline is in time, however late it is decided',
    `ann acquire x          -> x#1 1000
     drowse 5000
     asked 4001
     ann renew x 1          -> x#1 1000
     drowse 1500
     asked 600
     ben acquire x          -> lock_held
     asked 500
     ben acquire x          -> x#3 1000; x#1 expired`,
  ],
  [
    'renew: needs token and principal, keeps the token, never shortens',
    `ann acquire x ttl=5000       -> x#1 5000
     ben renew x 1                -> conflict
     ann renew x 2                -> conflict
     ann renew y 1                -> conflict
     pass 1000
     ann renew x 1 ttl=500        -> x#1 4000
     pass 3800
     ann renew x 1                -> x#1 500
     ann renew x 1 ttl=3000       -> x#1 3000
     pass 3000                    -> x#1 expired
     ann renew x 1                -> conflict`,
  ],
  [
    'renew: not past the longest hold, and the first TTL is kept all the same',
    `ann acquire x ttl=1000 max=2500 -> x#1 1000
     pass 900
     ann renew x 1                -> x#1 1000
     pass 900
     ann renew x 1                -> x#1 700
     pass 600
     ann renew x 1                -> x#1 100
     pass 100                     -> x#1 expired`,
  ],
  [
    'restart: the full TTL from now, not more than the longest hold',
    `ann acquire x ttl=1000 max=2500 -> x#1 1000
     ben acquire y ttl=1000       -> y#1 1000
     pass 900
     restart
     pass 900
     restart
     pass 699
     show x                       -> 3: ann#1 exclusive
     pass 1                       -> x#1 expired
     pass 299
     show y                       -> 3: ben#1 exclusive
     pass 1                       -> y#1 expired`,
  ],
  [
    're-entrancy: none, neither way, and it tells the token',
    `ann acquire x                -> x#1 1000
     ann acquire x                -> already_held
     ann acquire x shared         -> already_held
     ann acquire y x              -> already_held
     ben acquire y shared         -> y#1 1000
     ben acquire y shared         -> already_held
     ben acquire y wait=w:5000    -> already_held`,
  ],
  [
    'downgrade: atomic, a new token, the same deadline; neighbours come in, an exclusive one does not',
    `ann acquire x ttl=2000       -> x#1 2000
     ben acquire x shared wait=b:9000 -> waits as b
     cyd acquire x wait=c:9000    -> waits as c
     pass 500
     ben downgrade x 1            -> conflict
     ann downgrade x 1            -> x#2 1500; b gets x#3
     ann downgrade x 2            -> conflict
     ann renew x 1                -> conflict
     ann release x 1              -> conflict
     show x                       -> 3: ann#2 shared, ben#3 shared | c
     pass 1000                    -> x#3 expired
     pass 500                     -> x#2 expired; c gets x#6`,
  ],
  [
    'force-release: an admin, with all who share it; nobody there is a conflict',
    `ben acquire x shared         -> x#1 1000
     cyd acquire x shared         -> x#2 1000
     dan acquire x wait=d:5000    -> waits as d
     ben force x                  -> forbidden
     ann force x                  -> done; d gets x#5
     ann force y                  -> conflict
     ben renew x 1                -> conflict`,
  ],
  [
    'several resources: all or nothing, each with its own token and end',
    `ann acquire y                -> y#1 1000
     ben acquire x y              -> lock_held
     show x                       -> 0: free
     ann release y 1              -> done
     ben acquire x y              -> x#1 1000 y#2 1000
     ann acquire x                -> lock_held
     ben release x 1              -> done
     ann acquire x                -> x#2 1000
     show y                       -> 2: ben#2 exclusive`,
  ],
  [
    'what no door should let through changes nothing',
    `ann acquire                        -> invalid_request
     ann acquire x x                    -> invalid_request
     ann acquire x max=500              -> invalid_request
     ann acquire hub x lockout          -> invalid_request
     ann acquire hub shared lockout     -> invalid_request
     ben acquire hub lockout            -> forbidden
     ann acquire x lockout              -> not_found
     ann acquire appliance:tv lockout   -> not_found
     ann acquire circuit:attic lockout  -> not_found
     show hub                           -> 0: free`,
  ],
  [
    'a revoked token takes nothing, and loses what it has and what it waits for; others go on',
    `ben acquire y                -> y#1 1000
     tok acquire x                -> x#1 1000
     tok acquire s shared         -> s#1 1000
     cyd acquire s shared         -> s#2 1000
     tok acquire y z wait=t:9000  -> waits as t
     dan acquire z wait=d:9000    -> waits as d
     cyd acquire x wait=c:9000    -> waits as c
     revoke                       -> t forbidden; d gets z#1; c gets x#3
     tok acquire v                -> forbidden
     show x                       -> 3: cyd#3 exclusive
     show s                       -> 3: cyd#2 shared
     show y                       -> 1: ben#1 exclusive`,
  ],
];

describe('leases', () => {
  it.each(rows)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('restarts alone keep no lock for ever; one that was renewed for days has its full TTL after one', () => {
    const hourMs = 3_600_000;
    const home = house();
    transcript(home, `ann acquire x ttl=${2 * hourMs}`);
    for (let hours = 0; hours < 30; hours++) transcript(home, `pass ${hourMs}\nann renew x 1`);
    const script = `pass ${hourMs}\nrestart\npass ${2 * hourMs - 1}\nshow x -> 2: ann#1 exclusive`;
    expect(transcript(home, script)).toBe(written(script));
    home.upMs -= hourMs;
    let starts = 1;
    const isHeld = () => home.state.locks.get('x')?.holders.length === 1;
    for (; isHeld() && starts < 100; starts++) transcript(home, `restart\npass ${hourMs}`);
    expect(starts).toBe(LOCK_LIMITS.maxHoldMs / hourMs);
  });
});

describe('limits: 429, and nothing changes', () => {
  const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const acquire = (home: LockHome, principal: string, resources: readonly string[], wait: string | null = null) =>
    wordsOf(
      home.decide({
        kind: 'acquire_lock',
        wish: wishFor(resources, { mode: principal.startsWith('s') ? 'shared' : 'exclusive' }),
        who: { ...PEOPLE.ben, principal },
        wait: wait === null ? null : { id: wait, ms: 1000 },
      }),
      false,
    );

  it('locks of one principal', () => {
    const home = new LockHome();
    for (const name of names(LOCK_LIMITS.perPrincipal - 1)) acquire(home, 'ben', [name]);
    expect(acquire(home, 'ben', ['a', 'b'])).toBe('rate_limited');
    expect(acquire(home, 'ben', ['a'])).toBe('a#1 1000');
    expect(acquire(home, 'ben', ['b'])).toBe('rate_limited');
    expect(acquire(home, 'cyd', ['b'])).toBe('b#1 1000');
    home.decide({ kind: 'release_lock', resource: 'a', token: 1, reason: null, who: PEOPLE.ben });
    expect(acquire(home, 'ben', ['c'])).toBe('c#1 1000');
  });

  it('waits of one principal, counted in resources; of one resource', () => {
    const home = new LockHome();
    const held = names(LOCK_LIMITS.resourcesAtOnce, 'h');
    acquire(home, 'ann', held);
    const waits = Math.floor(LOCK_LIMITS.waitersPerPrincipal / held.length);
    for (const id of names(waits, 'w')) expect(acquire(home, 'ben', held, id)).toBe(`waits as ${id}`);
    expect(acquire(home, 'ben', held, 'last')).toBe('rate_limited');
    expect(acquire(home, 'ben', held.slice(0, 1), 'last')).toBe('waits as last');
    const rest = LOCK_LIMITS.waitersPerResource - waits - 1;
    for (const id of names(rest, 'c')) acquire(home, 'cyd', held.slice(0, 1), id);
    expect(acquire(home, 'dan', held.slice(0, 1), 'x')).toBe('rate_limited');
    home.decide({ kind: 'cancel_wait', waiter: 'last' });
    expect(acquire(home, 'dan', held.slice(0, 1), 'x')).toBe('waits as x');
  });

  it('those who share one', () => {
    const home = new LockHome();
    for (const principal of names(LOCK_LIMITS.holdersPerResource, 's')) acquire(home, principal, ['x']);
    expect(acquire(home, 'sue', ['x'])).toBe('rate_limited');
  });

  it('resources of one request; names that are remembered', () => {
    const home = new LockHome();
    expect(acquire(home, 'ann', names(LOCK_LIMITS.resourcesAtOnce + 1))).toBe('invalid_request');
    expect(acquire(home, 'ann', names(LOCK_LIMITS.resourcesAtOnce))).toMatch(/^n0#1 1000 n1#1/);
    home.state.lockRows = LOCK_LIMITS.rows;
    expect(acquire(home, 'cyd', ['a name of its own'])).toBe('rate_limited');
    expect(home.state.locks.get('a name of its own')).toBeUndefined();
  });

  it('idempotency keys that are remembered; a name without a key is still locked', () => {
    const home = house();
    home.state.lockKeptCount = LOCK_LIMITS.kept;
    const script = 'ann acquire x key=k -> rate_limited\nann acquire x -> x#1 1000';
    expect(transcript(home, script)).toBe(written(script));
  });
});
