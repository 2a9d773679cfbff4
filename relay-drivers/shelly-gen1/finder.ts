import type { FoundPlug, PlugFinder, Sighting } from '../plugs/protocol.ts';
import { offered, shown } from '../plugs/words/found.ts';
import { field, type JsonObject, listIn, parseObject, stringIn } from '../plugs/words/json.ts';
import { Recent } from '../plugs/words/recent.ts';
import type { MqttMessage } from '../transport/mqtt.ts';
import { GEN1_MODELS } from './models.ts';
import { shellyGen1Settings } from './settings.ts';

const MAX_DEVICES = 256;
/** More relays than any of them has: a message that says so is none of theirs. */
const MAX_RELAYS = 8;

/** What it announced, and how many relays its status listed since. */
interface Announced {
  readonly id: string;
  readonly model: string;
  readonly mac: string;
  readonly isRoller: boolean;
  readonly relays: number | null;
}

/** They announce themselves when they connect and when they are asked; the prefix may have one level more (`shellies/shellies/..`). */
export function shellyGen1Finder(): PlugFinder {
  const devices = new Recent<Announced>(MAX_DEVICES);
  return {
    filters: [
      'shellies/announce',
      ...['announce', 'info'].flatMap((end) => [`shellies/+/${end}`, `shellies/+/+/${end}`]),
    ],
    calls: [{ topic: 'shellies/command', payload: 'announce' }],
    hear: (message) => hear(devices, message),
  };
}

function hear(devices: Recent<Announced>, { topic, payload }: MqttMessage): Sighting[] {
  const [, prefix = '', end = ''] = /^(shellies(?:\/.+)?)\/(announce|info)$/.exec(topic) ?? [];
  const said = parseObject(payload);
  if (!said) return [];
  return end === 'announce' ? hearAnnounced(devices, prefix, said) : hearStatus(devices, prefix, said);
}

function hearAnnounced(devices: Recent<Announced>, from: string, said: JsonObject): Sighting[] {
  const announced = announcedIn(said);
  if (!announced) return [];
  const prefix = `shellies/${announced.id}`;
  // Its own topic, or the one that all of them share.
  if (from !== prefix && from !== 'shellies') return [];
  const relays = devices.get(prefix)?.relays ?? null;
  devices.set(prefix, { ...announced, relays });
  return sightings(prefix, { ...announced, relays });
}

/** The second generation can be told to announce itself here, too: it says `gen`. */
function announcedIn(said: JsonObject): Announced | null {
  const [id, model, mac] = ['id', 'model', 'mac'].map((name) => stringIn(field(said, name)));
  if (!id || !model || !mac || !/^[0-9a-f]{12}$/i.test(mac) || field(said, 'gen') !== undefined) return null;
  return { id, model, mac: mac.toLowerCase(), isRoller: field(said, 'mode') === 'roller', relays: null };
}

/** A status alone does not tell the model, and without it nobody knows what its `meters` are worth. */
function hearStatus(devices: Recent<Announced>, prefix: string, said: JsonObject): Sighting[] {
  const announced = devices.get(prefix);
  const relays = listIn(field(said, 'relays'))?.length ?? 0;
  if (!announced || stringIn(field(said, 'mac'))?.toLowerCase() !== announced.mac || relays > MAX_RELAYS) return [];
  devices.set(prefix, { ...announced, relays });
  return sightings(prefix, { ...announced, relays });
}

function sightings(prefix: string, announced: Announced): Sighting[] {
  const id = `shelly-gen1-${announced.mac}`;
  const relays = announced.relays ?? GEN1_MODELS.get(announced.model)?.relays ?? null;
  // A make that is not known: its status lists its relays.
  if (relays === null) return [{ kind: 'ask', outgoing: { topic: `${prefix}/command`, payload: 'update' } }];
  if (relays === 0 || announced.isRoller) return [{ kind: 'gone', id }];
  return offered(shellyGen1Settings, plugOf(id, prefix, relays, announced));
}

function plugOf(id: string, prefix: string, relays: number, { id: name, model }: Announced): FoundPlug {
  const power = GEN1_MODELS.get(model)?.isMetered ?? false;
  return {
    id,
    driver: 'shelly-gen1',
    name: shown(name) ?? id,
    model: shown(model),
    channels: Array.from({ length: relays }, () => ({ name: null })),
    measuresPower: power,
    settings: { prefix, channels: relays, power },
  };
}
