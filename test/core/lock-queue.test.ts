import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { Desk } from './desk.ts';
import { acquire, asked, deskHere, heard, one, release, renew } from './lock-desk.ts';
import { PEOPLE, rowWords } from './lock-home.ts';
import { house } from './lock-play.ts';

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
