import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../daemon/queue/limits.ts';
import { count, Desk, deskOf, word } from './desk.ts';
import { ANNA, Home } from './home.ts';

const LOADS = { lamp: { w: 1000 }, fan: { w: 500 }, oven: { w: 3000 } };

describe('a decide that throws harms only its own input', () => {
  /** A fault of ours: what it asks cannot even be read. */
  const broken = () =>
    Object.defineProperty({ kind: 'toggle', want: 'on', who: ANNA } as const, 'appliance', {
      get: () => {
        throw new TypeError('a bug');
      },
    }) as never;

  it('the others of its batch are decided as if it had not been there', async () => {
    const desk = deskOf(LOADS);
    const before = desk.toggle('lamp', 'on');
    const bad = desk.ask(broken());
    const after = desk.toggle('oven', 'on');
    await desk.settle();
    desk.obeys('lamp', 'oven');
    await desk.settle();
    expect([before, bad, after].map(word)).toEqual(['done', 'internal', 'done']);
    expect(desk.troubles).toEqual(['input toggle could not be decided']);
    expect(desk.ledger.durable.map(({ seq }) => seq)).toEqual(
      desk.ledger.durable.map((_, i) => (desk.ledger.durable[0]?.seq ?? 0) + i),
    );
  });

  it('several bad ones, too', async () => {
    const desk = deskOf(LOADS);
    const bad = Array.from({ length: 20 }, () => desk.ask(broken()));
    const good = desk.toggle('ghost', 'on');
    await desk.settle();
    expect([count(bad), word(good)]).toEqual([{ internal: 20 }, 'not_found']);
  });

  it('while the ledger hangs it harms nobody who tells it', async () => {
    const desk = deskOf(LOADS);
    desk.ledger.hold();
    desk.toggle('lamp', 'on');
    await desk.clock.advance(LIMITS.commitStallMs);
    const reading = Object.defineProperty({ kind: 'readings', bus: 'main' } as const, 'readings', {
      get: () => {
        throw new TypeError('a bug');
      },
    }) as never;
    expect(() => desk.queue.tell(reading)).not.toThrow();
  });
});

describe('close', () => {
  it('answers 503 to what waits and to what still comes; decides nothing more', async () => {
    const desk = new Desk(new Home().add(LOADS));
    desk.ledger.hold();
    desk.toggle('lamp', 'on');
    await desk.settle();
    const waiting = [desk.toggle('fan', 'on'), desk.toggle('oven', 'off')];
    desk.queue.close();
    const late = [desk.toggle('fan', 'on'), desk.toggle('fan', 'off')];
    desk.ledger.release();
    await desk.settle();
    expect(count([...waiting, ...late])).toEqual({ ledger_unavailable: 4 });
    expect(desk.ledger.told).toEqual(['ordered lamp on request']);
  });
});
