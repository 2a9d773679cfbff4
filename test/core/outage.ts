import { LIMITS } from '../../daemon/queue/limits.ts';
import { type Desk, deskOf } from './desk.ts';

export const LOADS = {
  lamp: { w: 1000 },
  fan: { w: 500, priority: 0 },
  oven: { w: 3000 },
  heater: { w: 100, channel: null },
};

/** A commit with an ON for the oven has hung for too long. */
export async function hung(on: readonly string[] = ['lamp', 'fan']): Promise<Desk> {
  const desk = deskOf(LOADS, on);
  desk.ledger.hold();
  desk.toggle('oven', 'on');
  await desk.clock.advance(LIMITS.commitStallMs);
  return desk;
}

/** A commit with an ON for the oven was refused by the disk. */
export async function full(on: readonly string[] = ['lamp', 'fan']): Promise<Desk> {
  const desk = deskOf(LOADS, on);
  desk.ledger.isFull = true;
  desk.toggle('oven', 'on');
  await desk.settle();
  return desk;
}

/** The disk is well again, and the next try has come. */
export async function mended(desk: Desk): Promise<void> {
  desk.ledger.isFull = false;
  desk.ledger.release();
  await desk.clock.advance(LIMITS.ledgerRetryMs);
}
