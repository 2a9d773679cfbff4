import { expect, it } from 'vitest';
import { DEMO_HOME } from '../../daemon/cli/demo-home.ts';
import { DEMO_PLUG_HOME, DEMO_PLUG_NAMES, DEMO_PLUG_WORDS, DEMO_PLUGS_LEFT } from '../../daemon/cli/demo-plugs.ts';
import { isReservedName } from '../../daemon/core/mqtt-names.ts';
import { PLUG_DRIVERS } from '../../relay-drivers/plug-registry.ts';
import type { FoundPlug, PlugFinder, Sighting } from '../../relay-drivers/plugs/protocol.ts';
import { PLUG_FAMILIES, type PlugFamilyName } from '../../relay-drivers/simulator/plug-flavours.ts';
import type { PlugBody, Said } from '../../relay-drivers/simulator/plug-twin.ts';

/** The plugs of the words: `--plug family:name:channels:watts`. */
const TWINS = DEMO_PLUG_WORDS.filter((word) => word.includes(':')).map((word) => {
  const [family = '', name = '', channels] = word.split(':');
  return { family: family as PlugFamilyName, name, channels: Number(channels) };
});

function body(channels: number): PlugBody {
  const idle = { powerW: () => 0, energyWh: () => 0, isOn: () => false, set: () => undefined };
  return { ...idle, channels, voltageV: 230, uptimeS: 1, unixS: 1 };
}

/** What a finder knows of a twin in the end: it hears what the twin says, and asks until it needs to know no more. */
function found({ family, name, channels }: (typeof TWINS)[number], finder: PlugFinder): FoundPlug | undefined {
  const firmware = PLUG_FAMILIES[family].twin(name, channels);
  const known = new Map<string, FoundPlug>();
  const answers = (sightings: readonly Sighting[]): readonly Said[] =>
    sightings.flatMap((one) => {
      if (one.kind === 'found') known.set(one.plug.id, one.plug);
      return one.kind === 'ask' ? firmware.received(one.outgoing.topic, one.outgoing.payload, body(channels)) : [];
    });
  let said = firmware.connected(body(channels));
  for (const call of finder.calls) said = [...said, ...firmware.received(call.topic, call.payload, body(channels))];
  for (let round = 0; round < 5 && said.length > 0; round += 1)
    said = said.flatMap(({ topic, payload, isRetained = false }) =>
      answers(finder.hear({ topic, payload: new TextEncoder().encode(payload), isRetained })),
    );
  return [...known.values()].at(-1);
}

it.each(TWINS)('the demo adopted $family $name as it is found', (twin) => {
  const finder = PLUG_DRIVERS.get(twin.family)?.finder?.();
  if (!finder) throw new Error(`${twin.family} finds nothing`);
  const plug = found(twin, finder);
  expect(plug).toBeDefined();
  expect(plug?.channels).toHaveLength(twin.channels);
  const devices = DEMO_PLUG_HOME.flatMap(({ device }) => (device && device.id === plug?.id ? [device] : []));
  if (DEMO_PLUGS_LEFT.includes(twin.name)) return expect(devices).toEqual([]);
  expect(devices).toHaveLength(twin.channels);
  for (const device of devices)
    expect(device).toEqual({
      id: plug?.id,
      driver: plug?.driver,
      channels: twin.channels,
      isSimulated: true,
      settings: plug?.settings,
    });
});

it('the demo has a plug of five families, one that is left, and no id twice', () => {
  expect(new Set(TWINS.map(({ family }) => family)).size).toBe(5);
  expect(DEMO_PLUGS_LEFT).toEqual(['fan-heater']);
  expect(DEMO_PLUG_NAMES.filter(isReservedName)).toEqual([]);
  const ids = [...DEMO_HOME.map(({ id }) => id), ...DEMO_PLUG_HOME.map(({ settings }) => settings.id)];
  expect(new Set(ids).size).toBe(ids.length);
  const channels = DEMO_PLUG_HOME.map(({ settings: { relay } }) => `${relay?.bus}/${relay?.channel}`);
  expect(new Set(channels).size).toBe(DEMO_PLUG_HOME.length);
});
