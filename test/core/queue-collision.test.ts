import { describe, expect, it } from 'vitest';
import { count, Desk, deskOf, word } from './desk.ts';
import { ANNA, Home } from './home.ts';

const FIFTY = Array.from({ length: 50 }, (_, i) => i);

/** 50 appliances over seven boards. */
function fiftyLoads(w: number): Home {
  const buses = Array.from({ length: 7 }, (_, i) => ({ id: `b${i}`, channels: 8, isSimulated: true }));
  const home = new Home({ buses });
  for (const i of FIFTY) home.add({ [`a${i}`]: { w, channel: `b${Math.floor(i / 8)}/${(i % 8) + 1}` } });
  return home;
}

describe('collisions', () => {
  it('3000 W on, 50 at once ask for another 3000 W: all are refused, and all refusals are on record', async () => {
    const desk = deskOf({ oven: { w: 3000 }, dryer: { w: 3000 } }, ['oven']);
    const asked = FIFTY.map(() => desk.toggle('dryer', 'on'));
    await desk.settle();
    expect(count(asked)).toEqual({ capacity_exceeded: 50 });
    expect(desk.home.reservedW()).toBe(3000);
    expect(desk.ledger.told).toEqual(FIFTY.map(() => 'refused dryer capacity_exceeded'));
    expect(desk.relays.sent).toEqual([]);
  });

  it('50 ONs for 50 different 1000 W appliances at 5000 W: exactly the first 5 succeed', async () => {
    const desk = new Desk(fiftyLoads(1000));
    const asked = FIFTY.map((i) => desk.toggle(`a${i}`, 'on'));
    await desk.settle();
    desk.obeys('a0', 'a1', 'a2', 'a3', 'a4');
    await desk.settle();
    expect(count(asked)).toEqual({ done: 5, capacity_exceeded: 45 });
    expect(asked.slice(0, 5).map(word)).toEqual(FIFTY.slice(0, 5).map(() => 'done'));
    expect(desk.relays.sent).toEqual(['a0 on', 'a1 on', 'a2 on', 'a3 on', 'a4 on']);
    expect(desk.home.reservedW()).toBe(5000);
  });

  it('50 ONs for one appliance: one grant, 50 times the same answer, one reservation', async () => {
    const desk = deskOf({ lamp: { w: 1000 } });
    const asked = FIFTY.map(() => desk.toggle('lamp', 'on'));
    await desk.settle();
    expect(count(asked)).toEqual({ 'nothing yet': 50 });
    desk.obeys('lamp');
    await desk.settle();
    expect(count(asked)).toEqual({ done: 1, 'no change': 49 });
    expect(desk.relays.sent).toEqual(['lamp on']);
    expect(desk.ledger.told.filter((text) => text.startsWith('ordered'))).toHaveLength(1);
    expect(desk.home.reservedW()).toBe(1000);
  });

  it('50 retries with one key: one grant, one row, 50 equal answers', async () => {
    const desk = deskOf({ lamp: { w: 1000 } });
    const asked = FIFTY.map(() => desk.toggle('lamp', 'on', { key: 'k', hash: 'lamp on' }));
    await desk.settle();
    desk.obeys('lamp');
    await desk.settle();
    expect(desk.ledger.told).toEqual(['ordered lamp on request', 'confirmed lamp on ack']);
    expect(new Set(asked.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(asked[0]?.answer).toMatchObject({ ok: true, changed: true });
  });

  it('50 declared loads need no relay: answered at the commit', async () => {
    const home = new Home();
    for (const i of FIFTY) home.add({ [`a${i}`]: { w: 1000, channel: null } });
    const desk = new Desk(home);
    const asked = FIFTY.map((i) => desk.toggle(`a${i}`, 'on', { who: ANNA }));
    await desk.settle();
    expect(count(asked)).toEqual({ done: 5, capacity_exceeded: 45 });
  });
});
