import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../simulator/plug-twin.ts';

/**
 * A plug with Tasmota (wire-formats C1): `POWER` for one relay and `POWER1`.. for several, each change told twice, ENERGY
 * with numbers or with arrays, an empty POWER as a question, telemetry every 300 s only.
 */
export const tasmotaTwin: PlugFlavour = (name, channels) => new TasmotaFirmware(name, channels);

const TELE_PERIOD_MS = 300_000;
const EVERY = 0;

class TasmotaFirmware implements PlugFirmware {
  readonly will: Said;
  readonly filters: readonly string[];
  readonly reportEveryMs = TELE_PERIOD_MS;
  readonly #name: string;
  readonly #channels: number;
  /** INFO is told at the first connection after a start. */
  #hasToldInfo = false;

  constructor(name: string, channels: number) {
    this.#name = name;
    this.#channels = channels;
    this.will = { topic: `tele/${name}/LWT`, payload: 'Offline', isRetained: true };
    this.filters = [`cmnd/${name}/#`];
  }

  connected(body: PlugBody): readonly Said[] {
    return [
      { topic: `tele/${this.#name}/LWT`, payload: 'Online', isRetained: true },
      // The firmware asks itself at each connection, and wipes out a command that somebody retained.
      { topic: `cmnd/${this.#name}/POWER`, payload: '' },
      ...this.#info(),
      ...this.#every((channel) => this.#power(channel, body)),
      ...this.#discovery(body),
    ];
  }

  received(topic: string, payload: string, body: PlugBody): readonly Said[] {
    const command = topic.slice(topic.lastIndexOf('/') + 1).toUpperCase();
    const [isPower, digits] = /^POWER(\d{0,2})$/.exec(command) ?? [];
    if (isPower !== undefined) return this.#switch(digits ? Number(digits) : 1, payload.toUpperCase(), body);
    if (command === 'STATE') return [this.#say('stat', 'RESULT', this.#state(body))];
    return command === 'STATUS' ? this.#status(payload, body) : [this.#say('stat', 'RESULT', { Command: 'Unknown' })];
  }

  changed(channel: number, body: PlugBody): readonly Said[] {
    return this.#power(channel, body);
  }

  report(body: PlugBody): readonly Said[] {
    return [this.#say('tele', 'STATE', this.#state(body)), this.#say('tele', 'SENSOR', this.#sensor(body))];
  }

  #switch(channel: number, word: string, body: PlugBody): readonly Said[] {
    const asked = channel === EVERY ? this.#every((each) => [each]) : [channel];
    // `changed` tells of what did change; the others are told to whoever asked.
    return asked.filter((each) => each <= this.#channels).flatMap((each) => this.#carryOut(each, word, body));
  }

  #carryOut(channel: number, word: string, body: PlugBody): readonly Said[] {
    const was = body.isOn(channel);
    const wanted = wantedBy(word, was);
    if (wanted !== null) body.set(channel, wanted);
    return body.isOn(channel) === was ? this.#power(channel, body) : [];
  }

  #power(channel: number, body: PlugBody): readonly Said[] {
    const key = this.#key(channel);
    const word = body.isOn(channel) ? 'ON' : 'OFF';
    return [this.#say('stat', 'RESULT', { [key]: word }), { topic: `stat/${this.#name}/${key}`, payload: word }];
  }

  #status(payload: string, body: PlugBody): readonly Said[] {
    if (payload === '8' || payload === '10')
      return [this.#say('stat', `STATUS${payload}`, { StatusSNS: this.#sensor(body) })];
    if (payload === '11') return [this.#say('stat', 'STATUS11', { StatusSTS: this.#state(body) })];
    return [];
  }

  #state(body: PlugBody): object {
    const states = this.#every((channel) => [[this.#key(channel), body.isOn(channel) ? 'ON' : 'OFF'] as const]);
    return {
      Time: stamp(body.unixS),
      Uptime: uptime(body.uptimeS),
      UptimeSec: Math.floor(body.uptimeS),
      Heap: 25,
      ...Object.fromEntries(states),
      Wifi: { AP: 1, SSId: 'ssid', RSSI: 100 },
    };
  }

  #sensor(body: PlugBody): object {
    const each = (value: (channel: number) => number) => {
      const values = this.#every((channel) => [value(channel)]);
      return values.length === 1 ? values[0] : values;
    };
    return {
      Time: stamp(body.unixS),
      ENERGY: {
        TotalStartTime: '2024-01-01T00:00:00',
        Total: each((channel) => rounded(body.energyWh(channel) / 1000, 3)),
        Period: each(() => 0),
        Power: each((channel) => rounded(body.powerW(channel), 1)),
        Factor: each((channel) => (body.powerW(channel) > 0 ? 0.99 : 0)),
        Voltage: rounded(body.voltageV, 0),
        Current: each((channel) => rounded(body.powerW(channel) / body.voltageV, 3)),
      },
    };
  }

  #info(): readonly Said[] {
    if (this.#hasToldInfo) return [];
    this.#hasToldInfo = true;
    return [
      this.#say('tele', 'INFO1', { Info1: { Module: 'Generic', Version: '14.4.1(tasmota)', GroupTopic: 'tasmotas' } }),
      this.#say('tele', 'INFO2', { Info2: { WebServerMode: 'Admin', Hostname: this.#name } }),
      this.#say('tele', 'INFO3', { Info3: { RestartReason: 'Power On', BootCount: 1 } }),
    ];
  }

  #discovery(body: PlugBody): readonly Said[] {
    const mac = macOf(this.#name);
    const said = (what: string, value: object): Said => ({
      topic: `tasmota/discovery/${mac}/${what}`,
      payload: JSON.stringify(value),
      isRetained: true,
    });
    return [
      said('config', configOf(this.#name, mac, this.#channels)),
      said('sensors', { sn: this.#sensor(body), ver: 1 }),
    ];
  }

  #key(channel: number): string {
    return this.#channels === 1 ? 'POWER' : `POWER${channel}`;
  }

  #every<T>(tell: (channel: number) => readonly T[]): T[] {
    return Array.from({ length: this.#channels }, (_, index) => index + 1).flatMap(tell);
  }

  #say(prefix: 'stat' | 'tele', what: string, value: object): Said {
    return { topic: `${prefix}/${this.#name}/${what}`, payload: JSON.stringify(value) };
  }
}

function configOf(name: string, mac: string, channels: number): object {
  const relays = Array.from({ length: Math.max(8, channels) }, (_, index) => index < channels);
  return {
    dn: name,
    fn: relays.map((isThere, index) => (isThere ? `${name} ${index + 1}` : null)),
    hn: name,
    if: 0,
    mac,
    md: 'Simulated plug',
    ...{ ofln: 'Offline', onln: 'Online', state: ['OFF', 'ON', 'TOGGLE', 'HOLD'] },
    ...{ t: name, ft: '%prefix%/%topic%/', tp: ['cmnd', 'stat', 'tele'] },
    rl: relays.map(Number),
    so: { '4': 0, '30': 0 },
    sw: '14.4.1',
    ver: 1,
  };
}

/** Null: a question, or nothing it knows. */
function wantedBy(word: string, isOn: boolean): boolean | null {
  if (['ON', '1', 'TRUE'].includes(word)) return true;
  if (['OFF', '0', 'FALSE'].includes(word)) return false;
  return ['TOGGLE', '2'].includes(word) ? !isOn : null;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function stamp(unixS: number): string {
  return new Date(unixS * 1000).toISOString().slice(0, 19);
}

function uptime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 86_400)}T${two(Math.floor(whole / 3600) % 24)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Each name has its own, and always the same. */
function macOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `02005E${hash.toString(16).toUpperCase().padStart(8, '0').slice(0, 6)}`;
}
