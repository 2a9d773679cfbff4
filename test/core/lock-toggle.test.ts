import { describe, expect, it } from 'vitest';
import { PEOPLE } from './lock-home.ts';
import { house, transcript, written } from './lock-play.ts';

type Row = readonly [topic: string, script: string];

const decided: readonly Row[] = [
  [
    'locked exclusively: only its holder with its live token, ON and OFF',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ann on lamp                                  -> locked
     ben on lamp                                  -> locked
     ben on lamp tokens=2                         -> locked
     ann on lamp tokens=1                         -> locked
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     lamp obeys
     ann off lamp                                 -> locked
     ben off lamp                                 -> locked
     ann on fan                                   -> awaits the relay; on fan request
     ben off lamp tokens=appliance:lamp=1         -> awaits the relay; off lamp request`,
  ],
  [
    'circuits and the hub above it count, and what lies beside it does not',
    `ben acquire circuit:kitchen                  -> circuit:kitchen#1 1000
     ann on lamp                                  -> locked
     ann on fan                                   -> awaits the relay; on fan request
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     ben on fan                                   -> joins
     ben release circuit:kitchen 1                -> done
     ben acquire circuit:house                    -> circuit:house#1 1000
     ann on heater                                -> locked
     ben release circuit:house 1                  -> done
     ben acquire hub                              -> hub#1 1000
     ann on heater                                -> locked
     ben on heater tokens=hub=1                   -> done; on heater request
     ben release hub 1                            -> done
     ben acquire appliance:oven                   -> appliance:oven#1 1000
     ann off heater                               -> done; off heater request`,
  ],
  [
    'several locks above it: the token of each, in a list',
    `ben acquire appliance:lamp hub               -> appliance:lamp#1 1000 hub#1 1000
     ben release hub 1                            -> done
     ben acquire hub                              -> hub#2 1000
     ben on lamp tokens=1                         -> locked
     ben on lamp tokens=2                         -> locked
     ben on lamp tokens=hub=2                     -> locked
     ben on lamp tokens=hub=1,appliance:lamp=2    -> locked
     ben on lamp tokens=appliance:lamp=1,hub=2    -> awaits the relay; on lamp request
     lamp obeys
     ben off lamp tokens=1,2                      -> awaits the relay; off lamp request`,
  ],
  [
    'two holders one above the other: neither gets through alone',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     cyd acquire hub                              -> hub#1 1000
     ben on lamp tokens=1                         -> locked
     cyd on lamp tokens=1                         -> locked`,
  ],
  [
    'the token of another resource opens nothing',
    `ben acquire appliance:oven x                 -> appliance:oven#1 1000 x#1 1000
     ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben on lamp tokens=appliance:oven=1          -> locked
     ben on lamp tokens=x=1                       -> locked
     ben on lamp tokens=appliance:oven=1,appliance:lamp=1 -> awaits the relay; on lamp request`,
  ],
  [
    'a token that is shown must be live, though nobody holds the lock: a stale writer writes nothing',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben acquire x                                -> x#1 1000
     pass 1000                                    -> appliance:lamp#1 expired; x#1 expired
     ben on lamp tokens=1                         -> locked
     ben on lamp tokens=x=1                       -> locked
     ben on lamp tokens=y=1                       -> locked
     ben acquire x                                -> x#3 1000
     ben on lamp tokens=x=1                       -> locked
     cyd on lamp tokens=x=3                       -> locked
     ben on lamp tokens=x=3,appliance:lamp=1      -> locked
     ben on lamp tokens=x=3                       -> awaits the relay; on lamp request
     ben off lamp                                 -> awaits the relay; off lamp request`,
  ],
  [
    'expiry is looked at with the toggle itself; what came in in time is in time',
    `ben acquire appliance:lamp x                 -> appliance:lamp#1 1000 x#1 1000
     drowse 1000
     ben on lamp tokens=x=1                       -> locked; appliance:lamp#1 expired; x#1 expired
     ben acquire appliance:lamp                   -> appliance:lamp#3 1000
     drowse 1500
     asked 501
     ben on lamp tokens=3                         -> awaits the relay; on lamp request
     asked 501
     cyd off lamp                                 -> locked
     asked 500
     cyd off lamp                                 -> awaits the relay; appliance:lamp#3 expired; off lamp request`,
  ],
  [
    'shared: keeps nobody from a toggle, and its token is good while it lives',
    `ben acquire appliance:lamp shared            -> appliance:lamp#1 1000
     cyd acquire appliance:lamp shared            -> appliance:lamp#2 1000
     ann on lamp                                  -> awaits the relay; on lamp request
     lamp obeys
     ben off lamp tokens=1                        -> awaits the relay; off lamp request
     lamp obeys
     cyd on lamp tokens=1                         -> locked
     cyd on lamp tokens=2                         -> awaits the relay; on lamp request
     cyd release appliance:lamp 2                 -> done
     cyd off lamp tokens=2                        -> locked`,
  ],
  [
    'an OFF of a wall switch passes, an ON does not; a flip is what it would be',
    `ann on lamp                                  -> awaits the relay; on lamp request
     lamp obeys
     ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     wall flip lamp                               -> awaits the relay; off lamp request
     lamp obeys
     wall flip lamp                               -> locked
     wall on lamp                                 -> locked
     wall off lamp                                -> no change`,
  ],
  [
    'after a start the lock holds on: what was on and reads off stays off, though it should be restored',
    `ben acquire hub ttl=9000                     -> hub#1 9000
     restart
     ann on fan                                   -> locked
     ben on heater tokens=1                       -> done; on heater request`,
  ],
  [
    'a refusal is the answer of its key; the lock may be gone by then',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     cyd on lamp key=k                            -> locked
     ben release appliance:lamp 1                 -> done
     cyd on lamp key=k                            -> locked
     cyd on lamp key=new                          -> awaits the relay; on lamp request`,
  ],
];

/** Between the decision and the first byte. */
const leaving: readonly Row[] = [
  [
    'lost, an ON never leaves: it is off, and goes off for certain',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     lamp lapses
     pass 1000                                    -> appliance:lamp#1 expired
     lamp lapses                                  -> lamp withdrawn; off lamp withdrawn
     lamp lapses
     lamp obeys
     cyd on lamp                                  -> awaits the relay; on lamp request`,
  ],
  [
    'lost, an OFF of what was seen on leaves it on',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     lamp obeys
     ben off lamp tokens=1                        -> awaits the relay; off lamp request
     eve force appliance:lamp                     -> done
     lamp lapses                                  -> lamp withdrawn; on lamp withdrawn
     cyd on lamp                                  -> no change`,
  ],
  [
    'lost, an OFF of what nobody knows goes out all the same',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     ben off lamp tokens=1                        -> awaits the relay; off lamp request
     ben release appliance:lamp 1                 -> done
     cyd acquire appliance:lamp                   -> appliance:lamp#2 1000
     lamp lapses                                  -> off lamp request
     lamp lapses
     lamp obeys`,
  ],
  [
    'a lock that came after the decision counts as well',
    `cyd on lamp                                  -> awaits the relay; on lamp request
     ben acquire circuit:kitchen                  -> circuit:kitchen#1 1000
     lamp lapses                                  -> lamp withdrawn; off lamp withdrawn`,
  ],
  [
    'a renewed lease is live, a downgraded one has another token',
    `ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben on lamp tokens=1                         -> awaits the relay; on lamp request
     pass 900
     ben renew appliance:lamp 1                   -> appliance:lamp#1 1000
     pass 900
     lamp lapses
     ben downgrade appliance:lamp 1               -> appliance:lamp#2 100
     lamp lapses                                  -> lamp withdrawn; off lamp withdrawn`,
  ],
  [
    'an OFF of a wall switch never lapses, and joins none that might',
    `cyd on lamp                                  -> awaits the relay; on lamp request
     lamp obeys
     ben acquire appliance:lamp                   -> appliance:lamp#1 1000
     ben off lamp tokens=1                        -> awaits the relay; off lamp request
     ben off lamp tokens=1                        -> joins
     ben off lamp tokens=appliance:lamp=1         -> awaits the relay; off lamp request
     wall off lamp                                -> awaits the relay; off lamp request
     wall off lamp                                -> joins
     pass 1000                                    -> appliance:lamp#1 expired
     lamp lapses
     cyd off lamp                                 -> joins`,
  ],
  [
    'an OFF without a token joins none that lapses with a lease',
    `cyd on lamp                                  -> awaits the relay; on lamp request
     lamp obeys
     ben acquire x                                -> x#1 1000
     ben off lamp tokens=x=1                      -> awaits the relay; off lamp request
     cyd off lamp                                 -> awaits the relay; off lamp request
     dan off lamp                                 -> joins
     pass 1000                                    -> x#1 expired
     lamp lapses`,
  ],
];

describe('toggles under locks', () => {
  it.each(decided)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('the refusal names the lock, its holder and its token', () => {
    const home = house();
    transcript(home, 'ben acquire circuit:kitchen\nben release circuit:kitchen 1\nben acquire circuit:kitchen');
    const { reply, events } = home.toggle('lamp', 'on');
    const refusal = { code: 'locked', lock: { resource: 'circuit:kitchen', holder: 'ben', token: 2 } };
    expect(reply).toMatchObject({ answer: { ok: false, refusal, standing: {} } });
    expect(events).toMatchObject([{ kind: 'refused', refusal }]);
    const stale = home.toggle('fan', 'on', { claims: [{ resource: 'x', token: 7 }] });
    expect(stale.reply).toMatchObject({ answer: { refusal: { lock: { resource: 'x', holder: null, token: 0 } } } });
  });

  it('the hub does not restore what a lock keeps off', () => {
    const home = house();
    home.add({ fridge: { w: 100, onPowerLoss: 'restore' } }).switchedOn('fridge');
    transcript(home, 'ben acquire hub ttl=9000\nrestart');
    const [again] = home.reads({ fridge: false }).followUps;
    expect(again).toMatchObject({ kind: 'toggle', want: 'on', who: { source: 'hub' } });
    if (again !== undefined)
      expect(home.decide(again).reply).toMatchObject({ answer: { refusal: { code: 'locked' } } });
    transcript(home, 'ben release hub 1');
    if (again !== undefined) expect(home.decide(again).reply.kind).toBe('awaiting');
  });

  it('the hub sheds what is locked', () => {
    const home = house();
    home.add({ pump: { w: 3000 }, dryer: { w: 1900 } }).switchedOn('pump', 'dryer');
    transcript(home, 'ben acquire hub');
    home.decide({ kind: 'measured', appliance: 'dryer', powerMw: 2_500_000 });
    expect(home.appliance('dryer').order).toMatchObject({ isOn: false, cause: 'shed', asker: null });
    expect(transcript(home, 'dryer lapses')).toBe('dryer lapses');
  });

  it('tokens that were shown stand in the decisions', () => {
    const home = house();
    transcript(home, 'ben acquire x\nben on lamp tokens=x=1\nben off fan tokens=x=1\ncyd on fan tokens=x=1');
    const claims = [{ resource: 'x', token: 1 }];
    expect(home.history.slice(-3)).toMatchObject([
      { kind: 'ordered', request: { claims } },
      { kind: 'unchanged', request: { claims } },
      { kind: 'refused', request: { claims } },
    ]);
  });
});

describe('looked at again when the bytes leave', () => {
  it.each(leaving)('%s', (_, script) => {
    expect(transcript(house(), script)).toBe(written(script));
  });

  it('an OFF that shedding counted on and that was not sent is followed by one of its own', () => {
    const home = house();
    home.add({ pump: { w: 3000 }, dryer: { w: 1900 } }).switchedOn('pump', 'dryer');
    transcript(home, 'ben acquire x\nben off dryer tokens=x=1');
    home.decide({ kind: 'measured', appliance: 'pump', powerMw: 3_500_000 });
    expect(home.appliance('dryer').order.cause).toBe('request');
    expect(transcript(home, 'ben release x 1\ndryer lapses')).toBe(
      written('ben release x 1 -> done\ndryer lapses -> dryer withdrawn; on dryer withdrawn; off dryer shed'),
    );
  });

  it('a word of a lapse that comes too late changes nothing', () => {
    const home = house();
    transcript(home, 'ben acquire hub\nben on lamp tokens=1');
    const lapsed = {
      kind: 'lapsed',
      appliance: 'lamp',
      generation: home.generation('lamp'),
      lock: { resource: 'hub', holder: null, token: 1 },
    } as const;
    transcript(home, 'lamp obeys');
    expect(home.decide(lapsed).events).toEqual([]);
    home.decide({ kind: 'toggle', appliance: 'lamp', want: 'off', who: PEOPLE.wall });
    expect(home.decide(lapsed).events).toEqual([]);
  });
});
