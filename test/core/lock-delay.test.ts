import { describe, expect, it } from 'vitest';
import { house, transcript, written } from './lock-play.ts';

type Row = readonly [topic: string, script: string];

const delays: readonly Row[] = [
  [
    'after an expiry the next exclusive grant waits for a command of the old token, until it is over',
    `ann acquire appliance:lamp delay=5000                -> appliance:lamp#1 1000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     ben acquire appliance:lamp wait=b:9000               -> waits as b
     pass 1000                                            -> appliance:lamp#1 expired
     show appliance:lamp                                  -> 2: free | b | delay
     cyd acquire appliance:lamp                           -> lock_held
     lamp obeys                                           -> appliance:lamp delay over; b gets appliance:lamp#3`,
  ],
  [
    'or at most so long',
    `ann acquire appliance:lamp delay=5000                -> appliance:lamp#1 1000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     pass 1000                                            -> appliance:lamp#1 expired
     pass 4999
     ben acquire appliance:lamp                           -> lock_held
     pass 1                                               -> appliance:lamp delay over
     ben acquire appliance:lamp                           -> appliance:lamp#3 1000`,
  ],
  [
    'no command, no delay; of another token neither; with a delay of 0 neither',
    `ann acquire appliance:lamp delay=5000                -> appliance:lamp#1 1000
     wall on lamp                                         -> locked
     pass 1000                                            -> appliance:lamp#1 expired
     ben on lamp                                          -> awaits the relay; on lamp request
     ben acquire appliance:lamp delay=5000                -> appliance:lamp#3 1000
     ann force appliance:lamp                             -> done
     cyd acquire appliance:lamp                           -> appliance:lamp#5 1000
     cyd off lamp tokens=5                                -> awaits the relay; off lamp request
     pass 1000                                            -> appliance:lamp#5 expired
     ben acquire appliance:lamp                           -> appliance:lamp#7 1000`,
  ],
  [
    'not after a release',
    `ann acquire appliance:lamp delay=5000                -> appliance:lamp#1 1000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     ann release appliance:lamp 1                         -> done
     ben acquire appliance:lamp                           -> appliance:lamp#2 1000`,
  ],
  [
    'a shared grant does not wait, and ends no delay',
    `ann acquire circuit:kitchen delay=5000               -> circuit:kitchen#1 1000
     ann on lamp tokens=circuit:kitchen=1                 -> awaits the relay; on lamp request
     eve force circuit:kitchen                            -> done
     ben acquire circuit:kitchen shared                   -> circuit:kitchen#3 1000
     ben release circuit:kitchen 3                        -> done
     cyd acquire circuit:kitchen                          -> lock_held
     lamp obeys                                           -> circuit:kitchen delay over
     cyd acquire circuit:kitchen                          -> circuit:kitchen#4 1000`,
  ],
  [
    'of several that shared, each command counts',
    `ann acquire hub shared delay=5000                    -> hub#1 1000
     ben acquire hub shared delay=5000                    -> hub#2 1000
     cyd acquire hub shared delay=5000                    -> hub#3 1000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     ben on fan tokens=2                                  -> awaits the relay; on fan request
     eve force hub                                        -> done
     fan obeys
     dan acquire hub                                      -> lock_held
     lamp obeys                                           -> hub delay over
     dan acquire hub                                      -> hub#7 1000`,
  ],
  [
    'any name whose token a command showed',
    `ann acquire scene delay=5000                         -> scene#1 1000
     ann on lamp tokens=scene=1                           -> awaits the relay; on lamp request
     pass 1000                                            -> scene#1 expired
     ben acquire scene                                    -> lock_held
     lamp fails unknown                                   -> off lamp on_failed; scene delay over
     ben acquire scene                                    -> scene#3 1000`,
  ],
  [
    'a lockout that is let in takes away the order that another delay waits for',
    `ann acquire scene delay=9000                         -> scene#1 1000
     ann acquire circuit:kitchen delay=2000               -> circuit:kitchen#1 1000
     ann on lamp tokens=scene=1,circuit:kitchen=1         -> awaits the relay; on lamp request
     eve force scene                                      -> done
     eve force circuit:kitchen                            -> done
     eve acquire circuit:kitchen lockout wait=l:9000      -> waits as l
     ben acquire scene wait=b:9000                        -> waits as b
     pass 2000                                            -> circuit:kitchen delay over; l locks out circuit:kitchen#3; off lamp lockout; scene delay over; b gets scene#3`,
  ],
  [
    'an OFF of before a start is sent again: it counts',
    `ann acquire appliance:lamp delay=5000 ttl=2000       -> appliance:lamp#1 2000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     ann off lamp tokens=1                                -> awaits the relay; off lamp request
     restart
     pass 2000                                            -> appliance:lamp#1 expired
     ben acquire appliance:lamp                           -> lock_held
     lamp obeys                                           -> appliance:lamp delay over
     ben acquire appliance:lamp                           -> appliance:lamp#4 1000`,
  ],
  [
    'a restart ends it: what was not obeyed then never leaves',
    `ann acquire hub delay=5000                           -> hub#1 1000
     ann on lamp tokens=1                                 -> awaits the relay; on lamp request
     eve force hub                                        -> done
     restart
     ben acquire hub                                      -> hub#4 1000
     pass 1000                                            -> hub#4 expired`,
  ],
];

describe('lock delay', () => {
  it.each(delays)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });
});
