import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';

/**
 * A node with ESPHome (wire-formats C4): states are retained and told when they change and not otherwise, sensors say
 * `nan` until they have measured, and it describes itself to Home Assistant with short names.
 */
export const esphomeTwin: PlugFlavour = (name, channels) => new EsphomeFirmware(name, channels);

const UPDATE_INTERVAL_MS = 60_000;

class EsphomeFirmware implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = UPDATE_INTERVAL_MS;
  readonly #name: string;
  readonly #channels: readonly number[];
  #hasMeasured = false;

  constructor(name: string, channels: number) {
    this.#name = name;
    this.#channels = Array.from({ length: channels }, (_, index) => index + 1);
    this.will = { topic: `${name}/status`, payload: 'offline', isRetained: true };
    this.filters = [
      ...this.#channels.map((channel) => this.#commandTopic(channel)),
      'esphome/discover',
      this.#pingTopic,
    ];
  }

  connected(body: PlugBody): readonly Said[] {
    return [
      this.#announcement(),
      { topic: `${this.#name}/status`, payload: 'online', isRetained: true },
      ...this.#channels.flatMap((channel) => this.#described(channel)),
      ...this.#channels.map((channel) => this.#state(channel, body)),
      ...this.#channels.flatMap((channel) => this.#sensors(channel, body)),
    ];
  }

  /** What changes nothing is not answered: the state was told before. */
  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    if (topic === 'esphome/discover' || topic === this.#pingTopic) return [this.#announcement()];
    const channel = this.#channels.find((each) => this.#commandTopic(each) === topic);
    if (channel === undefined) return [];
    const wanted = wantedBy(payload.toUpperCase(), body.isOn(channel));
    if (wanted !== null) body.set(channel, wanted);
    return [];
  }

  changed(channel: number, body: PlugBody): readonly Said[] {
    return [this.#state(channel, body)];
  }

  report(body: PlugBody): readonly Said[] {
    this.#hasMeasured = true;
    return this.#channels.flatMap((channel) => this.#sensors(channel, body));
  }

  #state(channel: number, body: PlugBody): Said {
    const topic = `${this.#name}/switch/${this.#id('relay', channel)}/state`;
    return { topic, payload: body.isOn(channel) ? 'ON' : 'OFF', isRetained: true };
  }

  #sensors(channel: number, body: PlugBody): readonly Said[] {
    const told = (value: string) => (this.#hasMeasured ? value : 'nan');
    return [
      this.#sensor('energy', channel, told((body.energyWh(channel) / 1000).toFixed(3))),
      this.#sensor('power', channel, told(body.powerW(channel).toFixed(1))),
    ];
  }

  #sensor(what: string, channel: number, payload: string): Said {
    return { topic: this.#sensorTopic(what, channel), payload, isRetained: true };
  }

  #announcement(): Said {
    const announced = { ip: '192.0.2.7', name: this.#name, port: 6053, version: '2025.8.0', platform: 'ESP8266' };
    return { topic: `esphome/discover/${this.#name}`, payload: JSON.stringify(announced), isRetained: true };
  }

  #described(channel: number): readonly Said[] {
    const relay = this.#id('relay', channel);
    return [
      this.#config('switch', relay, {
        name: `Relay ${channel}`,
        stat_t: `${this.#name}/switch/${relay}/state`,
        cmd_t: this.#commandTopic(channel),
      }),
      this.#config('sensor', this.#id('power', channel), {
        ...{ dev_cla: 'power', unit_of_meas: 'W', stat_cla: 'measurement' },
        stat_t: this.#sensorTopic('power', channel),
      }),
      this.#config('sensor', this.#id('energy', channel), {
        ...{ dev_cla: 'energy', unit_of_meas: 'kWh', stat_cla: 'total_increasing' },
        stat_t: this.#sensorTopic('energy', channel),
      }),
    ];
  }

  #config(component: string, objectId: string, fields: object): Said {
    const payload = {
      ...fields,
      avty_t: `${this.#name}/status`,
      uniq_id: `${this.#name}_${objectId}`,
      dev: { ids: this.#name, name: this.#name, sw: 'esphome v2025.8.0', mdl: 'Simulated node', mf: 'Espressif' },
    };
    const topic = `homeassistant/${component}/${this.#name}/${objectId}/config`;
    return { topic, payload: JSON.stringify(payload), isRetained: true };
  }

  get #pingTopic(): string {
    return `esphome/ping/${this.#name}`;
  }

  #commandTopic(channel: number): string {
    return `${this.#name}/switch/${this.#id('relay', channel)}/command`;
  }

  #sensorTopic(what: string, channel: number): string {
    return `${this.#name}/sensor/${this.#id(what, channel)}/state`;
  }

  #id(what: string, channel: number): string {
    return this.#channels.length === 1 ? what : `${what}_${channel}`;
  }
}

/** Null: nothing it knows. */
function wantedBy(word: string, isOn: boolean): boolean | null {
  if (word === 'ON' || word === 'OFF') return word === 'ON';
  return word === 'TOGGLE' ? !isOn : null;
}
