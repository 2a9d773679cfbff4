import type { Appliance } from '../core/model.ts';
import type { State } from '../core/state.ts';
import type { Batch } from './batch.ts';
import { LIMITS } from './limits.ts';
import type { RelayOrder } from './ports.ts';

/** What the relays have to do after a batch: the latest order of each appliance it touched, if it is still to be obeyed. */
export function ordersOf(state: State, { events, decidedMs }: Pick<Batch, 'events' | 'decidedMs'>): RelayOrder[] {
  const touched = new Set(events.flatMap((event) => (event.kind === 'ordered' ? event.appliance : [])));
  return [...touched].flatMap((id) => relayOrder(state.appliances.get(id), decidedMs) ?? []);
}

/** OFFs that were decided before this start and never confirmed. An ON is not sent again: it would be late (S11). */
export function unfinishedOffs(state: State): RelayOrder[] {
  return [...state.appliances.values()].filter((a) => !a.order.isOn).flatMap((a) => relayOrder(a, 0) ?? []);
}

/** Each order that is to be obeyed now was decided in this batch; an OFF is never late. */
function relayOrder(a: Appliance | undefined, decidedMs: number): RelayOrder | null {
  if (!a?.relay || a.order.isSettled) return null;
  const { isOn, generation } = a.order;
  const deadlineMs = isOn ? decidedMs + LIMITS.onDeadlineMs : null;
  return { appliance: a.id, ...a.relay, isOn, generation, deadlineMs, needsRead: a.disobeyed };
}
