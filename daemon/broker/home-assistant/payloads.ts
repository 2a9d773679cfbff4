import { HUB, objectId, topicsOf } from './names.ts';
import type { ApplianceFacts, HubFacts } from './port.ts';
import { circuitValue, LOAD, STATE } from './templates.ts';

/**
 * Discovery payloads, one for each device (Home Assistant 2024.11 and later), in its short keys.
 * A component with nothing but its platform takes an entity back that was announced before.
 */
export type Platform = 'sensor' | 'binary_sensor' | 'switch';
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Component = { readonly p: Platform } & { readonly [key: string]: Json };
type Components = { readonly [key: string]: Component };

export interface DiscoveryPayload {
  readonly dev: { readonly [key: string]: Json };
  readonly o: { readonly [key: string]: Json };
  readonly avty: readonly { readonly t: string }[];
  /** Where entities that name no other topic find their state. */
  readonly stat_t: string;
  readonly cmps: Components;
}

const MAKER = 'VoltSafe';
const POWER = { dev_cla: 'power', stat_cla: 'measurement', unit_of_meas: 'W' } as const;
const ENERGY = { dev_cla: 'energy', stat_cla: 'total_increasing', unit_of_meas: 'Wh' } as const;
const NONE: Component = { p: 'sensor' };

export function hubPayload(hub: HubFacts): DiscoveryPayload {
  const { status, load } = topicsOf(hub.id);
  const self = objectId(hub.id, HUB);
  return {
    dev: {
      ...{ ids: [self], name: hub.name, mf: MAKER, mdl: 'VoltSafe Hub', sw: hub.version },
      ...(hub.panelUrl === null ? {} : { cu: hub.panelUrl }),
    },
    o: origin(hub),
    avty: [{ t: status }],
    stat_t: load,
    cmps: withIds(self, { ...houseComponents(hub), ...circuitComponents(hub) }),
  };
}

function houseComponents({ isMetered }: HubFacts): Components {
  return {
    reserved: { p: 'sensor', name: 'Reserved', ...POWER, val_tpl: LOAD.reservedW },
    measured: isMetered ? { p: 'sensor', name: 'Measured', ...POWER, val_tpl: LOAD.measuredW } : NONE,
    headroom: { p: 'sensor', name: 'Headroom', ...POWER, val_tpl: LOAD.headroomW },
    status: {
      ...{ p: 'sensor', name: 'Status', dev_cla: 'enum', ops: ['safe', 'near_limit', 'over_limit'] },
      val_tpl: LOAD.status,
    },
    overload: { p: 'binary_sensor', name: 'Over limit', dev_cla: 'problem', val_tpl: LOAD.isOver },
  };
}

function circuitComponents({ circuits }: HubFacts): Components {
  const pairs = circuits.flatMap((id): [string, Component][] => [
    [`circuit_${id}_reserved`, circuitSensor(`${id} reserved`, circuitValue(id, 'reserved_w'))],
    [`circuit_${id}_headroom`, circuitSensor(`${id} headroom`, circuitValue(id, 'headroom_w'))],
  ]);
  return Object.fromEntries(pairs);
}

function circuitSensor(name: string, template: string): Component {
  return { p: 'sensor', name, ...POWER, val_tpl: template };
}

export function appliancePayload(hub: HubFacts, appliance: ApplianceFacts): DiscoveryPayload {
  const topics = topicsOf(hub.id);
  const self = objectId(hub.id, appliance.id);
  return {
    dev: {
      ...{ ids: [self], name: appliance.name, mf: MAKER, via_device: objectId(hub.id, HUB) },
      mdl: appliance.isSimulated ? 'Appliance (simulated relay)' : 'Appliance',
      ...(appliance.room === null ? {} : { sa: appliance.room }),
    },
    o: origin(hub),
    avty: [{ t: topics.status }],
    stat_t: topics.state(appliance.id),
    cmps: withIds(self, { switch: switchOf(hub, appliance), ...applianceSensors(hub, appliance) }),
  };
}

/**
 * A switch whose relay nobody knows is unavailable, as with any device that is offline; its relay fault, which stays
 * available, says why. The hub goes on switching it off by itself when that is what was ordered.
 */
function switchOf(hub: HubFacts, { id }: ApplianceFacts): Component {
  const { status, state, set } = topicsOf(hub.id);
  return {
    ...{ p: 'switch', name: null, cmd_t: set(id), val_tpl: STATE.isOn },
    ...{ pl_on: 'ON', pl_off: 'OFF', opt: false, ret: false, qos: 1 },
    avty: [{ t: status }, { t: state(id), val_tpl: STATE.availability }],
    avty_mode: 'all',
    ...{ json_attr_t: state(id), json_attr_tpl: STATE.switchAttributes },
  };
}

function applianceSensors(hub: HubFacts, { id, hasCounter }: ApplianceFacts): Components {
  const json_attr_t = topicsOf(hub.id).state(id);
  return {
    power: { p: 'sensor', name: 'Power', ...POWER, val_tpl: STATE.powerW },
    energy: hasCounter ? { p: 'sensor', name: 'Energy', ...ENERGY, val_tpl: STATE.energyWh } : NONE,
    refusal: {
      ...{ p: 'sensor', name: 'Last refusal', ent_cat: 'diagnostic', val_tpl: STATE.refusal },
      ...{ json_attr_t, json_attr_tpl: STATE.refusalAttributes },
    },
    fault: {
      ...{ p: 'binary_sensor', name: 'Relay fault', dev_cla: 'problem', ent_cat: 'diagnostic' },
      ...{ val_tpl: STATE.hasFault, json_attr_t, json_attr_tpl: STATE.faultAttributes },
    },
  };
}

function origin({ version, panelUrl }: HubFacts) {
  return { name: 'VoltSafe Hub', sw: version, ...(panelUrl === null ? {} : { url: panelUrl }) };
}

/** What is only a platform stays so: an id would announce it. */
function withIds(self: string, components: Components): Components {
  const pairs = Object.entries(components).map(([key, component]): [string, Component] => [
    key,
    component === NONE ? component : { ...component, uniq_id: `${self}_${key}` },
  ]);
  return Object.fromEntries(pairs);
}
