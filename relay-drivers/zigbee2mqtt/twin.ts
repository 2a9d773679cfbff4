import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';

/** The friendly name of the one device behind each simulated bridge; it has a level of its own. */
export const TWIN_FRIENDLY_NAME = 'house/plug';

const REPORT_EVERY_MS = 10_000;

/** `<name>` is the base topic of a simulated zigbee2mqtt with one plug, of one relay or of several (`l1`, `l2`, ..). */
export const zigbee2mqttTwin: PlugFlavour = (name, channels) => new Bridge(name, channels);

type State = Record<string, string | number | null>;

class Bridge implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = REPORT_EVERY_MS;
  readonly #base: string;
  readonly #topic: string;
  readonly #endpoints: readonly string[];
  /** What the bridge remembers, also over a restart of its own. Power is null before the plug reported some. */
  readonly #cached: State = { linkquality: 60 };

  constructor(name: string, channels: number) {
    this.#base = name;
    this.#topic = `${name}/${TWIN_FRIENDLY_NAME}`;
    this.#endpoints = Array.from({ length: channels }, (_, index) => (channels === 1 ? '' : `_l${index + 1}`));
    for (const end of this.#endpoints) Object.assign(this.#cached, { [`state${end}`]: 'OFF', [`power${end}`]: null });
    this.will = { topic: `${name}/bridge/state`, payload: '{"state":"offline"}', isRetained: true, qos: 1 };
    this.filters = [`${name}/#`];
  }

  /** Its own state, its devices, and then what it remembers of them, before it has heard a word from any. */
  connected(): readonly Said[] {
    return [
      this.#retained('bridge/state', { state: 'online' }),
      this.#retained('bridge/devices', [coordinator(this.#base), this.#device()]),
      this.#retained(`${TWIN_FRIENDLY_NAME}/availability`, { state: 'online' }),
      this.#published(),
    ];
  }

  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    const asked = objectIn(payload);
    if (topic === `${this.#topic}/get`) return this.#get(asked ?? {}, body);
    if (topic !== `${this.#topic}/set`) return [];
    // A bare word is the state of the first relay.
    return this.#set(asked ?? { [`state${this.#endpoints[0]}`]: payload.toUpperCase() }, body);
  }

  /** The plug reports its state, and then its power; with the first the bridge repeats the power of before. */
  changed(channel: number, body: PlugBody): readonly Said[] {
    this.#readState(channel, body);
    const state = this.#published();
    this.#readPower(channel, body);
    return [state, this.#published()];
  }

  report(body: PlugBody): readonly Said[] {
    for (const channel of this.#channels()) {
      this.#readState(channel, body);
      this.#readPower(channel, body);
    }
    return [this.#published()];
  }

  /** One after the other; after each it publishes all that it knows. */
  #get(asked: Readonly<Record<string, unknown>>, body: PlugBody): readonly Said[] {
    return Object.keys(asked).flatMap((property) => {
      const channel = this.#channelOf(property);
      if (channel === null) return [];
      if (property.startsWith('state')) this.#readState(channel, body);
      else this.#readPower(channel, body);
      return [this.#published()];
    });
  }

  /** It publishes after each command that the plug took, also where that changed nothing. */
  #set(asked: Readonly<Record<string, unknown>>, body: PlugBody): readonly Said[] {
    return Object.entries(asked).flatMap(([property, value]) => {
      const channel = property.startsWith('state') ? this.#channelOf(property) : null;
      if (channel === null || !['ON', 'OFF', 'TOGGLE'].includes(String(value))) return [];
      const wasOn = body.isOn(channel);
      body.set(channel, value === 'TOGGLE' ? !wasOn : value === 'ON');
      return body.isOn(channel) === wasOn ? this.changed(channel, body) : [];
    });
  }

  #readState(channel: number, body: PlugBody): void {
    this.#cached[`state${this.#endpoints[channel - 1]}`] = body.isOn(channel) ? 'ON' : 'OFF';
  }

  #readPower(channel: number, body: PlugBody): void {
    const end = this.#endpoints[channel - 1];
    const watts = body.powerW(channel);
    Object.assign(this.#cached, {
      [`power${end}`]: watts,
      [`current${end}`]: Number((watts / body.voltageV).toFixed(3)),
      [`energy${end}`]: Number((body.energyWh(channel) / 1000).toFixed(6)),
      voltage: body.voltageV,
    });
  }

  #channelOf(property: string): number | null {
    const index = this.#endpoints.findIndex((end) => property === `state${end}` || property === `power${end}`);
    return index < 0 ? null : index + 1;
  }

  #channels(): number[] {
    return this.#endpoints.map((_, index) => index + 1);
  }

  #published(): Said {
    return { topic: this.#topic, payload: JSON.stringify(this.#cached) };
  }

  #retained(name: string, said: unknown): Said {
    return { topic: `${this.#base}/${name}`, payload: JSON.stringify(said), isRetained: true };
  }

  #device(): unknown {
    const exposes = this.#endpoints.flatMap((end) => [
      { type: 'switch', features: [switchFeature(end)], ...(end && { endpoint: end.slice(1) }) },
      ...['power', 'current', 'energy'].map((name) => numeric(`${name}${end}`, name)),
    ]);
    const definition = {
      vendor: 'SIMULATED',
      model: 'TS011F_plug_1',
      exposes: [...exposes, numeric('voltage', 'voltage')],
    };
    return {
      ieee_address: `0x0000${macOf(this.#base).toLowerCase()}`,
      friendly_name: TWIN_FRIENDLY_NAME,
      type: 'Router',
      supported: true,
      disabled: false,
      interview_completed: true,
      definition,
    };
  }
}

function coordinator(name: string): unknown {
  const address = `0xffff${macOf(name).toLowerCase()}`;
  return { ieee_address: address, friendly_name: 'Coordinator', type: 'Coordinator', definition: null };
}

function switchFeature(end: string): unknown {
  return { type: 'binary', name: 'state', property: `state${end}`, value_on: 'ON', value_off: 'OFF', access: 7 };
}

function numeric(property: string, name: string): unknown {
  return { type: 'numeric', name, property, access: 5 };
}

function objectIn(payload: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(payload);
    return typeof said === 'object' && said !== null && !Array.isArray(said) ? { ...said } : null;
  } catch {
    return null;
  }
}

/** Twelve hexadecimal digits that are always the same for a name. */
function macOf(name: string): string {
  const hash = [...name].reduce((sum, letter) => (sum * 131 + letter.charCodeAt(0)) % 2 ** 45, 1);
  return hash.toString(16).padStart(12, '0').toUpperCase();
}
