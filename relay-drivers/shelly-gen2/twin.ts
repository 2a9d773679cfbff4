import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';

/** It looks at its meters so often, and tells power where it changed. */
const REPORT_EVERY_MS = 2000;

interface Request {
  readonly id: unknown;
  readonly src: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a method answers: a result, or an error. */
type Answer = { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

/**
 * A simulated Shelly of generation 2 to 4, as it is bought: `rpc_ntf` on, `status_ntf` off. So only `online` is retained,
 * its states come as overlays of what changed, and a fresh one says nothing of its relays before it is asked.
 */
export const shellyGen2Twin: PlugFlavour = (name) => new Gen2Firmware(name);

class Gen2Firmware implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = REPORT_EVERY_MS;
  readonly #name: string;
  /** Who switched last, by channel. */
  readonly #sources = new Map<number, string>();
  /** What was told of power, by channel. */
  readonly #toldW = new Map<number, number>();
  #isCommanded = false;
  #minute = 0;

  constructor(name: string) {
    this.#name = name;
    this.will = { topic: `${name}/online`, payload: 'false', isRetained: true, qos: 1 };
    this.filters = ['shellies/command', `${name}/rpc`, `${name}/command`, `${name}/command/+`];
  }

  connected({ unixS }: PlugBody): readonly Said[] {
    return [
      this.#notify(unixS, { mqtt: { connected: true } }),
      { topic: `${this.#name}/online`, payload: 'true', isRetained: true, qos: 1 },
    ];
  }

  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    if (topic === `${this.#name}/rpc`) return this.#rpc(payload, body);
    if (topic.startsWith(`${this.#name}/command/`)) return this.#control(topic, payload, body);
    if (payload === 'announce') return this.#announce(body);
    return payload === 'status_update' ? this.#status(body) : [];
  }

  /** Who switched it, and no word of power: that comes with the next look at the meter. */
  changed(channel: number, body: PlugBody): readonly Said[] {
    const source = this.#isCommanded ? 'MQTT' : 'button';
    this.#sources.set(channel, source);
    const id = channel - 1;
    return [this.#notify(body.unixS, { [`switch:${id}`]: { id, output: body.isOn(channel), source } })];
  }

  report(body: PlugBody): readonly Said[] {
    const minute = Math.floor(body.unixS / 60);
    const isFullMinute = minute !== this.#minute;
    this.#minute = minute;
    return channelsOf(body).flatMap((channel) => [
      ...this.#powerChange(channel, body),
      ...(isFullMinute ? [this.#overlay(channel, body, { aenergy: aenergyOf(channel, body) })] : []),
    ]);
  }

  #powerChange(channel: number, body: PlugBody): Said[] {
    const apower = body.powerW(channel);
    if (this.#toldW.get(channel) === apower) return [];
    this.#toldW.set(channel, apower);
    return [this.#overlay(channel, body, { apower, current: apower / body.voltageV })];
  }

  #overlay(channel: number, { unixS }: PlugBody, changed: object): Said {
    const id = channel - 1;
    return this.#notify(unixS, { [`switch:${id}`]: { id, ...changed } });
  }

  #notify(unixS: number, changed: object): Said {
    const dst = `${this.#name}/events`;
    const params = { ts: unixS, ...changed };
    const payload = JSON.stringify({ src: this.#name, dst, method: 'NotifyStatus', params });
    return { topic: `${dst}/rpc`, payload };
  }

  #rpc(payload: string, body: PlugBody): readonly Said[] {
    const request = requestIn(payload);
    if (!request) return [];
    const { id, src } = request;
    const answer = { id, src: this.#name, dst: src, ...this.#call(request, body) };
    return [{ topic: `${src}/rpc`, payload: JSON.stringify(answer) }];
  }

  #call({ method, params }: Request, body: PlugBody): Answer {
    const channel = Number(params.id) + 1;
    const isChannel = channelsOf(body).includes(channel);
    if (method === 'Shelly.GetDeviceInfo') return { result: this.#deviceInfo(body) };
    if (method === 'Shelly.GetStatus') return { result: this.#wholeStatus(body) };
    if (method !== 'Switch.Set' && method !== 'Switch.GetStatus') {
      return { error: { code: 404, message: `No handler for ${method}` } };
    }
    if (!isChannel) return { error: { code: -105, message: `Argument 'id', value ${params.id} not found!` } };
    if (method === 'Switch.GetStatus') return { result: this.#switchStatus(channel, body) };
    if (typeof params.on !== 'boolean') return { error: { code: -103, message: "Missing required argument 'on'!" } };
    return { result: { was_on: this.#command(channel, params.on, body) } };
  }

  #control(topic: string, payload: string, body: PlugBody): readonly Said[] {
    const channel = channelsOf(body).find((one) => topic === `${this.#name}/command/switch:${one - 1}`);
    if (channel === undefined || !['on', 'off', 'toggle'].includes(payload)) return [];
    this.#command(channel, payload === 'toggle' ? !body.isOn(channel) : payload === 'on', body);
    return [];
  }

  #command(channel: number, isOn: boolean, body: PlugBody): boolean {
    const wasOn = body.isOn(channel);
    this.#isCommanded = true;
    body.set(channel, isOn);
    this.#isCommanded = false;
    return wasOn;
  }

  #announce(body: PlugBody): readonly Said[] {
    const payload = JSON.stringify(this.#deviceInfo(body));
    return ['shellies/announce', `${this.#name}/announce`].map((topic) => ({ topic, payload }));
  }

  /** The whole, and then each part of it once more. */
  #status(body: PlugBody): readonly Said[] {
    const status = this.#wholeStatus(body);
    const topic = `${this.#name}/status`;
    const parts = Object.entries(status).map(([part, said]) => ({
      topic: `${topic}/${part}`,
      payload: JSON.stringify(said),
    }));
    return [{ topic, payload: JSON.stringify(status) }, ...parts];
  }

  #wholeStatus(body: PlugBody): Record<string, unknown> {
    const switches = channelsOf(body).map((channel) => [`switch:${channel - 1}`, this.#switchStatus(channel, body)]);
    return {
      ble: {},
      'input:0': { id: 0, state: null },
      mqtt: { connected: true },
      ...Object.fromEntries(switches),
      sys: { mac: macOf(this.#name), restart_required: false, unixtime: Math.floor(body.unixS), uptime: body.uptimeS },
    };
  }

  #switchStatus(channel: number, body: PlugBody): unknown {
    const apower = body.powerW(channel);
    return {
      id: channel - 1,
      source: this.#sources.get(channel) ?? 'init',
      output: body.isOn(channel),
      apower,
      voltage: body.voltageV,
      current: apower / body.voltageV,
      aenergy: aenergyOf(channel, body),
      temperature: { tC: 39.2, tF: 102.5 },
    };
  }

  #deviceInfo({ channels }: PlugBody): unknown {
    return {
      name: null,
      id: this.#name,
      mac: macOf(this.#name),
      model: channels === 1 ? 'SNSW-001P16EU' : 'SPSW-104PE16EU',
      gen: 2,
      ver: '1.4.4',
      app: channels === 1 ? 'Plus1PM' : 'Pro4PM',
      auth_en: false,
    };
  }
}

function channelsOf({ channels }: PlugBody): number[] {
  return Array.from({ length: channels }, (_, index) => index + 1);
}

function aenergyOf(channel: number, body: PlugBody): object {
  const total = Number(body.energyWh(channel).toFixed(3));
  return { total, by_minute: [0, 0, 0], minute_ts: Math.floor(body.unixS / 60) * 60 };
}

function requestIn(payload: string): Request | null {
  try {
    const said: unknown = JSON.parse(payload);
    if (typeof said !== 'object' || said === null) return null;
    const { id, src, method, params } = said as Partial<Record<string, unknown>>;
    if (typeof src !== 'string' || /[+#\0]/.test(src) || typeof method !== 'string') return null;
    const given = typeof params === 'object' && params !== null ? { ...params } : {};
    return { id, src, method, params: given };
  } catch {
    return null;
  }
}

/** Twelve hexadecimal digits that are always the same for a name. */
function macOf(name: string): string {
  const hash = [...name].reduce((sum, letter) => (sum * 131 + letter.charCodeAt(0)) % 2 ** 45, 1);
  return hash.toString(16).padStart(12, '0').toUpperCase();
}
