import { describe, expect, it } from 'vitest';
import { deskOf, word } from './desk.ts';
import { ANNA, BEN } from './home.ts';

const LOADS = { lamp: { w: 1000 }, first: { w: 1, channel: null } };

describe('what was asked last is what counts', () => {
  it('an ON that an OFF went ahead of is refused, and on record', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.ledger.hold();
    desk.toggle('first', 'on');
    await desk.settle();
    const on = desk.toggle('lamp', 'on');
    const off = desk.toggle('lamp', 'off');
    desk.ledger.release();
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    expect([word(on), word(off)]).toEqual(['superseded', 'done']);
    expect(desk.ledger.told).toContain('refused lamp superseded');
    expect(desk.home.appliance('lamp').order.isOn).toBe(false);
  });

  it('an ON that came after it is decided when the relay has obeyed', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    const off = desk.toggle('lamp', 'off');
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    expect([word(off), word(on)]).toEqual(['done', 'done']);
  });

  it('an ON that waits for an OFF under way is refused when another OFF joins that one', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.toggle('lamp', 'off');
    await desk.settle();
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    const again = desk.toggle('lamp', 'off');
    await desk.settle();
    expect(word(on)).toBe('superseded');
    desk.obeys('lamp');
    await desk.settle();
    expect(word(again)).toBe('no change');
    expect(desk.home.appliance('lamp').order.isOn).toBe(false);
  });

  it('another appliance is not meant', async () => {
    const desk = deskOf({ ...LOADS, fan: { w: 10 } }, ['lamp']);
    const on = desk.toggle('fan', 'on');
    desk.toggle('lamp', 'off');
    await desk.settle();
    desk.obeys('fan');
    await desk.settle();
    expect(word(on)).toBe('done');
  });
});

it('an OFF that a lock bars overtakes nobody', async () => {
  const desk = deskOf(LOADS, []);
  const wish = {
    resources: ['appliance:lamp'],
    mode: 'exclusive',
    ttlMs: 60_000,
    delayMs: 0,
    maxHoldMs: null,
  } as const;
  desk.home.decide({
    kind: 'acquire_lock',
    wish: { ...wish, metadata: null, isLockout: false },
    who: ANNA,
    wait: null,
  });
  desk.ledger.hold();
  desk.toggle('first', 'on');
  await desk.settle();
  const on = desk.ask({
    kind: 'toggle',
    appliance: 'lamp',
    want: 'on',
    who: ANNA,
    claims: [{ resource: null, token: 1 }],
  });
  const off = desk.toggle('lamp', 'off', { who: BEN });
  desk.ledger.release();
  await desk.settle();
  desk.obeys('lamp');
  await desk.settle();
  expect([word(on), word(off)]).toEqual(['done', 'locked']);
});
