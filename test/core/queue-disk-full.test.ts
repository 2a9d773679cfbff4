import { describe, expect, it } from 'vitest';
import { writeSnapshot } from '../../daemon/core/snapshot.ts';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { count, deskOf, word } from './desk.ts';
import { ANNA, BEN, settingsOf } from './home.ts';
import { full, LOADS, mended } from './outage.ts';

describe('a commit that fails', () => {
  it('changes nothing: its draft is dropped, its callers are told 503, no key is kept', async () => {
    const desk = deskOf(LOADS);
    const before = writeSnapshot(desk.home.state);
    desk.ledger.isFull = true;
    const asked = [
      desk.toggle('lamp', 'on', { key: 'k', hash: 'h' }),
      desk.toggle('heater', 'on'),
      desk.ask({ kind: 'add_appliance', settings: settingsOf('new', { w: 1 }), who: ANNA }),
    ];
    await desk.settle();
    expect(count(asked)).toEqual({ ledger_unavailable: 3 });
    expect(writeSnapshot(desk.home.state)).toBe(before);
    expect([desk.home.state.keptCount, desk.home.reservedW(), desk.relays.sent, desk.heard]).toEqual([0, 0, [], []]);
    expect(desk.troubles).toEqual(['a commit failed']);
  });

  it('is tried again, and the same key is then decided anew', async () => {
    const desk = await full([]);
    expect(desk.queue.health).toBe('failed');
    const early = desk.toggle('lamp', 'on');
    await mended(desk);
    const late = desk.toggle('lamp', 'on', { key: 'k', hash: 'h' });
    await desk.settle();
    expect([word(early), word(late), desk.relays.sent, desk.queue.health]).toEqual([
      'ledger_unavailable',
      'nothing yet',
      ['lamp on'],
      'ok',
    ]);
    expect(desk.ledger.durable[0]?.seq).toBe(desk.home.state.seq);
  });

  it('refuses ONs at once until the next try, not each after a commit of its own', async () => {
    const desk = await full();
    for (let i = 0; i < 10; i++) desk.toggle('oven', 'on');
    await desk.settle();
    expect(desk.ledger.batches).toHaveLength(1);
    await desk.clock.advance(LIMITS.ledgerRetryMs);
    desk.toggle('oven', 'on');
    await desk.settle();
    expect(desk.ledger.batches).toHaveLength(2);
  });

  it('an OFF goes out ahead, is answered when the relay obeyed, and is recorded as soon as it can be (S7)', async () => {
    const desk = await full();
    const off = desk.toggle('lamp', 'off');
    await desk.settle();
    expect([desk.relays.ahead, word(off), desk.home.reservedW()]).toEqual([['main/1'], 'nothing yet', 1500]);
    desk.relays.emergencies[0]?.end(true);
    await desk.settle();
    // Nothing is freed until it is recorded.
    expect([word(off), desk.home.reservedW()]).toEqual(['done, unrecorded', 1500]);
    await mended(desk);
    expect(desk.ledger.told).toEqual(['ordered lamp off request']);
    expect(desk.ledger.durable[0]?.who).toEqual(ANNA);
    expect([desk.relays.sent, desk.relays.reliefs]).toEqual([['lamp off'], 1]);
    desk.obeys('lamp');
    await desk.settle();
    expect(desk.home.reservedW()).toBe(500);
  });

  it('an OFF whose errand another took over is not answered as done', async () => {
    const desk = await full();
    const off = desk.toggle('lamp', 'off');
    await desk.settle();
    desk.relays.emergencies[0]?.end(false);
    await desk.settle();
    expect(word(off)).toBe('nothing yet');
  });

  it('an OFF that was not confirmed when the ledger is well again is answered by the recorded order', async () => {
    const desk = await full();
    const off = desk.toggle('lamp', 'off');
    await mended(desk);
    expect([word(off), desk.relays.reliefs, desk.relays.sent]).toEqual(['nothing yet', 1, ['lamp off']]);
    desk.obeys('lamp');
    await desk.settle();
    expect(word(off)).toBe('done');
  });

  it('an OFF that was in the failed batch goes out ahead, too', async () => {
    const desk = deskOf(LOADS, ['lamp']);
    desk.ledger.isFull = true;
    const off = desk.toggle('lamp', 'off');
    const on = desk.toggle('oven', 'on');
    await desk.settle();
    expect([desk.relays.ahead, word(off), word(on)]).toEqual([['main/1'], 'nothing yet', 'ledger_unavailable']);
    await mended(desk);
    expect(desk.ledger.told).toEqual(['ordered lamp off request']);
  });

  it('a flip that was told 503 is not carried out later', async () => {
    const desk = await full(['lamp']);
    const generation = desk.home.generation('lamp');
    desk.queue.tell({ kind: 'readings', bus: 'main', readings: [{ appliance: 'lamp', generation, isOn: false }] });
    const flip = desk.toggle('lamp', 'flip');
    await desk.settle();
    const told = word(flip);
    await mended(desk);
    expect([told, desk.relays.sent]).toEqual(['ledger_unavailable', []]);
  });

  it('shedding goes out ahead', async () => {
    const desk = await full();
    desk.queue.tell({ kind: 'measured', appliance: 'lamp', powerMw: 4_600_000 });
    await desk.settle();
    expect(desk.relays.ahead).toEqual(['main/2']);
    await mended(desk);
    expect(desk.ledger.told).toEqual(['peak lamp 4600', 'ordered fan off shed']);
  });

  it('each leaves once, however often the commit is tried', async () => {
    const desk = await full();
    desk.toggle('lamp', 'off');
    for (let i = 0; i < 5; i++) await desk.clock.advance(LIMITS.ledgerRetryMs);
    expect(desk.ledger.batches.length).toBeGreaterThan(3);
    expect(desk.relays.ahead).toEqual(['main/1']);
  });

  it('what a relay says meanwhile is decided when it can be recorded', async () => {
    const desk = deskOf(LOADS);
    const on = desk.toggle('lamp', 'on');
    await desk.settle();
    desk.ledger.isFull = true;
    desk.obeys('lamp');
    await desk.settle();
    expect([word(on), desk.home.view('lamp').relay_state]).toEqual(['nothing yet', 'turning_on']);
    await mended(desk);
    expect([word(on), desk.home.view('lamp').relay_state]).toEqual(['done', 'on']);
  });

  it('an OFF that comes after another was answered is answered, too', async () => {
    const desk = await full();
    desk.toggle('lamp', 'off');
    await desk.settle();
    desk.relays.emergencies[0]?.end(true);
    await desk.settle();
    const asked = [desk.toggle('lamp', 'off'), desk.toggle('lamp', 'off', { who: BEN })];
    await desk.clock.advance(LIMITS.answerMs);
    expect(count(asked)['nothing yet'] ?? 0).toBe(0);
  });

  it('an OFF of what is off already is answered', async () => {
    const desk = await full(['lamp']);
    const off = desk.toggle('fan', 'off');
    await desk.clock.advance(LIMITS.answerMs);
    expect(word(off)).not.toBe('nothing yet');
  });

  it('an OFF whose relay does not answer is answered in the end', async () => {
    const desk = await full();
    const off = desk.toggle('lamp', 'off');
    await desk.clock.advance(LIMITS.answerMs);
    expect(word(off)).not.toBe('nothing yet');
  });

  it('an OFF of a declared load is answered in the end', async () => {
    const desk = deskOf(LOADS);
    desk.toggle('heater', 'on');
    await desk.settle();
    desk.ledger.isFull = true;
    const off = desk.toggle('heater', 'off');
    await desk.clock.advance(LIMITS.answerMs);
    expect(word(off)).not.toBe('nothing yet');
  });
});
