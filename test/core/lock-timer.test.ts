import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import { LeaseTimer } from '../../daemon/queue/lease-timer.ts';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { Desk } from './desk.ts';
import { acquire, asked, deskHere, heard, renew } from './lock-desk.ts';
import { rowWords } from './lock-home.ts';
import { house } from './lock-play.ts';

const MANY = 1000;
const TTL_MS = 60_000;
const names = Array.from({ length: MANY }, (_, i) => `n${i}`);

/** All of them end at the same moment, which is about to come. */
async function beforeTheStorm(): Promise<Desk> {
  const desk = deskHere();
  for (let from = 0; from < MANY; from += 200)
    await asked(desk, ...names.slice(from, from + 200).map((name) => acquire('ann', name, { ttlMs: TTL_MS })));
  await desk.clock.advance(TTL_MS - 1);
  return desk;
}

function held({ home }: Desk): number {
  return names.filter((name) => home.state.locks.get(name)?.holders.length === 1).length;
}

describe('a thousand leases that end at once', () => {
  it('end in several commits, and an OFF that comes meanwhile is in the next of them', async () => {
    const desk = await beforeTheStorm();
    desk.home.switchedOn('lamp');
    desk.ledger.hold();
    await desk.clock.advance(1);
    expect(desk.ledger.commit.events.length).toBeLessThanOrEqual(250);
    const off = desk.toggle('lamp', 'off');
    desk.ledger.commit.land();
    await desk.clock.advance(0);
    expect(desk.ledger.commit.events.map(({ kind }) => kind)).toContain('ordered');
    desk.ledger.release();
    await desk.clock.advance(0);
    desk.obeys('lamp');
    await desk.settle();
    expect([off.answer?.ok, held(desk)]).toEqual([true, 0]);
    await desk.clock.advance(LIMITS.answerMs);
    expect(desk.clock.pending).toBe(0);
  });

  it('end all the same where commits are refused meanwhile', async () => {
    const desk = await beforeTheStorm();
    desk.ledger.hold();
    await desk.clock.advance(1);
    desk.ledger.commit.land();
    await desk.clock.advance(0);
    desk.ledger.commit.fail();
    await desk.settle();
    expect(held(desk)).toBe(MANY - 250);
    desk.ledger.release();
    await desk.clock.advance(2 * LIMITS.ledgerRetryMs);
    expect([held(desk), desk.clock.pending]).toEqual([0, 0]);
  });

  it('end all the same where a commit hangs meanwhile', async () => {
    const desk = await beforeTheStorm();
    desk.ledger.hold();
    await desk.clock.advance(1);
    await desk.clock.advance(10 * LIMITS.commitStallMs);
    expect(held(desk)).toBe(MANY);
    desk.ledger.release();
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    expect([held(desk), desk.clock.pending]).toEqual([0, 0]);
  });

  it('end all the same where the queue is full', async () => {
    const desk = await beforeTheStorm();
    desk.ledger.hold();
    desk.ask(acquire('cyd', 'other'));
    await desk.settle();
    for (let i = 0; i < LIMITS.waiting; i++) desk.ask(renew('ben', 'other', 1));
    await desk.clock.advance(1);
    desk.ledger.release();
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    expect(held(desk)).toBe(0);
  });

  it('are not forgotten by those who wait for them', async () => {
    const desk = await beforeTheStorm();
    const waits = names.map((name, i) => desk.ask(acquire('ben', name, { wait: [`w${i}`, 9000], ttlMs: TTL_MS })));
    await desk.clock.advance(1);
    expect(new Set(waits.map((wait) => heard(wait).replace(/^.*#/, '#')))).toEqual(new Set(['#3 60000']));
    expect(rowWords(desk.home, 'n999')).toBe('3: ben#3 exclusive');
  });
});

describe('the timer', () => {
  it('closed while it asks: it is armed no more', async () => {
    const desk = await beforeTheStorm();
    desk.ledger.hold();
    await desk.clock.advance(1);
    desk.queue.close();
    desk.ledger.release();
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    expect(desk.clock.pending).toBe(0);
  });

  it('goes on where what it asked came to a fault, and asks one thing at a time', async () => {
    const { home } = new Desk(house());
    const clock = new VirtualClock();
    const said: Input[] = [];
    let isFaulty = true;
    const ask = (input: Input) => {
      said.push(input);
      if (isFaulty) return Promise.reject(new Error('a fault of ours'));
      return new Promise(() => undefined);
    };
    const now = () => ({ upMs: home.upMs + clock.nowMs(), wallMs: 0 });
    const timer = new LeaseTimer({ state: home.state, clock, now }, ask);
    const { events } = home.decide(acquire('ann', 'x'));
    for (const event of events) timer.hear(event);
    await clock.advance(1000);
    expect(said).toEqual([{ kind: 'locks_due', resources: ['x'], waiters: [] }]);
    isFaulty = false;
    await clock.advance(5000);
    expect([said.length, clock.pending]).toEqual([2, 0]);
  });
});
