import { describe, expect, it } from 'vitest';
import type { Input } from '../../daemon/core/inputs.ts';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { count, type Desk, deskOf, word } from './desk.ts';
import { BEN } from './home.ts';

const LOADS = { lamp: { w: 1000 }, fan: { w: 500 }, oven: { w: 3000 }, far: { w: 10, channel: 'attic/1' } };

/** A queue whose first commit hangs in our hand, so that what comes now gathers. */
async function gathering(on: readonly string[] = ['lamp', 'fan']): Promise<Desk> {
  const desk = deskOf({ ...LOADS, first: { w: 1, channel: null } }, on);
  desk.ledger.hold();
  desk.toggle('first', 'on');
  await desk.settle();
  return desk;
}

/** The next batch, as it was decided: told from the second commit. */
async function gathered(desk: Desk): Promise<string[]> {
  const before = desk.ledger.durable.length + 1;
  desk.ledger.release();
  await desk.settle();
  return desk.ledger.told.slice(before);
}

describe('the safety lane overtakes', () => {
  it('an OFF goes before ONs that came earlier, whose watts it may free', async () => {
    const desk = await gathering();
    desk.toggle('oven', 'on');
    desk.toggle('lamp', 'off');
    expect(await gathered(desk)).toEqual(['ordered lamp off request', 'ordered oven on request']);
  });

  it.each<[string, (desk: Desk) => Input]>([
    [
      'a confirmation',
      ({ home }) => ({
        kind: 'relay_confirmed',
        appliance: 'far',
        generation: home.generation('far'),
        isOn: true,
        evidence: 'ack',
      }),
    ],
    [
      'a failure',
      ({ home }) => ({
        kind: 'relay_failed',
        appliance: 'far',
        generation: home.generation('far'),
        reading: 'unknown',
      }),
    ],
    [
      'a poll',
      ({ home }) => ({
        kind: 'readings',
        bus: 'attic',
        readings: [{ appliance: 'far', generation: home.generation('far'), isOn: true }],
      }),
    ],
    ['a background', () => ({ kind: 'background', circuit: 'house', powerMw: 100_000 })],
    ['a lost board', () => ({ kind: 'bus_lost', bus: 'attic', reason: 'no answer' })],
  ])('%s', async (_, input) => {
    const desk = deskOf({ ...LOADS, first: { w: 1, channel: null } });
    desk.toggle('far', 'on');
    await desk.settle();
    desk.ledger.hold();
    desk.toggle('first', 'on');
    await desk.settle();
    desk.toggle('oven', 'on');
    desk.queue.tell(input(desk));
    const told = await gathered(desk);
    expect(told.at(-1)).toBe('ordered oven on request');
    expect(told.length).toBeGreaterThan(1);
  });

  it('a flip that can only mean OFF goes with it; one that means ON takes its turn', async () => {
    const desk = await gathering();
    desk.toggle('oven', 'on');
    desk.toggle('lamp', 'flip');
    desk.toggle('far', 'flip');
    expect(await gathered(desk)).toEqual([
      'ordered lamp off request',
      'ordered oven on request',
      'ordered far on request',
    ]);
  });

  it('the rest is first in, first out', async () => {
    const desk = await gathering([]);
    for (const id of ['oven', 'lamp', 'fan', 'far']) desk.toggle(id, 'on');
    expect(await gathered(desk)).toEqual(['oven', 'lamp', 'fan', 'far'].map((id) => `ordered ${id} on request`));
  });
});

describe('the safety lane is coalesced per appliance instead of bounded', () => {
  it('a flood of OFFs is one decision, and everybody hears of it', async () => {
    const desk = await gathering();
    const asked = Array.from({ length: 5000 }, () => desk.toggle('lamp', 'off'));
    expect(await gathered(desk)).toEqual(['ordered lamp off request']);
    desk.obeys('lamp');
    await desk.settle();
    expect(count(asked)).toEqual({ done: 5000 });
  });

  it.each([
    ['another person', { who: BEN }],
    ['another key', { key: 'k', hash: 'h' }],
  ])('but %s is another line in the audit trail', async (_, more) => {
    const desk = await gathering();
    desk.toggle('lamp', 'off');
    desk.toggle('lamp', 'off', more);
    expect(await gathered(desk)).toEqual(['ordered lamp off request', 'unchanged lamp off joins']);
  });

  it('the newest word of a board replaces the one before, but does not overtake what came in between', async () => {
    const desk = await gathering();
    const generation = desk.home.generation('lamp');
    const reads = (isOn: boolean) =>
      desk.queue.tell({ kind: 'readings', bus: 'main', readings: [{ appliance: 'lamp', generation, isOn }] });
    reads(true);
    desk.toggle('lamp', 'off');
    reads(false);
    // Decided before the OFF, it would have been a relay that fell off by itself.
    expect(await gathered(desk)).toEqual(['ordered lamp off request']);
  });

  it('of the words of a meter the highest: a peak is not lost to what came after it', async () => {
    const desk = await gathering();
    for (const watts of [1100, 1500, 1200])
      desk.queue.tell({ kind: 'measured', appliance: 'lamp', powerMw: watts * 1000 });
    expect(await gathered(desk)).toEqual(['peak lamp 1500']);
  });

  it('of two words of a board only the newest is heard', async () => {
    const desk = await gathering();
    const generation = desk.home.generation('lamp');
    for (const isOn of [false, true]) {
      desk.queue.tell({ kind: 'readings', bus: 'main', readings: [{ appliance: 'lamp', generation, isOn }] });
    }
    expect(await gathered(desk)).toEqual([]);
  });

  it('a flood of polls neither starves an ON nor grows', async () => {
    const desk = await gathering([]);
    const on = desk.toggle('oven', 'on');
    for (let i = 0; i < 10_000; i++) desk.queue.tell({ kind: 'readings', bus: 'main', readings: [] });
    expect(await gathered(desk)).toEqual(['ordered oven on request']);
    expect(word(on)).toBe('nothing yet');
    expect(desk.relays.sent).toEqual(['oven on']);
  });
});

describe('bounds', () => {
  it('a full queue holds no meter back, and only its newest word is decided', async () => {
    const desk = await gathering();
    for (let i = 0; i < LIMITS.waiting; i++) desk.toggle('oven', 'on');
    expect(word(desk.toggle('oven', 'on'))).toBe('nothing yet');
    await desk.settle();
    for (let watts = 1; watts <= 1000; watts++)
      desk.queue.tell({ kind: 'background', circuit: 'house', powerMw: watts });
    desk.queue.tell({ kind: 'background', circuit: 'kitchen', powerMw: 5 });
    const told = await gathered(desk);
    expect(told.filter((text) => text.startsWith('background'))).toEqual(['background house 1']);
  });

  it(`${LIMITS.waiting} wait, the next is told queue_full at once, and an OFF still goes in`, async () => {
    const desk = await gathering();
    const waiting = Array.from({ length: LIMITS.waiting }, () => desk.toggle('oven', 'on'));
    expect(desk.queue.waiting).toBe(LIMITS.waiting);
    const tooMany = desk.toggle('oven', 'on');
    const off = desk.toggle('lamp', 'off');
    const flip = desk.toggle('fan', 'flip');
    await desk.settle();
    expect([word(tooMany), word(off), word(flip)]).toEqual(['queue_full', 'nothing yet', 'nothing yet']);
    expect((await gathered(desk)).slice(0, 3)).toEqual([
      'ordered lamp off request',
      'ordered fan off request',
      'ordered oven on request',
    ]);
    desk.obeys('oven', 'lamp', 'fan');
    await desk.settle();
    expect(count([...waiting, off])).toEqual({ done: 2, 'no change': LIMITS.waiting - 1 });
  });

  it('has room again when the lane was taken', async () => {
    const desk = await gathering();
    for (let i = 0; i < LIMITS.waiting; i++) desk.toggle('oven', 'on');
    await gathered(desk);
    const asked = desk.toggle('ghost', 'on');
    await desk.settle();
    expect([word(asked), desk.queue.waiting]).toEqual(['not_found', 0]);
  });
});
