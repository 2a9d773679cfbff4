import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';

const UPDATE_PERIOD_MS = 30_000;
const MODELS: Readonly<Record<number, string>> = { 1: 'SHSW-PM', 2: 'SHSW-25' };

/**
 * A simulated Shelly of the first generation, prefix `shellies/<name>`, with its option `retain` on: the broker keeps all
 * that it said. Its energy counts watt-minutes from 0 after each start.
 */
export const shellyGen1Twin: PlugFlavour = (name, channels) => new Gen1Firmware(name, channels, true);

/** With `retain` off: who comes later hears neither that it is there nor that it went. */
export const shellyGen1UnretainedTwin: PlugFlavour = (name, channels) => new Gen1Firmware(name, channels, false);

class Gen1Firmware implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = UPDATE_PERIOD_MS;
  readonly #prefix: string;
  readonly #name: string;
  readonly #model: string;
  readonly #isRetained: boolean;
  /** What its counters held when it started: theirs are gone with the power, those of the body are not. */
  #startWh: readonly number[] | null = null;

  constructor(name: string, channels: number, isRetained: boolean) {
    this.#name = name;
    this.#isRetained = isRetained;
    this.#prefix = `shellies/${name}`;
    this.#model = MODELS[channels] ?? 'SHSW-44';
    this.will = this.#say('online', 'false');
    this.filters = ['shellies/command', `${this.#prefix}/command`, `${this.#prefix}/relay/+/command`];
  }

  connected(body: PlugBody): readonly Said[] {
    this.#startWh ??= channelsOf(body).map((channel) => body.energyWh(channel));
    return [this.#say('online', 'true'), ...this.#announce(body), ...this.#update(body)];
  }

  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    if (topic === 'shellies/command' || topic === `${this.#prefix}/command`) {
      if (payload === 'announce') return this.#announce(body);
      return payload === 'update' ? this.#update(body) : [];
    }
    const [, digit] = /\/relay\/(\d)\/command$/.exec(topic) ?? [];
    return digit === undefined ? [] : this.#switch(Number(digit) + 1, payload, body);
  }

  changed(channel: number, body: PlugBody): readonly Said[] {
    return this.#relay(channel, body);
  }

  report(body: PlugBody): readonly Said[] {
    return this.#update(body);
  }

  /** It tells the relay after each command, also where that changed nothing. */
  #switch(channel: number, payload: string, body: PlugBody): readonly Said[] {
    if (channel > body.channels || !['on', 'off', 'toggle'].includes(payload)) return [];
    const wasOn = body.isOn(channel);
    body.set(channel, payload === 'toggle' ? !wasOn : payload === 'on');
    return body.isOn(channel) === wasOn ? this.#relay(channel, body) : [];
  }

  #announce(body: PlugBody): Said[] {
    const said = JSON.stringify({
      id: this.#name,
      model: this.#model,
      mac: macOf(this.#name),
      ip: '192.0.2.93',
      new_fw: false,
      fw_ver: '20220809-123240/v1.12-g99f7e0b',
    });
    const shared = { topic: 'shellies/announce', payload: said, isRetained: false };
    return [shared, this.#say('announce', said), this.#say('info', JSON.stringify(this.#status(body)))];
  }

  #update(body: PlugBody): Said[] {
    return channelsOf(body).flatMap((channel) => this.#relay(channel, body));
  }

  #relay(channel: number, body: PlugBody): Said[] {
    const topic = `relay/${channel - 1}`;
    return [
      this.#say(topic, body.isOn(channel) ? 'on' : 'off'),
      this.#say(`${topic}/power`, body.powerW(channel).toFixed(2)),
      this.#say(`${topic}/energy`, String(Math.floor(this.#wattMinutes(channel, body)))),
    ];
  }

  #status(body: PlugBody): unknown {
    const channels = channelsOf(body);
    return {
      mqtt: { connected: true },
      mac: macOf(this.#name),
      relays: channels.map((channel) => ({ ison: body.isOn(channel), overpower: false, source: 'mqtt' })),
      meters: channels.map((channel) => ({
        power: body.powerW(channel),
        is_valid: true,
        total: Math.floor(this.#wattMinutes(channel, body)),
      })),
      uptime: body.uptimeS,
    };
  }

  #wattMinutes(channel: number, body: PlugBody): number {
    return (body.energyWh(channel) - (this.#startWh?.[channel - 1] ?? 0)) * 60;
  }

  #say(name: string, payload: string): Said {
    return { topic: `${this.#prefix}/${name}`, payload, isRetained: this.#isRetained };
  }
}

function channelsOf({ channels }: PlugBody): number[] {
  return Array.from({ length: channels }, (_, index) => index + 1);
}

/** Twelve hexadecimal digits that are always the same for a name. */
function macOf(name: string): string {
  const hash = [...name].reduce((sum, letter) => (sum * 131 + letter.charCodeAt(0)) % 2 ** 45, 1);
  return hash.toString(16).padStart(12, '0').toUpperCase();
}
