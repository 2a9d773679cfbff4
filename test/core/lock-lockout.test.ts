import { describe, expect, it } from 'vitest';
import { house, transcript, written } from './lock-play.ts';

type Row = readonly [topic: string, script: string];

const rows: readonly Row[] = [
  [
    'everything off already: granted at once',
    `ann acquire circuit:kitchen lockout wait=l:5000   -> circuit:kitchen#1 locked out; l locks out circuit:kitchen#1; circuit:kitchen#1 confirmed
     show circuit:kitchen                              -> 1: ann#1 exclusive`,
  ],
  [
    'what is on goes off, and it is granted when the last of it is confirmed off',
    `ben on lamp                                       -> awaits the relay; on lamp request
     lamp obeys
     ben on oven                                       -> awaits the relay; on oven request
     ben on heater                                     -> done; on heater request
     ben on fan                                        -> awaits the relay; on fan request
     ann acquire circuit:kitchen lockout wait=l:5000   -> waits as l; l locks out circuit:kitchen#1; off lamp lockout; off oven lockout; off heater lockout
     show circuit:kitchen                              -> 1: ann#1 pending
     ben on heater                                     -> locked
     oven obeys
     lamp obeys                                        -> circuit:kitchen#1 confirmed
     show circuit:kitchen                              -> 1: ann#1 exclusive`,
  ],
  [
    'nobody switches on, its holder neither; OFF is for its holder, and for whoever stands before it',
    `ann acquire appliance:lamp lockout wait=l:5000    -> appliance:lamp#1 locked out; l locks out appliance:lamp#1; appliance:lamp#1 confirmed
     ben on lamp                                       -> locked
     ann on lamp                                       -> locked
     ann on lamp tokens=1                              -> locked
     wall flip lamp                                    -> locked
     ann off lamp                                      -> locked
     ann off lamp tokens=1                             -> no change
     wall off lamp                                     -> no change
     pass 86400000
     ann renew appliance:lamp 1                        -> conflict
     ann downgrade appliance:lamp 1                    -> conflict
     ben on lamp                                       -> locked`,
  ],
  [
    'an ON that nobody asked for goes off again',
    `ann acquire hub lockout wait=l:5000               -> hub#1 locked out; l locks out hub#1; hub#1 confirmed
     lamp reads on                                     -> off lamp unasked
     lamp obeys
     ann release hub 1                                 -> done
     lamp reads off
     lamp reads on                                     -> on lamp adopted`,
  ],
  [
    'while it is pending as well',
    `ben on oven                                       -> awaits the relay; on oven request
     ann acquire hub lockout wait=l:5000               -> waits as l; l locks out hub#1; off oven lockout
     lamp reads on                                     -> off lamp unasked
     oven obeys
     lamp obeys                                        -> hub#1 confirmed`,
  ],
  [
    'not confirmed in time: it ends, and nobody was told that it is granted',
    `ben on lamp                                       -> awaits the relay; on lamp request
     lamp obeys
     ann acquire appliance:lamp lockout wait=l:5000 key=k -> waits as l; l locks out appliance:lamp#1; off lamp lockout
     lamp fails on
     cyd acquire appliance:lamp wait=c:9000            -> waits as c
     pass 4999
     pass 1                                            -> l timeout; c gets appliance:lamp#2
     lamp obeys read
     ann acquire appliance:lamp lockout key=k:other    -> lock_held`,
  ],
  [
    'without a time of its own it has 15 s',
    `ben on lamp                                       -> awaits the relay; on lamp request
     ann acquire hub lockout                           -> waits as lockout-SEQ; lockout-SEQ locks out hub#1; off lamp lockout
     pass 14999
     pass 1                                            -> lockout-SEQ timeout
     show hub                                          -> 1: free`,
  ],
  [
    'whoever asked is gone: it ends; its key is free',
    `ben on lamp                                       -> awaits the relay; on lamp request
     ann acquire hub lockout wait=l:5000 key=k         -> waits as l; l locks out hub#1; off lamp lockout
     ann acquire hub lockout wait=m:5000 key=k         -> waits as l
     cancel l                                          -> l cancelled
     show hub                                          -> 1: free
     lamp obeys
     ann acquire hub lockout wait=m:5000 key=k         -> hub#2 locked out; m locks out hub#2; hub#2 confirmed
     ann acquire hub lockout wait=n:5000 key=k         -> hub#2 locked out`,
  ],
  [
    'it ends by its holder, or by an admin with a reason; the lamp stays off',
    `ann acquire hub lockout wait=l:5000               -> hub#1 locked out; l locks out hub#1; hub#1 confirmed
     ben release hub 1 done                            -> conflict
     eve release hub 1                                 -> conflict
     eve release hub 1 he went home                    -> done
     ann acquire hub lockout wait=l:5000               -> hub#2 locked out; l locks out hub#2; hub#2 confirmed
     ann release hub 2                                 -> done
     ben on lamp                                       -> awaits the relay; on lamp request`,
  ],
  [
    'pending, it ends the same ways',
    `ben on lamp                                       -> awaits the relay; on lamp request
     ann acquire hub lockout wait=l:5000               -> waits as l; l locks out hub#1; off lamp lockout
     ben release hub 1 no                              -> conflict
     eve release hub 1 wrong house                     -> done; l cancelled
     ann acquire hub lockout wait=l:5000               -> waits as l; l locks out hub#2
     ben acquire hub wait=b:5000                       -> waits as b
     eve force hub                                     -> done; l cancelled; b gets hub#4`,
  ],
  [
    'it waits its turn like any other, and its OFFs begin when it has its turn',
    `ben on lamp                                       -> awaits the relay; on lamp request
     lamp obeys
     ben acquire circuit:kitchen                       -> circuit:kitchen#1 1000
     ann acquire circuit:kitchen lockout               -> lock_held
     ann acquire circuit:kitchen lockout wait=l:5000   -> waits as l
     pass 1000                                         -> circuit:kitchen#1 expired; l locks out circuit:kitchen#3; off lamp lockout
     show circuit:kitchen                              -> 3: ann#3 pending
     lamp obeys                                        -> circuit:kitchen#3 confirmed`,
  ],
  [
    'an OFF of somebody who could lose his lease is ordered anew: it would not leave',
    `ben acquire appliance:lamp                        -> appliance:lamp#1 1000
     ben on lamp tokens=1                              -> awaits the relay; on lamp request
     lamp obeys
     ben off lamp tokens=1                             -> awaits the relay; off lamp request
     ann acquire circuit:kitchen lockout wait=l:5000   -> waits as l; l locks out circuit:kitchen#1; off lamp lockout
     lamp lapses
     lamp obeys                                        -> circuit:kitchen#1 confirmed`,
  ],
  [
    'an OFF of the hub itself that is under way is waited for',
    `ben on lamp                                       -> awaits the relay; on lamp request
     lamp fails off                                    -> off lamp on_failed
     ann acquire hub lockout wait=l:5000               -> waits as l; l locks out hub#1
     lamp obeys                                        -> hub#1 confirmed`,
  ],
  [
    'what cannot be proven off is not confirmed, until somebody says that it is disconnected',
    `ben on lamp                                       -> awaits the relay; on lamp request
     lamp obeys
     ann acquire appliance:lamp lockout wait=l:5000    -> waits as l; l locks out appliance:lamp#1; off lamp lockout
     lamp obeys unproven
     show appliance:lamp                               -> 1: ann#1 pending
     lamp retires                                      -> appliance:lamp#1 confirmed`,
  ],
  [
    'a command under the token of before is waited for, and taken away',
    `ben acquire circuit:kitchen delay=5000            -> circuit:kitchen#1 1000
     ben on lamp tokens=1                              -> awaits the relay; on lamp request
     pass 1000                                         -> circuit:kitchen#1 expired
     ann acquire circuit:kitchen lockout wait=l:9000   -> waits as l
     lamp obeys                                        -> circuit:kitchen delay over; l locks out circuit:kitchen#3; off lamp lockout
     lamp obeys                                        -> circuit:kitchen#3 confirmed`,
  ],
  [
    'granted, a restart keeps it; the token is the same',
    `ann acquire hub lockout wait=l:5000 key=k         -> hub#1 locked out; l locks out hub#1; hub#1 confirmed
     restart
     lamp reads on                                     -> off lamp unasked
     ann on fan tokens=1                               -> locked
     ann acquire hub lockout wait=l:5000 key=k         -> hub#1 locked out
     ann release hub 1                                 -> done
     show hub                                          -> 2: free`,
  ],
  [
    'pending, a restart ends it: nobody was told that it is granted; its OFFs stand',
    `ben on lamp                                       -> awaits the relay; on lamp request
     ann acquire hub lockout wait=l:5000 key=k         -> waits as l; l locks out hub#1; off lamp lockout
     restart
     show hub                                          -> 2: free
     lamp reads off
     ann acquire hub lockout wait=l:5000 key=k         -> waits as l; l locks out hub#3; off oven lockout; off fan lockout
     oven reads off
     fan reads off                                     -> hub#3 confirmed`,
  ],
  [
    'what was not read yet is not off',
    `restart
     ann acquire appliance:fan lockout wait=l:5000     -> waits as l; l locks out appliance:fan#1; off fan lockout
     fan reads on
     fan obeys                                         -> appliance:fan#1 confirmed`,
  ],
  [
    'let in by the very toggle that finds the lease ended: what it ordered counts already',
    `ben acquire appliance:lamp shared                 -> appliance:lamp#1 1000
     ann on lamp                                       -> awaits the relay; on lamp request
     ann acquire appliance:lamp lockout wait=l:5000    -> waits as l
     drowse 1000
     wall off lamp                                     -> joins; appliance:lamp#1 expired; l locks out appliance:lamp#3; off lamp lockout
     lamp obeys                                        -> appliance:lamp#3 confirmed`,
  ],
  [
    'a lease below it neither stops it nor opens it',
    `ben acquire appliance:lamp                        -> appliance:lamp#1 1000
     ben on lamp tokens=1                              -> awaits the relay; on lamp request
     lamp obeys
     ann acquire circuit:house lockout wait=l:5000     -> waits as l; l locks out circuit:house#1; off lamp lockout
     ben on lamp tokens=1                              -> locked
     lamp obeys                                        -> circuit:house#1 confirmed
     ben on lamp tokens=1                              -> locked`,
  ],
];

describe('lockouts', () => {
  it.each(rows)('%s', (_, script) => {
    const home = house();
    const seq = script.includes('SEQ') ? 'lockout-' : '';
    const numbered = (text: string) => (seq === '' ? text : text.replaceAll(/lockout-\d+/g, 'lockout-SEQ'));
    expect(numbered(transcript(home, script))).toBe(written(script));
  });

  it('who ended it, and why, stands in the decisions', () => {
    const home = house();
    transcript(home, 'ben on lamp\nann acquire hub lockout wait=l:5000\neve release hub 1 wrong house');
    expect(home.history.slice(-2)).toMatchObject([
      { kind: 'lock_wait_ended', why: 'cancelled', who: { name: 'eve' } },
      { kind: 'lock_released', resource: 'hub', token: 1, reason: 'wrong house', who: { name: 'eve' } },
    ]);
    transcript(home, 'lamp obeys\nann acquire hub lockout wait=l:5000\neve release hub 2 he went home');
    expect(home.history.at(-1)).toMatchObject({ kind: 'lock_released', reason: 'he went home', who: { name: 'eve' } });
  });
});
