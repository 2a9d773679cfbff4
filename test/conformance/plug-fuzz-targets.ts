import { PLUG_DRIVERS } from '../../relay-drivers/plug-registry.ts';
import type { FoundPlug, PlugWord, Sighting } from '../../relay-drivers/plugs/protocol.ts';
import type { PlugBody, Said } from '../../relay-drivers/simulator/plug-twin.ts';
import type { FuzzTarget } from './fuzz-targets.ts';
import { NAME } from './plug-world.ts';
import { PLUGS, type PlugEntry, plugSubject } from './plugs.ts';

/** Everything that a device of this entry says: at its birth, to orders and questions, by itself. */
function saidBy({ twin, channels, ...entry }: PlugEntry): readonly Said[] {
  const states = new Array<boolean>(channels).fill(true);
  const body: PlugBody = {
    channels,
    isOn: (channel) => states[channel - 1] === true,
    set: (channel, isOn) => {
      states[channel - 1] = isOn;
    },
    powerW: (channel) => (states[channel - 1] ? 123.4 : 0),
    energyWh: () => 5678.9,
    voltageV: 230,
    uptimeS: 1000,
    unixS: 1_767_225_600,
  };
  const firmware = twin(NAME, channels);
  const protocol = plugSubject({ twin, channels, ...entry }).create();
  const finder = PLUG_DRIVERS.get(entry.family)?.finder?.();
  const told = [protocol.command(1, false, 7), ...protocol.queries(8), ...(finder?.calls ?? [])];
  return [
    firmware.will,
    ...firmware.connected(body),
    ...told.flatMap(({ topic, payload }) => firmware.received(topic, payload, body)),
    ...firmware.changed(1, body),
    ...firmware.report(body),
  ];
}

const bytesOf = ({ payload }: Said) => new TextEncoder().encode(payload);
const distinct = (texts: readonly string[]) => [...new Set(texts)];

/** Each of them in its turn, for whatever comes. */
function inTurn(topics: readonly string[]): () => { topic: string; isRetained: boolean } {
  let turn = 0;
  return () => {
    turn += 1;
    return { topic: topics[turn % topics.length] ?? '', isRetained: turn % 7 === 0 };
  };
}

function familyTarget(entry: PlugEntry): FuzzTarget {
  const said = saidBy(entry);
  const protocol = plugSubject(entry).create();
  const next = inTurn(distinct(said.map(({ topic }) => topic)));
  return {
    name: `${entry.family}, ${entry.channels} channels (one device for ever)`,
    goldens: said.map(bytesOf),
    take: (bytes) => {
      for (const word of protocol.hear({ ...next(), payload: bytes })) sound(word, entry.channels);
    },
  };
}

const MAX_TEXT_CHARS = 300;

function sound(word: PlugWord, channels: number): void {
  if ('channel' in word && word.channel !== null && !(word.channel >= 1 && word.channel <= channels))
    throw new Error(`a word of channel ${word.channel}`);
  if (
    (word.kind === 'relay' && typeof word.isOn !== 'boolean') ||
    (word.kind === 'presence' && typeof word.isOnline !== 'boolean')
  )
    throw new Error(`neither yes nor no: ${JSON.stringify(word)}`);
  if (word.kind === 'power') whole(word.reading);
  if (word.kind === 'answer' && !Number.isSafeInteger(word.question)) throw new Error(`answers ${word.question}`);
  const text = word.kind === 'answer' ? word.detail : word.kind === 'trouble' ? word.what : null;
  if ((text ?? '').length > MAX_TEXT_CHARS) throw new Error(`${text?.length} characters`);
}

/** Every number that is told is a safe integer. */
function whole(value: unknown): void {
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    throw new Error(`${value} is told as a reading`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(whole);
}

function finderTarget(entry: PlugEntry): FuzzTarget[] {
  const kind = PLUG_DRIVERS.get(entry.family);
  if (!kind?.finder) return [];
  const finder = kind.finder();
  const said = saidBy(entry);
  const next = inTurn(distinct(said.map(({ topic }) => topic)));
  const isEntry = (plug: FoundPlug) =>
    kind.settings.safeParse({ id: plug.id, driver: plug.driver, ...plug.settings }).success;
  return [
    {
      name: `${entry.family}, finding (for ever)`,
      goldens: said.map(bytesOf),
      take: (bytes) => {
        for (const sighting of finder.hear({ ...next(), payload: bytes })) sighted(sighting, entry.family, isEntry);
      },
    },
  ];
}

function sighted(sighting: Sighting, family: string, isEntry: (plug: FoundPlug) => boolean): void {
  if (sighting.kind === 'ask' && /[+#]|\/set$|POWER\d/.test(sighting.outgoing.topic))
    throw new Error(`asks on ${sighting.outgoing.topic}`);
  if (sighting.kind !== 'found') return;
  const { plug } = sighting;
  if (plug.driver !== family || !/^[a-z0-9][a-z0-9_-]{0,63}$/.test(plug.id)) throw new Error(`found ${plug.id}`);
  if (plug.channels.length === 0 || plug.name.length > MAX_TEXT_CHARS) throw new Error(`found ${JSON.stringify(plug)}`);
  if (!isEntry(plug)) throw new Error(`found what is no entry: ${JSON.stringify(plug.settings)}`);
}

const firsts = PLUGS.filter(({ family }, index) => PLUGS.findIndex((one) => one.family === family) === index);

export const PLUG_FUZZ_TARGETS: readonly FuzzTarget[] = [...PLUGS.map(familyTarget), ...firsts.flatMap(finderTarget)];
