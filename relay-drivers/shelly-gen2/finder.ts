import type { FoundPlug, PlugFinder, Sighting } from '../plugs/protocol.ts';
import { offered, shown } from '../plugs/words/found.ts';
import { at, field, type JsonObject, objectIn, parseObject, stringIn } from '../plugs/words/json.ts';
import { Recent } from '../plugs/words/recent.ts';
import { textIn } from '../plugs/words/text.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { rpc, SOURCE } from './rpc.ts';
import { shellyGen2Settings } from './settings.ts';

const MAX_DEVICES = 256;
/** A prefix that never answers is no device of this family: Gen1 has `online`, too. A birth begins anew. */
const MAX_ASKED = 3;

/** The driver asks by numbers, on the same topics; the finder by words, so that nobody takes the other's answer. */
const ASK_WHAT = 'find-what';
const ASK_STATUS = 'find-status';

interface Device {
  readonly asked: number;
  /** What `Shelly.GetDeviceInfo` told of it. */
  readonly info: Info | null;
}

interface Info {
  readonly id: string;
  readonly name: string;
  readonly model: string | null;
}

const ENDS = ['online', 'events/rpc', `${SOURCE}/rpc`];
const TOPIC = new RegExp(`^(.+?)/(${ENDS.join('|')})$`);

/** Their `online` is retained, and what they say names them; what they are, and how many relays they have, they are asked. */
export function shellyGen2Finder(): PlugFinder {
  const devices = new Recent<Device>(MAX_DEVICES);
  return {
    filters: ENDS.flatMap((end) => [`+/${end}`, `+/+/${end}`]),
    calls: [],
    hear: (message) => hear(devices, message),
  };
}

function hear(devices: Recent<Device>, { topic, payload, isRetained }: MqttMessage): Sighting[] {
  const [, prefix = '', end] = TOPIC.exec(topic) ?? [];
  if (end === 'online') return textIn(payload) === 'true' ? noticed(devices, prefix, !isRetained) : [];
  const said = parseObject(payload);
  if (!said || isRetained) return [];
  if (end !== 'events/rpc') return answered(devices, prefix, said);
  return /^Notify/.test(stringIn(field(said, 'method')) ?? '') ? noticed(devices, prefix, false) : [];
}

/** Asked once more after a birth: its profile may be another now. */
function noticed(devices: Recent<Device>, prefix: string, isBirth: boolean): Sighting[] {
  const known = devices.get(prefix);
  const asked = isBirth ? 0 : (known?.asked ?? 0);
  if ((!isBirth && known?.info) || asked >= MAX_ASKED) return [];
  devices.set(prefix, { info: known?.info ?? null, asked: asked + 1 });
  return [{ kind: 'ask', outgoing: rpc(prefix, ASK_WHAT, 'Shelly.GetDeviceInfo') }];
}

function answered(devices: Recent<Device>, prefix: string, said: JsonObject): Sighting[] {
  const device = devices.get(prefix);
  const result = objectIn(field(said, 'result'));
  if (!device || !result) return [];
  if (field(said, 'id') === ASK_STATUS) return device.info ? sightings(prefix, device.info, result) : [];
  const info = field(said, 'id') === ASK_WHAT ? infoIn(result) : null;
  if (!info) return [];
  devices.set(prefix, { ...device, info });
  return [{ kind: 'ask', outgoing: rpc(prefix, ASK_STATUS, 'Shelly.GetStatus') }];
}

function infoIn(result: JsonObject): Info | null {
  const [mac, id, name, model] = ['mac', 'id', 'name', 'model'].map((key) => stringIn(field(result, key)));
  const gen = field(result, 'gen');
  if (!mac || !/^[0-9a-f]{12}$/i.test(mac) || typeof gen !== 'number' || gen < 2) return null;
  const shelly = `shelly-${mac.toLowerCase()}`;
  return { id: shelly, name: shown(name ?? null) ?? shown(id ?? null) ?? shelly, model: shown(model ?? null) };
}

/** A `cover:N` moves a shutter with both relays: switching them one by one could close both. */
function sightings(prefix: string, info: Info, status: JsonObject): Sighting[] {
  const names = Object.keys(status);
  const switches = names.filter((name) => /^switch:\d+$/.test(name)).length;
  const isWhole = Array.from({ length: switches }, (_, index) => `switch:${index}`).every((name) =>
    names.includes(name),
  );
  if (names.some((name) => name.startsWith('cover:')) || switches === 0 || !isWhole) {
    return [{ kind: 'gone', id: info.id }];
  }
  return offered(shellyGen2Settings, plugOf(prefix, info, switches, status));
}

function plugOf(prefix: string, { id, name, model }: Info, channels: number, status: JsonObject): FoundPlug {
  const relays = Array.from({ length: channels }, (_, index) => `switch:${index}`);
  const power = relays.every((relay) => typeof at(status, relay, 'apower') === 'number');
  return {
    id,
    driver: 'shelly-gen2',
    name,
    model,
    channels: relays.map(() => ({ name: null })),
    measuresPower: power,
    settings: { prefix, channels, power },
  };
}
