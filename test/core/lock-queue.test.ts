import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { type Asked, Desk } from './desk.ts';
import { answerWords, PEOPLE, type Person, rowWords, wishFor } from './lock-home.ts';
import { house } from './lock-play.ts';

interface More extends Partial<LockWish> {
  readonly wait?: readonly [id: string, ms: number];
  readonly key?: string;
  readonly hash?: string;
}

function acquire(person: Person, resource: string, { wait, key, hash = 'same', ...change }: More = {}): Input {
  const patience = wait === undefined ? null : { id: wait[0], ms: wait[1] };
  const kept = key === undefined ? {} : { key, hash };
  const wish = wishFor([resource], change);
  return { kind: 'acquire_lock', wish, who: PEOPLE[person], wait: patience, ...kept };
}

function renew(person: Person, resource: string, token: number): Input {
  return { kind: 'renew_lock', resource, token, ttlMs: null, who: PEOPLE[person] };
}

function release(person: Person, resource: string, token: number): Input {
  return { kind: 'release_lock', resource, token, reason: null, who: PEOPLE[person] };
}

function heard({ answer }: Asked): string {
  return answer === null ? 'nothing yet' : answerWords(answer);
}

/** The desk, and what each of these heard once nothing moves any more. */
async function asked(desk: Desk, ...inputs: readonly Input[]): Promise<Asked[]> {
  const all = inputs.map((input) => desk.ask(input));
  await desk.settle();
  return all;
}

function deskHere(): Desk {
  return new Desk(house());
}

/** The one who asked, for the tests that ask one thing. */
async function one(desk: Desk, input: Input): Promise<Asked> {
  const [first] = await asked(desk, input);
  if (first === undefined) throw new Error('nobody asked');
  return first;
}

describe('waits', () => {
  it('are answered when the lock is granted, with the time that is left then', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 5000 }));
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 9000], ttlMs: 700 }));
    const cyd = await one(desk, acquire('cyd', 'x', { wait: ['c', 9000] }));
    expect([heard(ben), heard(cyd)]).toEqual(['nothing yet', 'nothing yet']);
    await asked(desk, release('ann', 'x', 1));
    expect([heard(ben), heard(cyd)]).toEqual(['x#2 700', 'nothing yet']);
    await desk.clock.advance(700);
    expect([heard(cyd), rowWords(desk.home, 'x')]).toEqual(['x#4 1000', '4: cyd#4 exclusive']);
  });

  it('end when their time is over, to the millisecond', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 5000 }));
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 1500] }));
    await desk.clock.advance(1499);
    expect(heard(ben)).toBe('nothing yet');
    await desk.clock.advance(1);
    expect([heard(ben), rowWords(desk.home, 'x')]).toEqual(['wait_timeout', '1: ann#1 exclusive']);
  });

  it('are told nothing before the grant is durable', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 9000] }));
    desk.ledger.hold();
    const ann = await one(desk, release('ann', 'x', 1));
    expect([heard(ann), heard(ben)]).toEqual(['nothing yet', 'nothing yet']);
    desk.ledger.commit.land();
    await desk.settle();
    expect([heard(ann), heard(ben)]).toEqual(['', 'x#2 1000']);
  });

  it('of a lockout end when all is confirmed off', async () => {
    const desk = deskHere();
    desk.home.switchedOn('lamp');
    const lockout = acquire('ann', 'hub', { isLockout: true, ttlMs: null, wait: ['l', 5000] });
    const ann = await one(desk, lockout);
    expect([heard(ann), desk.relays.sent]).toEqual(['nothing yet', ['lamp off']]);
    desk.obeys('lamp');
    await desk.settle();
    expect(heard(ann)).toBe('hub#1 locked out');
  });

  it('joined by a retry: both are answered, and the one who leaves takes nothing from the other', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    const first = await one(desk, acquire('ben', 'x', { wait: ['b', 9000], key: 'k' }));
    const again = await one(desk, acquire('ben', 'x', { wait: ['c', 9000], key: 'k' }));
    const third = await one(desk, acquire('ben', 'x', { wait: ['d', 9000], key: 'k' }));
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'b' });
    await desk.settle();
    expect([heard(first), heard(again), rowWords(desk.home, 'x')]).toEqual([
      'conflict',
      'nothing yet',
      '1: ann#1 exclusive | b',
    ]);
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'd' });
    await asked(desk, release('ann', 'x', 1));
    expect([heard(third), heard(again)]).toEqual(['conflict', 'x#2 1000']);
  });

  it('go with the last of those who joined', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    await asked(desk, ...['b', 'c'].map((id) => acquire('ben', 'x', { wait: [id, 9000], key: 'k' })));
    for (const waiter of ['b', 'c']) desk.queue.tell({ kind: 'cancel_wait', waiter });
    await desk.settle();
    expect(rowWords(desk.home, 'x')).toBe('1: ann#1 exclusive');
  });
});

describe('whoever waits and is gone is gone in the same turn', () => {
  it('before it was decided: it never comes to be', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    const ben = desk.ask(acquire('ben', 'x', { wait: ['b', 9000] }));
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'b' });
    await desk.settle();
    expect([heard(ben), rowWords(desk.home, 'x')]).toEqual(['conflict', '1: ann#1 exclusive']);
  });

  it('while its commit is in flight: as soon as that has landed, and never granted', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    desk.ledger.hold();
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 9000] }));
    const ann = desk.ask(release('ann', 'x', 1));
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'b' });
    desk.ledger.release();
    await desk.settle();
    expect([heard(ben), heard(ann), rowWords(desk.home, 'x')]).toEqual(['conflict', '', '1: free']);
  });

  it('while its commit is in flight and fails: it was told 503, and nothing is left of it', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    desk.ledger.hold();
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 9000] }));
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'b' });
    desk.ledger.commit.fail();
    desk.ledger.release();
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    expect([heard(ben), rowWords(desk.home, 'x')]).toEqual(['ledger_unavailable', '2: free']);
  });

  it('others behind it come forward', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { mode: 'shared' }));
    await asked(desk, acquire('ben', 'x', { wait: ['b', 9000] }));
    const cyd = await one(desk, acquire('cyd', 'x', { wait: ['c', 9000], mode: 'shared' }));
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'b' });
    desk.queue.tell({ kind: 'cancel_wait', waiter: 'nobody' });
    await desk.settle();
    expect(heard(cyd)).toBe('x#2 1000');
  });
});

describe('one timer', () => {
  it('ends leases at their deadline, also one that was renewed a hundred times, and forgets what is over', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 1000 }));
    for (let i = 0; i < 100; i++) {
      await desk.clock.advance(300);
      await asked(desk, renew('ann', 'x', 1));
    }
    expect(desk.clock.pending).toBe(1);
    await desk.clock.advance(999);
    expect(rowWords(desk.home, 'x')).toBe('1: ann#1 exclusive');
    await desk.clock.advance(1);
    expect(rowWords(desk.home, 'x')).toBe('2: free');
    await desk.clock.advance(1000);
    expect(desk.clock.pending).toBe(0);
  });

  it('ends a lock delay', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'appliance:lamp', { delayMs: 4000 }));
    const claims = [{ resource: null, token: 1 }];
    await asked(desk, { kind: 'toggle', appliance: 'lamp', want: 'on', who: PEOPLE.ann, claims });
    const ben = await one(desk, acquire('ben', 'appliance:lamp', { wait: ['b', 9000] }));
    await desk.clock.advance(4999);
    expect([heard(ben), rowWords(desk.home, 'appliance:lamp')]).toEqual(['nothing yet', '2: free | b | delay']);
    await desk.clock.advance(1);
    expect(heard(ben)).toBe('appliance:lamp#3 1000');
  });

  it('beyond what a timer of Node can wait it looks again', async () => {
    const desk = deskHere();
    const days = 30 * 86_400_000;
    const delays: number[] = [];
    const { after } = desk.clock;
    desk.clock.after = (ms, run) => {
      delays.push(ms);
      return after.call(desk.clock, ms, run);
    };
    await asked(desk, acquire('ann', 'x', { ttlMs: days }));
    await desk.clock.advance(days - 1);
    expect(rowWords(desk.home, 'x')).toBe('1: ann#1 exclusive');
    await desk.clock.advance(1);
    expect(rowWords(desk.home, 'x')).toBe('2: free');
    expect(Math.max(...delays)).toBe(2 ** 31 - 1);
  });

  it('is told by the events of a start what is live', async () => {
    const home = house();
    home.decide({ ...acquire('ann', 'x', { ttlMs: 2000 }) });
    const desk = new Desk(home);
    const configured = home.history.find(({ kind }) => kind === 'configured');
    if (configured?.kind !== 'configured') throw new Error('it was never configured');
    await asked(desk, { kind: 'configure', household: configured.household, bootId: 'next' });
    await desk.clock.advance(1999);
    expect(rowWords(desk.home, 'x')).toBe('2: ann#1 exclusive');
    await desk.clock.advance(1);
    expect(rowWords(desk.home, 'x')).toBe('3: free');
  });

  it('a queue that was full is told again', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    await desk.clock.advance(900);
    desk.ledger.hold();
    desk.ask(renew('ben', 'x', 1));
    await asked(desk, acquire('cyd', 'y'));
    for (let i = 0; i < LIMITS.waiting; i++) desk.ask(renew('ben', 'x', 1));
    await desk.clock.advance(100);
    expect(desk.queue.waiting).toBe(LIMITS.waiting);
    desk.ledger.release();
    await desk.settle();
    expect(rowWords(desk.home, 'x')).toBe('1: ann#1 exclusive');
    await desk.clock.advance(250);
    expect(rowWords(desk.home, 'x')).toBe('2: free');
  });

  it('is silent when the queue is closed', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    desk.queue.close();
    expect(desk.clock.pending).toBe(0);
  });
});

describe('the ledger is down', () => {
  it('an acquire is told 503, nothing is granted, nothing is lost', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 60_000 }));
    const waiting = await one(desk, acquire('ben', 'x', { wait: ['b', 60_000] }));
    desk.ledger.isFull = true;
    const refused = await asked(
      desk,
      acquire('cyd', 'y'),
      acquire('cyd', 'x', { wait: ['c', 60_000] }),
      renew('ann', 'x', 1),
    );
    const later = await one(desk, acquire('cyd', 'z', { key: 'k' }));
    expect([...refused, later].map(heard)).toEqual(Array.from({ length: 4 }, () => 'ledger_unavailable'));
    expect([rowWords(desk.home, 'x'), rowWords(desk.home, 'y')]).toEqual(['1: ann#1 exclusive | b', '0: free']);
    desk.ledger.isFull = false;
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    const again = await asked(desk, acquire('cyd', 'z', { key: 'k' }), release('ann', 'x', 1));
    expect([...again, waiting].map(heard)).toEqual(['z#1 1000', '', 'x#2 1000']);
  });

  it('a lease that ended meanwhile is ended when it can be recorded, and not before', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x'));
    const ben = await one(desk, acquire('ben', 'x', { wait: ['b', 60_000] }));
    desk.ledger.isFull = true;
    await desk.clock.advance(5000);
    expect([heard(ben), rowWords(desk.home, 'x')]).toEqual(['nothing yet', '1: ann#1 exclusive | b']);
    desk.ledger.isFull = false;
    await desk.clock.advance(LIMITS.ledgerRetryMs + 250);
    expect(heard(ben)).toBe('x#3 1000');
  });
});

describe('a commit hangs for 5 s', () => {
  it('a renewal that came in time has the lease; an acquire that came before the deadline does not', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 2000 }));
    desk.ledger.hold();
    await asked(desk, acquire('dan', 'z'));
    const early = await one(desk, renew('ann', 'x', 1));
    const ben = await one(desk, acquire('ben', 'x'));
    await desk.clock.advance(1900);
    const renewed = await one(desk, renew('ann', 'x', 1));
    const waiting = await one(desk, acquire('cyd', 'x', { wait: ['c', 9000] }));
    await desk.clock.advance(3100);
    expect([early, renewed].map(heard)).toEqual(['nothing yet', 'nothing yet']);
    desk.ledger.release();
    await desk.settle();
    expect([early, renewed, ben, waiting].map(heard)).toEqual([
      'x#1 2000',
      'x#1 2000',
      'ledger_unavailable',
      'ledger_unavailable',
    ]);
    await desk.clock.advance(1999);
    expect(rowWords(desk.home, 'x')).toBe('1: ann#1 exclusive');
  });

  it('one that came too late has not', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 2000 }));
    desk.ledger.hold();
    await asked(desk, acquire('dan', 'z'));
    await desk.clock.advance(2000);
    const late = await one(desk, renew('ann', 'x', 1));
    desk.ledger.release();
    await desk.settle();
    expect([heard(late), rowWords(desk.home, 'x')]).toEqual(['conflict', '2: free']);
  });

  it('shorter than a stall, an acquire that came before the deadline finds the lease held', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 500 }));
    await desk.clock.advance(400);
    desk.ledger.hold();
    await asked(desk, acquire('dan', 'z'));
    const ben = desk.ask(acquire('ben', 'x'));
    const ann = desk.ask(renew('ann', 'x', 1));
    await desk.clock.advance(LIMITS.commitStallMs - 1);
    desk.ledger.release();
    await desk.settle();
    expect([heard(ben), heard(ann)]).toEqual(['lock_held', 'x#1 500']);
  });

  it('and fails: renewals that waited are told 503', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ann', 'x', { ttlMs: 9000 }));
    desk.ledger.hold();
    await asked(desk, acquire('dan', 'z'));
    const renewed = await one(desk, renew('ann', 'x', 1));
    await desk.clock.advance(5000);
    desk.ledger.commit.fail();
    await desk.settle();
    expect(heard(renewed)).toBe('ledger_unavailable');
  });
});

describe('toggles under locks, through the queue', () => {
  it('whoever lost its lock before the bytes left is told 423, and so is a retry with the key of a refusal', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ben', 'appliance:lamp'));
    const claims = [{ resource: null, token: 1 }];
    const on: Input = { kind: 'toggle', appliance: 'lamp', want: 'on', who: PEOPLE.ben, claims, key: 'k', hash: 'h' };
    const ben = await one(desk, on);
    expect(heard(ben)).toBe('nothing yet');
    await desk.clock.advance(1000);
    const lock = { resource: 'appliance:lamp', holder: null, token: 2 };
    desk.queue.tell({ kind: 'lapsed', appliance: 'lamp', generation: desk.home.generation('lamp'), lock });
    await desk.settle();
    expect(ben.answer).toMatchObject({ ok: false, refusal: { code: 'locked', lock } });
    expect(heard(await one(desk, on))).toBe('locked');
    expect(desk.relays.sent).toEqual(['lamp on', 'lamp off']);
  });

  it('an OFF of what nobody knows goes out after all: its caller is told when the relay obeyed', async () => {
    const desk = deskHere();
    await asked(desk, acquire('ben', 'x'));
    const claims = [{ resource: 'x', token: 1 }];
    desk.toggle('lamp', 'on');
    await desk.settle();
    const off = await one(desk, { kind: 'toggle', appliance: 'lamp', want: 'off', who: PEOPLE.ben, claims });
    await asked(desk, release('ben', 'x', 1));
    const lock = { resource: 'x', holder: null, token: 1 };
    desk.queue.tell({ kind: 'lapsed', appliance: 'lamp', generation: desk.home.generation('lamp'), lock });
    await desk.settle();
    expect([heard(off), desk.relays.sent]).toEqual(['nothing yet', ['lamp on', 'lamp off', 'lamp off']]);
    desk.obeys('lamp');
    await desk.settle();
    expect(heard(off)).toBe('done');
  });

  it('starvation: with shared requests without end, the exclusive one comes after the holders ahead of it', async () => {
    const desk = deskHere();
    const share = (n: number): Input => ({
      kind: 'acquire_lock',
      wish: wishFor(['x'], { mode: 'shared' }),
      who: { ...PEOPLE.ben, principal: `sharer ${n}` },
      wait: { id: `s${n}`, ms: 60_000 },
    });
    for (let n = 0; n < 3; n++) {
      await asked(desk, share(n));
      await desk.clock.advance(100);
    }
    const ann = await one(desk, acquire('ann', 'x', { wait: ['a', 60_000] }));
    for (let n = 3; n < 40 && ann.answer === null; n++) {
      await asked(desk, share(n));
      await desk.clock.advance(100);
    }
    // The last that was ahead of it came at 200 ms.
    expect([heard(ann), desk.clock.nowMs()]).toEqual(['x#7 1000', 1200]);
  });
});
