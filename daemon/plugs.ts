import type { Clock } from '../relay-drivers/clock.ts';
import { type PlugSettings, plugProtocol, plugSettings } from '../relay-drivers/plug-registry.ts';
import { Plug } from '../relay-drivers/plugs/plug.ts';
import { type PlugMeter, plugMeter } from '../relay-drivers/plugs/plug-meter.ts';
import type { PlugProtocol } from '../relay-drivers/plugs/protocol.ts';
import type { MqttPort } from '../relay-drivers/transport/mqtt.ts';
import type { Event } from './core/events.ts';
import type { BusSettings, Device } from './core/model.ts';
import { channelKey } from './core/state.ts';
import type { Bus, Hub } from './hub.ts';
import { undrivable } from './undrivable.ts';

interface Parts {
  readonly hub: Pick<Hub, 'state' | 'addBus' | 'removeBus' | 'meters' | 'onEvent'>;
  readonly port: MqttPort;
  readonly clock: Clock;
  /** Of the configuration. */
  readonly configured: readonly PlugSettings[];
  readonly onTrouble: (what: string, error: unknown) => void;
}

interface Live {
  readonly plug: Plug;
  readonly settings: PlugSettings;
  /** By channel; for the appliance that hangs on it. */
  readonly meters: Map<number, PlugMeter>;
}

/** A silent meter of a plug is stale after two of its periods and a half: one lost reading is no silence. */
const STALE_PERIODS = 2.5;
const STALE_AT_LEAST_MS = 10_000;

const TOUCHING: ReadonlySet<Event['kind']> = new Set(['appliance_added', 'appliance_changed', 'appliance_removed']);

/** The devices on MQTT of this hub, configured or adopted: each a board for the supervisor, and meters of its channels. */
export class Plugs {
  readonly #parts: Parts;
  readonly #live = new Map<string, Live>();
  /** Topics of commands -> the device that obeys them. */
  readonly #commands = new Map<string, string>();
  readonly #unlisten: () => void;

  /** Before the hub starts: what was adopted earlier is there when it does. */
  constructor(parts: Parts) {
    this.#parts = parts;
    for (const settings of parts.configured) this.#open(settings);
    for (const device of parts.hub.state.devices.values()) this.#adopt(device);
    this.#unlisten = parts.hub.onEvent((event) => this.#hear(event));
  }

  /** Nobody but the hub publishes these. Most are known by their form; some, people made up. */
  isCommand(topic: string): boolean {
    return this.#commands.has(topic);
  }

  close(): void {
    this.#unlisten();
    for (const id of [...this.#live.keys()]) this.#close(id);
  }

  #hear(event: Event): void {
    if (event.kind === 'device_adopted') this.#adopt(event.device);
    if (event.kind === 'device_forgotten') this.#forget(event.id);
    if (TOUCHING.has(event.kind)) this.#rebind();
  }

  /** One that moved leaves its old meter before it gets another: an appliance has one at a time. */
  #rebind(): void {
    for (const live of this.#live.values()) this.#unbindMeters(live);
    for (const live of this.#live.values()) this.#bindMeters(live);
  }

  /** What another version of this program adopted may be no entry any more: its relays stay unknown, and say why. */
  #adopt(device: Device): void {
    const { hub, onTrouble } = this.#parts;
    const { id, driver, settings } = device;
    if (this.#live.has(id)) return onTrouble(`${id} was adopted, and is driven as the configuration says now`, null);
    const entry = plugSettings.safeParse({ ...settings, id, driver });
    if (entry.success) return this.#open(entry.data);
    onTrouble(`the adopted device ${id} cannot be driven: remove its appliances and adopt it again`, null);
    hub.addBus(undrivable(device));
  }

  #open(settings: PlugSettings): void {
    const { hub, port, clock, onTrouble } = this.#parts;
    const protocol = plugProtocol(settings);
    const plug = new Plug({ id: settings.id, port, clock, protocol, onFault: onTrouble });
    for (const topic of commandTopics(settings, protocol)) this.#commands.set(topic, settings.id);
    const live = { plug, settings, meters: new Map() };
    this.#live.set(settings.id, live);
    plug.onTrouble((channel, what) =>
      onTrouble(`${settings.id}${channel === null ? '' : `/${channel}`}: ${what}`, null),
    );
    plug.start();
    hub.addBus(busOf(plug, settings));
    this.#bindMeters(live);
  }

  /** One that the configuration has, too, stays. */
  #forget(id: string): void {
    if (this.#parts.configured.some((one) => one.id === id)) return;
    this.#parts.hub.removeBus(id);
    this.#close(id);
  }

  #close(id: string): void {
    const live = this.#live.get(id);
    this.#live.delete(id);
    for (const [topic, owner] of this.#commands) if (owner === id) this.#commands.delete(topic);
    for (const meter of live?.meters.values() ?? []) this.#endMeter(meter);
    live?.plug.close();
  }

  /** A channel measures for the appliance that hangs on it, and for none while none does. */
  #bindMeters({ plug, settings, meters }: Live): void {
    for (let channel = 1; channel <= plug.channels; channel += 1) {
      const measures = this.#measured(plug, channel);
      if (measures === null || meters.has(channel)) continue;
      const id = `${plug.id}/${channel}`;
      const next = plugMeter(plug, channel, { id, driver: settings.driver, measures });
      if (next === null) return;
      meters.set(channel, next);
      this.#parts.hub.meters.add(metered(next));
    }
  }

  #unbindMeters({ plug, meters }: Live): void {
    for (const [channel, meter] of meters) {
      if (meter.settings.measures === this.#measured(plug, channel)) continue;
      meters.delete(channel);
      this.#endMeter(meter);
    }
  }

  #measured(plug: Plug, channel: number): string | null {
    const appliance = this.#parts.hub.state.channels.get(channelKey(plug.id, channel));
    return appliance === undefined ? null : `appliance:${appliance}`;
  }

  #endMeter(meter: PlugMeter): void {
    this.#parts.hub.meters.remove(meter.id);
    meter.close();
  }
}

function metered(meter: PlugMeter) {
  const staleAfterMs = Math.max(STALE_AT_LEAST_MS, meter.periodMs * STALE_PERIODS);
  return { meter, periodMs: meter.periodMs, staleAfterMs, wiring: null, isOnNetwork: true, handNoticedMs: 0 } as const;
}

function busOf(plug: Plug, settings: PlugSettings): Bus {
  const { id, driver } = settings;
  return { id, driver: plug, named: { driver, path: placeOf(settings) }, line: plug, switches: new Map() };
}

/** Questions that people made up are commands, too: who asks in our name could confuse the answers. */
function commandTopics(settings: PlugSettings, protocol: PlugProtocol): string[] {
  const channels = Array.from({ length: protocol.channels }, (_, index) => index + 1);
  const commands = channels.map((channel) => protocol.command(channel, false, 0).topic);
  const own = settings.driver === 'generic-mqtt' ? settings.channels.flatMap(({ query }) => query?.topic ?? []) : [];
  return [...commands, ...own];
}

/** Where it is found on the broker, for people. */
function placeOf(settings: PlugSettings): string {
  switch (settings.driver) {
    case 'tasmota':
      return settings.topic;
    case 'zigbee2mqtt':
      return `${settings.base}/${settings.name}`;
    case 'generic-mqtt':
      return settings.channels[0]?.command.topic ?? settings.id;
    default:
      return settings.prefix;
  }
}

/** What decisions need to know of the devices of the configuration. */
export function plugBuses(configured: readonly PlugSettings[], isSimulated: boolean): BusSettings[] {
  return configured.map((settings) => ({ id: settings.id, channels: plugProtocol(settings).channels, isSimulated }));
}
