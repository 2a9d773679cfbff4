import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PLUG_DRIVERS, plugSettings } from '../relay-drivers/plug-registry.ts';
import { Discovery } from '../relay-drivers/plugs/discovery.ts';
import { HomeAssistant } from './broker/home-assistant/home-assistant.ts';
import type { Broker, UserBook } from './broker/port.ts';
import { HubTopics, statusWill } from './broker/topics/hub-topics.ts';
import type { HubOptions } from './cli/ports.ts';
import type { BrokerView } from './core/views.ts';
import { FoundDevices } from './found-devices.ts';
import { homePort } from './home-port.ts';
import type { HubPort } from './http/port.ts';
import type { Hub } from './hub.ts';
import { LateBroker } from './late-broker.ts';
import { Plugs } from './plugs.ts';
import type { MqttSettings } from './settings/types.ts';

export type MqttOptions = Pick<
  HubOptions,
  'settings' | 'dataDir' | 'log' | 'clock' | 'version' | 'portRetry' | 'simulated' | 'transientMqttUsers'
>;

type Served = Exclude<MqttSettings, { mode: 'off' }>;

const CHANCES = 1_000_000;
/** So many ports are tried where any will do. */
const PORTS_TRIED = 20;

/** MQTT, joined to a hub: the broker, the devices on it, the hub's own topics, Home Assistant. */
export class Mqtt {
  readonly found: FoundDevices;
  readonly #broker: LateBroker;
  readonly #plugs: Plugs;
  readonly #discovery: Discovery;
  readonly #mode: Served['mode'];
  #topics: HubTopics | null = null;
  #home: HomeAssistant | null = null;
  #isOpen: Promise<void> | null = null;

  /** Before the hub starts: what was adopted is a board of it from the beginning. Null where MQTT is switched off. */
  static join(hub: Hub, options: MqttOptions): Mqtt | null {
    const { mqtt } = options.settings;
    return mqtt.mode === 'off' ? null : new Mqtt(hub, options, mqtt);
  }

  private constructor(hub: Hub, options: MqttOptions, mqtt: Served) {
    const { settings, clock, simulated } = options;
    const onTrouble = troubles(options);
    const isCommand = (topic: string) => this.#plugs.isCommand(topic);
    const open = () => openBroker(mqtt, hub, options, isCommand);
    this.#mode = mqtt.mode;
    this.#broker = new LateBroker({ clock, url: urlOf(mqtt), open, onTrouble });
    this.#plugs = new Plugs({ hub, port: this.#broker, clock, configured: settings.plugs, onTrouble });
    const isEntry = (entry: unknown) => plugSettings.safeParse(entry).success;
    this.#discovery = new Discovery({ port: this.#broker, clock, families: PLUG_DRIVERS, isEntry, onFault: onTrouble });
    this.found = new FoundDevices({
      hub,
      finds: this.#discovery,
      isSimulated: () => simulated,
      configured: settings.plugs,
    });
  }

  /** Begins to serve; resolves after the first attempt to open the broker, whatever came of it. */
  open(): Promise<void> {
    this.#isOpen ??= this.#broker.start();
    return this.#isOpen;
  }

  /** The hub has started: it speaks, and is spoken to. */
  greet(hub: Hub, port: HubPort, options: MqttOptions): void {
    const { settings, clock } = options;
    const { mqtt } = settings;
    if (mqtt.mode === 'off') return;
    const onTrouble = troubles(options);
    const topics = new HubTopics({
      broker: this.#broker,
      port: {
        ...port,
        ask: (input, decided) => hub.queue.ask(input, decided),
        energyWh: (id) => wh(hub.meters.applianceMwh(id)),
      },
      hubId: settings.hub.id,
      clock,
      onTrouble,
    });
    this.#topics = topics;
    this.#discovery.start();
    this.#home = new HomeAssistant({
      broker: this.#broker,
      home: homePort(hub, options, () => topics.republish()),
      settings: mqtt.homeAssistant,
      clock,
      random: () => randomInt(CHANCES) / CHANCES,
      onTrouble,
    });
  }

  /** Of the broker, for the panel. */
  view(): BrokerView {
    const { state, url } = this.#broker;
    const [reason = null, advice = null] = state.isUp ? [] : [state.reason, ADVICE[this.#mode]];
    return { mode: this.#mode, url, up: state.isUp, reason, advice, clients: null };
  }

  /** Null while it is not served. */
  get url(): string | null {
    return this.#broker.state.isUp ? this.#broker.url : null;
  }

  async close(): Promise<void> {
    this.#home?.close();
    this.#discovery.close();
    this.#plugs.close();
    await this.#topics?.close();
    await this.#broker.close();
  }
}

const ADVICE: Record<Served['mode'], string> = {
  embedded: 'free the port, or name another with mqtt.port (or mode: external) in the configuration',
  external: 'check that the broker runs, and url, user name and password_file in the configuration',
};

function troubles({ log }: MqttOptions): (what: string, error: unknown) => void {
  const part = log.child({ part: 'mqtt' });
  return (what, error) => part.warn(error === null ? {} : { error: String(error) }, what);
}

function urlOf(mqtt: Served): string {
  return mqtt.mode === 'external' ? mqtt.url : `mqtt://${mqtt.host}:${mqtt.port}`;
}

function wh(mwh: number | null): number | null {
  return mwh === null ? null : mwh / 1000;
}

/** Loaded when it is needed: neither library is small. */
async function openBroker(
  mqtt: Served,
  hub: Hub,
  options: MqttOptions,
  isCommand: (topic: string) => boolean,
): Promise<Broker> {
  return mqtt.mode === 'embedded'
    ? openOwn(mqtt, { users: userBook(hub), isCommand }, options)
    : openOther(mqtt, options);
}

async function openOther(mqtt: Served & { mode: 'external' }, options: MqttOptions): Promise<Broker> {
  const { openExternal } = await import('./broker/external.ts');
  const [password, ca] = await Promise.all([textIn(mqtt.passwordFile), textIn(mqtt.caFile)]);
  const hubId = options.settings.hub.id;
  return openExternal({
    url: mqtt.url,
    ...(mqtt.username === null ? {} : { username: mqtt.username }),
    ...(password === null ? {} : { password: password.trim() }),
    ...(ca === null ? {} : { ca }),
    role: mqtt.role,
    hubId,
    will: statusWill(hubId),
    clock: options.clock,
    onTrouble: troubles(options),
  });
}

async function openOwn(
  mqtt: Served & { mode: 'embedded' },
  rules: { readonly users: UserBook; readonly isCommand: (topic: string) => boolean },
  options: MqttOptions,
): Promise<Broker> {
  const { openEmbedded } = await import('./broker/embedded/open.ts');
  const { settings, dataDir, clock, log, transientMqttUsers = [], portRetry } = options;
  const { tls } = mqtt;
  const [cert, key] = await Promise.all([textIn(tls?.certFile ?? null), textIn(tls?.keyFile ?? null)]);
  const open = (port: number) =>
    openEmbedded({
      host: mqtt.host,
      port,
      ...(tls === null || cert === null || key === null ? {} : { tls: { cert, key, port: tls.port } }),
      ...rules,
      ...(mqtt.homeAssistant.enabled ? { discovery: mqtt.homeAssistant.prefix } : {}),
      transientUsers: transientMqttUsers,
      hubId: settings.hub.id,
      dataDir,
      clock,
      onTrouble: troubles(options),
      onRefused: (refusal) => log.info({ part: 'mqtt', ...refusal }, 'refused'),
    });
  return portRetry && mqtt.port !== 0 ? firstFree(open, mqtt.port) : open(mqtt.port);
}

async function firstFree(open: (port: number) => Promise<Broker>, port: number): Promise<Broker> {
  for (let tried = 0; tried < PORTS_TRIED; tried += 1) {
    try {
      return await open(port + tried);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  return open(0);
}

async function textIn(path: string | null): Promise<string | null> {
  return path === null ? null : readFile(path, 'utf8');
}

function userBook(hub: Hub): UserBook {
  return {
    find: (name) => hub.state.mqttUsers.get(name) ?? null,
    onChange: (listener) =>
      hub.onEvent((event) => {
        if (event.kind === 'mqtt_user_added') listener(event.user.name);
        if (event.kind === 'mqtt_user_removed') listener(event.name);
      }),
  };
}
