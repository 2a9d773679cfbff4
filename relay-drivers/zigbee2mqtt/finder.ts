import type { FoundPlug, PlugFinder, Sighting } from '../plugs/protocol.ts';
import { offered, shown } from '../plugs/words/found.ts';
import { field, type Json, listIn, parseJson, stringIn } from '../plugs/words/json.ts';
import { Recent } from '../plugs/words/recent.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { type Exposed, exposedIn } from './exposes.ts';
import { zigbee2mqttSettings } from './settings.ts';

/** Two hundred devices with all that they expose come to half of this. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_DEVICES = 512;
const MAX_BRIDGES = 8;

/** The bridge keeps the list of its devices, retained, and publishes it anew when one joins, leaves or is renamed. */
export function zigbee2mqttFinder(): PlugFinder {
  /** The ids that each bridge listed. */
  const listed = new Recent<readonly string[]>(MAX_BRIDGES);
  return {
    filters: ['+/bridge/devices', '+/+/bridge/devices'],
    calls: [],
    hear: (message) => hear(listed, message),
  };
}

function hear(listed: Recent<readonly string[]>, { topic, payload }: MqttMessage): Sighting[] {
  const [, base] = /^(.+)\/bridge\/devices$/.exec(topic) ?? [];
  // A list that was cleared has no devices.
  const devices = payload.length === 0 ? [] : listIn(parseJson(payload, MAX_LIST_BYTES));
  if (base === undefined || !devices) return [];
  const found = devices.slice(0, MAX_DEVICES).flatMap((device) => sightingOf(base, device));
  const ids = found.flatMap((sighting) => (sighting.kind === 'found' ? [sighting.plug.id] : []));
  const gone = (listed.get(base) ?? []).filter((id) => !ids.includes(id));
  listed.set(base, ids);
  return [...gone.map((id) => ({ kind: 'gone' as const, id })), ...found];
}

/** The address is the device's for life; its friendly name is what its topics are called now. */
function sightingOf(base: string, device: Json): Sighting[] {
  const address = stringIn(field(device, 'ieee_address')) ?? '';
  const name = stringIn(field(device, 'friendly_name')) ?? '';
  const definition = field(device, 'definition');
  const exposed = exposedIn(field(definition, 'exposes'));
  if (!/^0x[0-9a-f]{16}$/i.test(address) || field(device, 'disabled') === true || exposed.relays.length === 0)
    return [];
  const model = shown(['vendor', 'model'].flatMap((key) => stringIn(field(definition, key)) ?? []).join(' '));
  return offered(zigbee2mqttSettings, plugOf(`z2m-${address.toLowerCase()}`, base, name, model, exposed));
}

function plugOf(id: string, base: string, name: string, model: string | null, exposed: Exposed): FoundPlug {
  const { relays, measuresPower, canAskPower } = exposed;
  return {
    id,
    driver: 'zigbee2mqtt',
    name: shown(name) ?? id,
    model,
    channels: relays.map(({ endpoint }) => ({ name: endpoint })),
    measuresPower,
    settings: {
      base,
      name,
      endpoints: relays.flatMap(({ endpoint }) => endpoint ?? []),
      power: measuresPower,
      power_get: measuresPower && canAskPower,
    },
  };
}
