import { channelOf } from './appliance.ts';
import { isCountedOff, isReleased, overflow, reservedMw } from './capacity.ts';
import type { Deciding, Reply } from './decision.ts';
import type { Refusal } from './events.ts';
import type { Input } from './inputs.ts';
import { type Appliance, type ApplianceSettings, type Device, HOUSE, type RelayBinding, type Who } from './model.ts';
import { order } from './order.ts';
import { shedAround } from './shed.ts';
import { busOf, channelKey } from './state.ts';

type Of<K extends Input['kind']> = Input & { kind: K };

/** Bounds what a client may make the hub remember. */
export const APPLIANCES_AT_MOST = 20_000;

export function addAppliance(d: Deciding, { settings, device, who }: Of<'add_appliance'>): Reply {
  if (d.state.appliances.get(settings.id) !== undefined)
    return d.refuse(conflict(`There is an appliance "${settings.id}" already.`));
  if (d.state.applianceCount >= APPLIANCES_AT_MOST) return d.refuse(conflict('There are too many appliances.'));
  const refusal = misplaced(d, settings, device) ?? taken(d, settings);
  if (refusal !== null) return d.refuse(refusal);
  adopt(d, device, who);
  return d.doneOnceRead(d.emit({ kind: 'appliance_added', settings }, who), settings.id);
}

/** Adopted once, it stays as it was adopted: what is discovered later is anybody's word. */
function adopt(d: Deciding, device: Device | undefined, who: Who): void {
  if (device === undefined || busOf(d.state, device.id) !== undefined) return;
  d.emit({ kind: 'device_adopted', device }, who);
}

/** An adopted device is kept for as long as something hangs on it. */
function forgetDevice(d: Deciding, relay: RelayBinding | null, who: Who): void {
  const device = relay === null ? undefined : d.state.devices.get(relay.bus);
  if (device === undefined) return;
  for (let channel = 1; channel <= device.channels; channel += 1)
    if (d.state.channels.get(channelKey(device.id, channel)) !== undefined) return;
  d.emit({ kind: 'device_forgotten', id: device.id }, who);
}

export function changeAppliance(d: Deciding, { appliance, change, who }: Of<'change_appliance'>): Reply {
  const a = d.state.appliances.get(appliance);
  if (a === undefined) return d.refuse(missing(appliance));
  const settings = { ...settingsOf(a), ...change };
  if (isSame(settingsOf(a), settings)) return d.done(undefined, a.id, false);
  const refusal = misplaced(d, settings) ?? taken(d, settings) ?? tooEarly(a, settings);
  if (refusal !== null) return d.refuse(refusal);
  const figures = overflow(d.state, settings.circuit, reservedMw({ ...a, ...settings }), reservedMw(a));
  if (figures !== null && settings.ratedMw > a.ratedMw && !isReleased(a)) {
    const refusal: Refusal = {
      code: 'capacity_exceeded',
      detail: `${a.name} is on, and so much more does not fit.`,
      figures,
    };
    d.emit({ kind: 'refused', appliance, refusal, request: { isOn: a.order.isOn } }, who);
    return d.refuse(refusal);
  }
  const event = d.emit({ kind: 'appliance_changed', settings }, who);
  forgetDevice(d, a.relay, who);
  shedAround(d, settings.circuit);
  return d.doneOnceRead(event, a.id);
}

export function removeAppliance(d: Deciding, { appliance, who }: Of<'remove_appliance'>): Reply {
  const a = d.state.appliances.get(appliance);
  if (a === undefined) return d.refuse(missing(appliance));
  if (!isReleased(a)) return d.refuse(conflict(`${a.name} is not confirmed off; switch it off first.`));
  const event = d.emit({ kind: 'appliance_removed', appliance }, who);
  forgetDevice(d, a.relay, who);
  return d.done(event, null, true);
}

/**
 * An admin says that the relay is physically disconnected: the only thing but an OFF seen that releases watts. So it is
 * also the way out for one that is off and can never prove it, or whose meter measures something else.
 */
export function retire(d: Deciding, { appliance, reason, who }: Of<'retire'>): Reply {
  const a = d.state.appliances.get(appliance);
  if (a === undefined) return d.refuse(missing(appliance));
  if (a.relay === null || (a.observed !== 'unknown' && !isCountedOff(a))) {
    const why = a.relay === null ? `${a.name} has no relay` : `The relay of ${a.name} answers`;
    return d.refuse(conflict(`${why}: switch it off instead.`));
  }
  if (!isCountedOff(a)) order(d, a, false, 'retired', { who });
  return d.done(d.emit({ kind: 'retired', appliance, reason }, who), appliance, true);
}

function misplaced(d: Deciding, { circuit, relay }: ApplianceSettings, device?: Device): Refusal | null {
  if (d.state.circuits.get(circuit) === undefined) {
    return { code: 'invalid_request', detail: `There is no circuit "${circuit}"; ${known(circuitIds(d))}.` };
  }
  if (relay === null) return null;
  const bus = busOf(d.state, relay.bus) ?? (device?.id === relay.bus ? device : undefined);
  if (bus === undefined) {
    const ids = [...d.state.household.buses, ...d.state.devices.values()].map(({ id }) => id);
    return { code: 'invalid_request', detail: `There is no bus "${relay.bus}"; ${known(ids)}.` };
  }
  if (relay.channel > bus.channels) {
    return { code: 'invalid_request', detail: `Bus "${bus.id}" has channels 1 to ${bus.channels}.` };
  }
  return null;
}

function circuitIds(d: Deciding): string[] {
  return [HOUSE, ...d.state.household.circuits.map(({ id }) => id)];
}

function known(ids: readonly string[]): string {
  return ids.length === 0 ? 'the configuration has none' : `the configuration has ${ids.join(', ')}`;
}

function taken(d: Deciding, settings: ApplianceSettings): Refusal | null {
  const channel = channelOf(settings);
  const owner = channel === null ? undefined : d.state.channels.get(channel);
  if (owner === undefined || owner === settings.id) return null;
  return conflict(`Channel ${channel} belongs to the appliance "${owner}" already.`);
}

/** What is not confirmed off may get more watts if they fit, but may not shrink or move: its relay would be forgotten. */
function tooEarly(a: Appliance, next: ApplianceSettings): Refusal | null {
  if (isReleased(a)) return null;
  const moves = channelOf(a) !== channelOf(next) || a.circuit !== next.circuit;
  if (!moves && next.ratedMw >= a.ratedMw) return null;
  return conflict(`${a.name} is not confirmed off; switch it off before it gets fewer watts or another place.`);
}

function settingsOf(a: Appliance): ApplianceSettings {
  const { id, name, room, icon, ratedMw, circuit, priority, isProtected, relay, onPowerLoss } = a;
  return { id, name, room, icon, ratedMw, circuit, priority, isProtected, relay, onPowerLoss };
}

function isSame(x: ApplianceSettings, y: ApplianceSettings): boolean {
  const keys = Object.keys(x) as (keyof ApplianceSettings)[];
  return keys.every((key) => key === 'relay' || x[key] === y[key]) && channelOf(x) === channelOf(y);
}

function missing(id: string): Refusal {
  return { code: 'not_found', detail: `There is no appliance "${id}".` };
}

function conflict(detail: string): Refusal {
  return { code: 'conflict', detail };
}
