import { describe, expect, it } from 'vitest';
import { LOCK_LIMITS } from '../../daemon/core/locks/model.ts';
import { LockHome } from './lock-home.ts';
import { house, transcript, written } from './lock-play.ts';

const rows: readonly (readonly [topic: string, script: string])[] = [
  [
    'by its holder, with its token; a second time is no fault',
    `ann acquire x          -> x#1 1000
     ben release x 1        -> conflict
     ann release x 2        -> conflict
     ann release x 0        -> conflict
     ann release y 1        -> conflict
     ann release x 1        -> done
     ann release x 1        -> already done
     show x                 -> 1: free`,
  ],
  [
    'of a token of before does not touch the lock that came after',
    `ann acquire x          -> x#1 1000
     ann release x 1        -> done
     ann acquire x          -> x#2 1000
     ann release x 1        -> already done
     show x                 -> 2: ann#2 exclusive`,
  ],
  [
    "of what is over only its holder hears that it is, or an admin with a reason; a burned token was nobody's",
    `ben acquire x          -> x#1 1000
     ben release x 1        -> done
     cyd release x 1        -> conflict
     ann release x 1        -> conflict
     ann release x 1 enough -> already done
     ben acquire x          -> x#2 1000
     pass 1000              -> x#2 expired
     ben release x 2        -> already done
     ben release x 3        -> conflict
     restart
     ben release x 2        -> already done
     ben release x 4        -> conflict`,
  ],
  [
    'an admin ends no lease of another that way, not even with a reason',
    `ben acquire x                -> x#1 1000
     ann release x 1 enough       -> conflict`,
  ],
];

describe('release', () => {
  it.each(rows)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('of what was over long ago: it is not known any more whose it was', () => {
    const home = new LockHome();
    transcript(home, 'ben acquire x\nben release x 1\nben acquire y\nben release y 1');
    home.state.lockEndedCount = LOCK_LIMITS.ended;
    const script = `ben acquire z    -> z#1 1000
      ben release z 1                -> done
      ben release x 1                -> conflict
      ben release y 1                -> already done
      ben release z 1                -> already done`;
    expect(transcript(home, script)).toBe(written(script));
    expect(home.state.lockEndedCount).toBe(LOCK_LIMITS.ended);
  });
});
