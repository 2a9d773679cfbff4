import { describe, expect, it } from 'vitest';
import { LOCK_LIMITS } from '../../daemon/core/locks/model.ts';
import { house, transcript, written } from './lock-play.ts';

type Row = readonly [topic: string, script: string];

const waiting: readonly Row[] = [
  [
    'first in, first out',
    `ann acquire x                     -> x#1 1000
     ben acquire x wait=b:5000         -> waits as b
     cyd acquire x wait=c:5000         -> waits as c
     show x                            -> 1: ann#1 exclusive | b c
     ann release x 1                   -> done; b gets x#2
     pass 1000                         -> x#2 expired; c gets x#4
     ann force x                       -> done
     show x                            -> 5: free`,
  ],
  [
    'a shared request waits behind an exclusive one; neighbours that share come in together',
    `ann acquire x shared              -> x#1 1000
     ben acquire x wait=b:5000         -> waits as b
     cyd acquire x shared              -> lock_held
     cyd acquire x shared wait=c:5000  -> waits as c
     dan acquire x shared wait=d:5000  -> waits as d
     eve acquire x wait=e:5000         -> waits as e
     tok acquire x shared wait=t:5000  -> waits as t
     ann release x 1                   -> done; b gets x#2
     ben release x 2                   -> done; c gets x#3; d gets x#4
     cyd release x 3                   -> done
     dan release x 4                   -> done; e gets x#5
     eve release x 5                   -> done; t gets x#6`,
  ],
  [
    'a non-blocking try never overtakes, not even where it could share',
    `ann acquire x shared              -> x#1 1000
     ben acquire x y wait=b:5000       -> waits as b
     cyd acquire y                     -> lock_held
     cyd acquire x shared              -> lock_held
     cancel b                          -> b cancelled
     cyd acquire y                     -> y#1 1000
     dan acquire x shared              -> x#2 1000`,
  ],
  [
    'a grant needs the waiter: its time',
    `ann acquire x ttl=3000            -> x#1 3000
     ben acquire x wait=b:1000         -> waits as b
     cyd acquire x wait=c:1500         -> waits as c
     dan acquire x wait=d:5000         -> waits as d
     pass 999
     pass 1                            -> b timeout
     drowse 500
     ann release x 1                   -> done; c timeout; d gets x#2`,
  ],
  [
    'a grant needs the waiter: its permission',
    `ann acquire x                     -> x#1 1000
     tok acquire x wait=t:5000         -> waits as t
     ben acquire x wait=b:5000         -> waits as b
     revoke                            -> t forbidden
     ann release x 1                   -> done; b gets x#2`,
  ],
  [
    'a grant needs the waiter: its connection; whoever waits behind comes forward at once',
    `ann acquire x shared              -> x#1 1000
     ben acquire x wait=b:5000         -> waits as b
     cyd acquire x shared wait=c:5000  -> waits as c
     cancel b                          -> b cancelled; c gets x#2
     cancel b
     cancel nobody`,
  ],
  [
    'several resources, all or nothing, in the order of their coming: no deadlock',
    `ann acquire x                     -> x#1 1000
     ben acquire x y wait=b:9000       -> waits as b
     cyd acquire y x wait=c:9000       -> waits as c
     dan acquire y wait=d:9000         -> waits as d
     show y                            -> 0: free | b c d
     ann release x 1                   -> done; b gets x#2 y#1
     ben release y 1                   -> done
     ben release x 2                   -> done; c gets y#2 x#3
     pass 1000                         -> x#3 expired; y#2 expired; d gets y#4`,
  ],
  [
    'first in one line is not first in all: what is free is kept for whoever came before',
    `ann acquire x                     -> x#1 1000
     dan acquire y                     -> y#1 1000
     eve acquire z                     -> z#1 1000
     ben acquire x z wait=b:9000       -> waits as b
     cyd acquire y x wait=c:9000       -> waits as c
     ann release x 1                   -> done
     dan release y 1                   -> done
     show x                            -> 1: free | b c
     eve release z 1                   -> done; b gets x#2 z#2
     ben release x 2                   -> done; c gets y#2 x#3`,
  ],
  [
    'whoever asked twice before it had anything holds nothing twice',
    `ann acquire x                     -> x#1 1000
     ben acquire x shared wait=b:9000  -> waits as b
     ben acquire x shared wait=c:9000  -> waits as c
     ann release x 1                   -> done; b gets x#2
     ben release x 2                   -> done; c gets x#3`,
  ],
  [
    'a restart ends all waits; the queue is empty, the lock is held',
    `ann acquire x                     -> x#1 1000
     ben acquire x wait=b:9000 key=k   -> waits as b
     restart
     show x                            -> 2: ann#1 exclusive
     ann release x 1                   -> done
     ben acquire x wait=b:9000 key=k   -> x#3 1000`,
  ],
  [
    'a start burns a token also of what was only waited for',
    `ann acquire x                     -> x#1 1000
     ben acquire x y wait=b:9000       -> waits as b
     restart
     ben acquire y                     -> y#2 1000`,
  ],
];

const idempotent: readonly Row[] = [
  [
    'the same answer again while it is held, with the time that is left; another body is refused',
    `ann acquire x y key=k             -> x#1 1000 y#1 1000
     pass 400
     ann acquire x y key=k             -> x#1 600 y#1 600
     ann acquire x y key=k:other       -> idempotency_key_reused
     ben acquire x key=k               -> lock_held
     ann acquire x                     -> already_held`,
  ],
  [
    'each of several tells for itself what became of it, with its first token',
    `ann acquire x y z v w key=k       -> x#1 1000 y#1 1000 z#1 1000 v#1 1000 w#1 1000
     ann release x 1                   -> done
     ann downgrade y 1                 -> y#2 1000
     eve force z                       -> done
     ann renew v 1 ttl=5000            -> v#1 5000
     pass 1000                         -> w#1 expired; y#2 expired
     ann acquire x y z v w key=k       -> x#1 released y#1 expired z#1 forced v#1 4000 w#1 expired`,
  ],
  [
    'of a downgrade it tells so while the shared lease lives',
    `ann acquire x key=k               -> x#1 1000
     ann downgrade x 1                 -> x#2 1000
     ann acquire x key=k               -> x#1 downgraded
     ann release x 2                   -> done
     ann acquire x key=k               -> x#1 released`,
  ],
  [
    'expired, though no timer said so yet',
    `ann acquire x key=k               -> x#1 1000
     drowse 1000
     ann acquire x key=k               -> x#1 expired; x#1 expired
     show x                            -> 2: free`,
  ],
  [
    'still waiting: it joins the same wait; granted: the same token',
    `ann acquire x                     -> x#1 1000
     ben acquire x wait=b:9000 key=k   -> waits as b
     ben acquire x wait=c:9000 key=k   -> waits as b
     ben acquire x wait=c:9000 key=k:o -> idempotency_key_reused
     show x                            -> 1: ann#1 exclusive | b
     ann release x 1                   -> done; b gets x#2
     ben acquire x wait=c:9000 key=k   -> x#2 1000`,
  ],
  [
    'a wait that came to nothing leaves the key free: timeout, cancelled, forbidden',
    `ann acquire x ttl=9000            -> x#1 9000
     ben acquire x wait=b:500 key=k    -> waits as b
     cyd acquire x wait=c:5000 key=k   -> waits as c
     tok acquire x wait=t:5000 key=k   -> waits as t
     pass 500                          -> b timeout
     cancel c                          -> c cancelled
     revoke                            -> t forbidden
     ann release x 1                   -> done
     ben acquire x key=k:other         -> x#2 1000
     cyd acquire x wait=c:5000 key=k:other -> waits as c`,
  ],
  [
    'a refusal is not kept: asked again, it is decided anew',
    `ann acquire x                     -> x#1 1000
     ben acquire x key=k               -> lock_held
     ann release x 1                   -> done
     ben acquire x key=k               -> x#2 1000`,
  ],
  [
    'a restart does not forget it',
    `ann acquire x key=k               -> x#1 1000
     pass 400
     restart
     ann acquire x key=k               -> x#1 1000
     pass 1000                         -> x#1 expired
     restart
     ann acquire x key=k               -> x#1 expired`,
  ],
  [
    'the word of another principal is another key',
    `ann acquire x key=k               -> x#1 1000
     ben acquire y key=k:other         -> y#1 1000`,
  ],
];

describe('waiting', () => {
  it.each(waiting)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('starvation: with shared requests without end, the exclusive one comes after the holders ahead of it', () => {
    const home = house();
    transcript(home, 'ben acquire x shared\ncyd acquire x shared\nann acquire x wait=a:60000');
    const script = `dan acquire x shared wait=d:9000  -> waits as d
      eve acquire x shared               -> lock_held
      pass 500
      ben release x 1                    -> done
      ben acquire x shared wait=b:9000   -> waits as b
      eve acquire x shared               -> lock_held
      cyd release x 2                    -> done; a gets x#3`;
    expect(transcript(home, script)).toBe(written(script));
  });
});

describe('idempotency', () => {
  it.each(idempotent)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('200 retries: one lock, one token, one event', () => {
    const home = house();
    const before = home.history.length;
    const script = Array.from({ length: 200 }, () => 'ann acquire x key=k -> x#1 1000').join('\n');
    expect(transcript(home, script)).toBe(script);
    expect(home.history.length).toBe(before + 1);
  });

  it('twice the longest TTL, then it is forgotten', () => {
    const home = house();
    const keptMs = 2 * LOCK_LIMITS.ttlMaxMs;
    const script = `ann acquire x key=k         -> x#1 1000
      pass ${keptMs - 1}                        -> x#1 expired
      ann acquire x key=k:other                 -> idempotency_key_reused
      pass 1
      ann acquire x key=k:other                 -> x#3 1000
      ann acquire x key=k:other                 -> x#3 1000`;
    expect(transcript(home, script)).toBe(written(script));
    expect([home.state.lockKeptCount, [...home.state.lockKept.values()].length]).toEqual([1, 1]);
  });
});
