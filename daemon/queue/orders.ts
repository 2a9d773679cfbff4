import type { Clock } from '../../relay-drivers/clock.ts';
import type { Event } from '../core/events.ts';
import type { Appliance, Now } from '../core/model.ts';
import type { State } from '../core/state.ts';
import { LIMITS } from './limits.ts';
import type { RelayOrder } from './ports.ts';

interface Times {
  readonly clock: Clock;
  readonly now: () => Now;
}

/** What the relays have to do after a batch: the latest order of each appliance it touched, if it is still to be obeyed. */
export function ordersOf(state: State, events: readonly Event[], times: Times): RelayOrder[] {
  const touched = new Set(events.flatMap((event) => (event.kind === 'ordered' ? event.appliance : [])));
  return [...touched].flatMap((id) => relayOrder(state.appliances.get(id), times) ?? []);
}

/** OFFs that were decided before this start and never confirmed. An ON is not sent again: it would be late (S11). */
export function unfinishedOffs(state: State, times: Times): RelayOrder[] {
  return [...state.appliances.values()].filter((a) => !a.order.isOn).flatMap((a) => relayOrder(a, times) ?? []);
}

function relayOrder(a: Appliance | undefined, { clock, now }: Times): RelayOrder | null {
  if (!a?.relay || a.order.isSettled) return null;
  const { isOn, generation, atUpMs } = a.order;
  const deadlineMs = isOn ? clock.nowMs() + LIMITS.onDeadlineMs - (now().upMs - atUpMs) : null;
  return { appliance: a.id, ...a.relay, isOn, generation, deadlineMs, needsRead: a.disobeyed };
}
