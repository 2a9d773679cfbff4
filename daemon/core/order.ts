import type { Deciding } from './decision.ts';
import type { Event, Figures, Request } from './events.ts';
import type { Appliance, Cause, Who } from './model.ts';

export interface OrderExtras {
  readonly who?: Who;
  readonly request?: Request;
  readonly figures?: Figures;
}

/** Writes a new standing order. A declared load has no relay to wait for: it is confirmed in the same breath. */
export function order(d: Deciding, a: Appliance, isOn: boolean, cause: Cause, extras: OrderExtras = {}): Event {
  const { who, ...rest } = extras;
  const generation = d.nextSeq;
  const replaces = a.order.isSettled ? null : { generation: a.order.generation, isOn: a.order.isOn };
  const event = d.emit({ kind: 'ordered', appliance: a.id, isOn, generation, cause, replaces, ...rest }, who ?? null);
  if (a.relay === null) confirm(d, a.id, generation, isOn);
  return event;
}

/** The order is obeyed, as was seen without sending anything. */
export function confirm(d: Deciding, appliance: string, generation: number, isOn: boolean): void {
  d.emit({ kind: 'confirmed', appliance, generation, isOn, evidence: 'read' });
}
