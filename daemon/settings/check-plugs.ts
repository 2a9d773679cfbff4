import { PLUG_DRIVERS, type PlugSettings, plugProtocol } from '../../relay-drivers/plug-registry.ts';
import type { Entry, Finding } from './finding.ts';

/** Devices on MQTT that are there twice: two appliances would switch one relay, and each would be counted. */
export function checkPlugs(plugs: readonly Entry<PlugSettings>[]): Finding[] {
  const found = plugs.flatMap((plug) => checkDevice(plug, plugs));
  const told = new Set(found.map(({ path }) => path[1]));
  // One message for what is twice the same device; the rest may still share a relay.
  const others = plugs.filter(({ index }) => !told.has(index));
  return [...found, ...checkMessages(others)];
}

/** They need a broker. */
export function checkBroker(plugs: readonly Entry<PlugSettings>[], isOff: boolean): Finding[] {
  if (!isOff) return [];
  return plugs.map(({ index, value }) => ({
    path: ['buses', index, 'driver'],
    message: `${value.driver} is a device on MQTT, and mqtt.mode is off; expected embedded or external there`,
  }));
}

interface Identity {
  /** Where the file says which device it is. */
  readonly field: string;
  /** Topics that are this device's alone; null: it has none in common. */
  readonly root: string | null;
}

function identityOf(plug: PlugSettings): Identity {
  switch (plug.driver) {
    case 'tasmota':
      return { field: 'topic', root: tasmotaRoot(plug) };
    case 'zigbee2mqtt':
      return { field: 'name', root: `${plug.base}/${plug.name}` };
    case 'generic-mqtt':
      return { field: 'channels', root: null };
    default:
      return { field: 'prefix', root: plug.prefix };
  }
}

function tasmotaRoot({ full_topic, topic, prefixes }: Extract<PlugSettings, { driver: 'tasmota' }>): string {
  return full_topic.replaceAll('%prefix%', prefixes.cmnd).replaceAll('%topic%', topic).replace(/\/$/, '');
}

function checkDevice({ index, value }: Entry<PlugSettings>, plugs: readonly Entry<PlugSettings>[]): Finding[] {
  const { field, root } = identityOf(value);
  const earlier = plugs.find((other) => other.index < index && root !== null && identityOf(other.value).root === root);
  if (earlier === undefined) return [];
  const message = `buses[${earlier.index}] is the device at ${root} already: one device, one entry for all its channels`;
  return [{ path: ['buses', index, field], message }];
}

interface Switch {
  readonly index: number;
  readonly channel: number;
  readonly field: string;
  /** What switches it on. */
  readonly topic: string;
  readonly payload: string;
}

/** Whatever the family: what one message switches is one relay. */
function checkMessages(plugs: readonly Entry<PlugSettings>[]): Finding[] {
  const first = new Map<string, Switch>();
  return plugs.flatMap(switchesOf).flatMap((one) => {
    const key = JSON.stringify([one.topic, one.payload]);
    const before = first.get(key);
    if (before === undefined) first.set(key, one);
    return before === undefined ? [] : [twice(one, before)];
  });
}

function switchesOf({ index, value }: Entry<PlugSettings>): Switch[] {
  if (!PLUG_DRIVERS.has(value.driver)) return [];
  const protocol = plugProtocol(value);
  const { field } = identityOf(value);
  return Array.from({ length: protocol.channels }, (_, at) => {
    const { topic, payload } = protocol.command(at + 1, true, 0);
    return { index, channel: at + 1, field, topic, payload };
  });
}

function twice({ index, channel, field, topic }: Switch, before: Switch): Finding {
  const other = before.index === index ? 'this entry' : `buses[${before.index}]`;
  const path = field === 'channels' ? ['buses', index, field, channel - 1] : ['buses', index, field];
  const message = `the message that switches channel ${before.channel} of ${other} (to ${topic}) switches this one too: one relay, one channel`;
  return { path, message };
}
