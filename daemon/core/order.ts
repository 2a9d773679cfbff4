import type { Deciding } from './decision.ts';
import type { Event, Figures, Request } from './events.ts';
import type { Appliance, Cause, Who } from './model.ts';

export interface OrderExtras {
  readonly who?: Who;
  readonly request?: Request;
  readonly figures?: Figures;
}

/** Writes a new standing order, for the relay to obey. */
export function order(d: Deciding, a: Appliance, isOn: boolean, cause: Cause, extras: OrderExtras = {}): Event {
  return write(d, a, isOn, cause, a.relay === null, extras);
}

/** The relay was read so already: the order follows it, and nothing is sent. */
export function follow(d: Deciding, a: Appliance, isOn: boolean, cause: Cause): Event {
  return write(d, a, isOn, cause, true, {});
}

function write(d: Deciding, a: Appliance, isOn: boolean, cause: Cause, isSettled: boolean, extras: OrderExtras): Event {
  const { who, ...rest } = extras;
  const generation = d.nextSeq;
  const replaces = a.order.isSettled ? null : { generation: a.order.generation, isOn: a.order.isOn };
  return d.emit(
    { kind: 'ordered', appliance: a.id, isOn, generation, cause, isSettled, replaces, ...rest },
    who ?? null,
  );
}
