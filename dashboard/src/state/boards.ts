import type { ApplianceView, BrokerView, BusView } from '../wire.ts';
import { addWatts } from '../words/watts.ts';

/** What hangs on something that does not answer. */
export interface Hanging {
  readonly names: readonly string[];
  /** What its appliances are counted with meanwhile. */
  readonly reservedW: number;
}

/** A board or a plug that does not answer. */
export interface LostBoard extends Hanging {
  readonly bus: BusView;
  readonly reason: string;
}

export interface LostBroker extends Hanging {
  readonly broker: BrokerView;
  readonly reason: string;
}

/** A board that was not asked yet has no reason. */
export function lostBoards(buses: readonly BusView[], appliances: readonly ApplianceView[]): readonly LostBoard[] {
  return buses.flatMap((bus) => {
    if (bus.up || bus.reason === null) return [];
    return [{ bus, reason: bus.reason, ...hangingOn([bus], appliances) }];
  });
}

/** Null while the broker is there, is not spoken to at all, or was not tried yet. */
export function lostBroker(
  broker: BrokerView | null,
  buses: readonly BusView[],
  appliances: readonly ApplianceView[],
): LostBroker | null {
  if (broker === null || broker.up || broker.reason === null) return null;
  const plugs = buses.filter((bus) => isCutOff(bus));
  return { broker, reason: broker.reason, ...hangingOn(plugs, appliances) };
}

/** Without a broker no plug answers, and none of them is to blame. */
export function isCutOff({ kind, up }: BusView): boolean {
  return kind === 'plug' && !up;
}

function hangingOn(buses: readonly BusView[], appliances: readonly ApplianceView[]): Hanging {
  const ids = new Set(buses.map(({ id }) => id));
  const hanging = appliances.filter(({ relay }) => relay !== null && ids.has(relay.bus));
  return { names: hanging.map(({ name }) => name), reservedW: addWatts(hanging.map((a) => a.reserved_w)) };
}
