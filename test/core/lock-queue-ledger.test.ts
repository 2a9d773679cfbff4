import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { acquire, asked, deskHere, heard, one, release, renew } from './lock-desk.ts';
import { PEOPLE, rowWords, wishFor } from './lock-home.ts';

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

  it.each([
    ['its relays obey: it is told so, and holds it', true, 'hub#1 locked out', '1: ann#1 exclusive'],
    ['its relays do not: it is told so, and nothing is left of it', false, 'wait_timeout', '1: free'],
  ])('a lockout hears of it when it lands at last; %s', async (_, isObeyed, told, row) => {
    const desk = deskHere();
    desk.home.switchedOn('lamp');
    desk.ledger.hold();
    const ann = await one(desk, acquire('ann', 'hub', { isLockout: true, ttlMs: null }));
    await desk.clock.advance(2 * LIMITS.answerMs);
    expect([heard(ann), desk.relays.ahead]).toEqual(['nothing yet', ['main/1']]);
    desk.ledger.release();
    await desk.settle();
    if (isObeyed) desk.obeys('lamp');
    await desk.clock.advance(1000);
    expect([heard(ann), rowWords(desk.home, 'hub')]).toEqual([told, row]);
  });

  it('a lockout that is refused in the end leaves nothing behind', async () => {
    const desk = deskHere();
    desk.home.switchedOn('lamp');
    desk.ledger.hold();
    const ann = await one(desk, acquire('ann', 'hub', { isLockout: true, ttlMs: null }));
    await desk.clock.advance(2 * LIMITS.answerMs);
    desk.ledger.commit.fail();
    desk.ledger.release();
    await desk.clock.advance(2 * LIMITS.ledgerRetryMs);
    expect([heard(ann), rowWords(desk.home, 'hub')]).toEqual(['ledger_unavailable', '0: free']);
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
