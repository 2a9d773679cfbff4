import type { ApplianceFacts, HomePort } from './broker/home-assistant/port.ts';
import type { HubOptions } from './cli/ports.ts';
import { applianceOf } from './core/audit.ts';
import type { Event } from './core/events.ts';
import { showAppliance } from './core/show.ts';
import type { Hub } from './hub.ts';
import { meteredAppliance, meteredCircuit } from './meters/measures.ts';

const TOUCHING: ReadonlySet<Event['kind']> = new Set(['appliance_added', 'appliance_changed', 'appliance_removed']);

/** The hub, as Home Assistant is told of it. */
export function homePort(
  hub: Hub,
  { settings, version }: Pick<HubOptions, 'settings' | 'version'>,
  republish: () => void,
): HomePort {
  return {
    hub: () => ({
      ...settings.hub,
      version,
      panelUrl: null,
      isMetered: settings.meters.some(({ measures }) => meteredCircuit(measures) === 'house'),
      circuits: settings.circuits.map(({ id }) => id),
    }),
    applianceIds: () => [...hub.state.appliances.values()].map(({ id }) => id),
    appliance: (id) => factsOf(hub, id),
    onChange: (listener) => listen(hub, listener),
    republish,
  };
}

function factsOf(hub: Hub, id: string): ApplianceFacts | null {
  const a = hub.state.appliances.get(id);
  if (a === undefined) return null;
  const { name, room, simulated: isSimulated } = showAppliance(hub.state, a);
  return { id, name, room, hasCounter: hub.meters.applianceMwh(id) !== null, isSimulated };
}

/** A meter talks each second: only that it counts at all is news. */
function listen(hub: Hub, listener: (appliance: string) => void): () => void {
  const counted = new Set<string>();
  const ends = [
    hub.onEvent((event) => {
      const id = TOUCHING.has(event.kind) ? applianceOf(event) : null;
      if (id === null) return;
      counted.delete(id);
      listener(id);
    }),
    hub.meters.onChange(({ measures, energy_import_wh }) => {
      const id = meteredAppliance(measures);
      if (id === null || energy_import_wh === null || counted.has(id)) return;
      counted.add(id);
      listener(id);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
