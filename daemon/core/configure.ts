import type { Deciding } from './decision.ts';
import type { Input } from './inputs.ts';
import type { Appliance } from './model.ts';
import { shedHouse } from './shed.ts';
import { busOf } from './state.ts';

/** Each start records what the house may draw, so that a replay decides as the hub did; every relay is unknown again. */
export function layHouse(d: Deciding, input: Input & { kind: 'configure' }): void {
  d.emit({ kind: 'configured', household: input.household, bootId: input.bootId });
  for (const a of [...d.state.appliances.values()]) if (isOrphan(d, a)) declareLost(d, a);
  shedHouse(d);
}

/** Its board left the configuration: nobody will ever read it, so its watts stay counted until it is retired. */
function isOrphan(d: Deciding, { relay }: Appliance): boolean {
  return relay !== null && busOf(d.state, relay.bus) === undefined;
}

function declareLost(d: Deciding, { id, relay }: Appliance): void {
  const reason = `its bus "${relay?.bus}" is not in the configuration`;
  d.emit({ kind: 'observed', appliance: id, reading: 'unknown', fault: 'unreachable', evidence: null, reason });
}
