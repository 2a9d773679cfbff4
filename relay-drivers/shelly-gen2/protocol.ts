import type { Outgoing, PlugProtocol, PlugWord } from '../plugs/protocol.ts';
import { shown } from '../plugs/words/found.ts';
import { at, field, type Json, type JsonObject, objectIn, parseObject, stringIn } from '../plugs/words/json.ts';
import { Presence } from '../plugs/words/presence.ts';
import { textIn } from '../plugs/words/text.ts';
import { Uptime } from '../plugs/words/uptime.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { rpc, SOURCE } from './rpc.ts';
import type { ShellyGen2Settings } from './settings.ts';
import { SwitchState } from './switch-state.ts';

/** Each full minute it tells its energy; power only when that changes, or when it is asked (wire-formats C3). */
const POWER_EVERY_MS = 60_000;

/** A Shelly of generation 2, 3 or 4 with relays (wire-formats C3). */
export function createShellyGen2(settings: ShellyGen2Settings): PlugProtocol {
  const { prefix, channels, power, timeout_ms: timeoutMs } = settings;
  const device = new ShellyGen2(settings);
  const ask = (id: number, method: string, params?: JsonObject) => rpc(prefix, id, method, params);
  return {
    channels,
    filters: ['online', 'status', 'status/+', 'events/rpc', `${SOURCE}/rpc`].map((name) => `${prefix}/${name}`),
    hear: (message) => device.hear(message),
    command: (channel, isOn, question) => ask(question, 'Switch.Set', { id: channel - 1, on: isOn }),
    numbersAnswers: true,
    queries: (question): readonly Outgoing[] => [
      // Its answer is numbered, and whole. `status_update` needs `enable_control`, but no leave to publish an answer.
      ask(question, 'Shelly.GetStatus'),
      { topic: `${prefix}/command`, payload: 'status_update' },
    ],
    powerEveryMs: power ? POWER_EVERY_MS : null,
    timeoutMs,
  };
}

class ShellyGen2 {
  readonly #prefix: string;
  readonly #presence = new Presence();
  readonly #uptime = new Uptime();
  readonly #switches: readonly SwitchState[];

  constructor({ prefix, channels, power }: ShellyGen2Settings) {
    this.#prefix = prefix;
    this.#switches = Array.from({ length: channels }, (_, index) => new SwitchState(index + 1, power));
  }

  hear({ topic, payload, isRetained }: MqttMessage): readonly PlugWord[] {
    const start = `${this.#prefix}/`;
    if (!topic.startsWith(start)) return [];
    const name = topic.slice(start.length);
    if (name === 'online') return this.#online(textIn(payload));
    // Nothing else is kept by the device's own doing: somebody else did.
    const said = isRetained ? null : parseObject(payload);
    const words = said ? this.#said(name, said) : [];
    return words.length > 0 ? [...this.#presence.spoke(), ...words] : [];
  }

  #said(name: string, said: JsonObject): PlugWord[] {
    if (name === 'status') return this.#whole(said);
    if (name.startsWith('status/')) return this.#whole({ [name.slice('status/'.length)]: said });
    if (name === 'events/rpc') return this.#notified(said);
    return name === `${SOURCE}/rpc` ? this.#answered(said) : [];
  }

  #online(text: string | null): PlugWord[] {
    if (text !== 'true' && text !== 'false') return [];
    if (text === 'false') this.#uptime.forget();
    return this.#presence.told(text === 'true');
  }

  /** Components as they are, with all that they have. Those that are absent were not told. */
  #whole(status: JsonObject): PlugWord[] {
    const restarted = this.#uptime.told(at(status, 'sys', 'uptime'));
    return [...restarted, ...this.#each(status, (state, told) => state.whole(told))];
  }

  #notified(said: JsonObject): PlugWord[] {
    const params = objectIn(field(said, 'params'));
    if (!params) return [];
    const method = field(said, 'method');
    if (method === 'NotifyFullStatus') return this.#whole(params);
    return method === 'NotifyStatus' ? this.#each(params, (state, told) => state.overlay(told)) : [];
  }

  /** An id that is no number is the finder's. */
  #answered(said: JsonObject): PlugWord[] {
    const question = field(said, 'id');
    if (typeof question !== 'number' || !Number.isSafeInteger(question)) return [];
    const error = field(said, 'error');
    if (error !== undefined) return [{ kind: 'answer', question, isOk: false, detail: detailOf(error) }];
    const result = field(said, 'result');
    if (result === undefined) return [];
    const told = this.#whole(objectIn(result) ?? {});
    return [...told, { kind: 'answer', question, isOk: true, detail: null }];
  }

  #each(status: JsonObject, tell: (state: SwitchState, told: JsonObject) => PlugWord[]): PlugWord[] {
    return this.#switches.flatMap((state) => {
      const told = objectIn(field(status, `switch:${state.channel - 1}`));
      return told ? tell(state, told) : [];
    });
  }
}

function detailOf(error: Json): string {
  const code = field(error, 'code');
  const message = shown(stringIn(field(error, 'message')), 120) ?? 'it gave no reason';
  return typeof code === 'number' ? `${code}: ${message}` : message;
}
