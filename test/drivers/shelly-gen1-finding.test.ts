import { describe, expect, it } from 'vitest';
import { shellyGen1Finder } from '../../relay-drivers/shelly-gen1/finder.ts';
import { createShellyGen1 } from '../../relay-drivers/shelly-gen1/protocol.ts';
import { shellyGen1Settings } from '../../relay-drivers/shelly-gen1/settings.ts';
import { shellyGen1Twin, shellyGen1UnretainedTwin } from '../../relay-drivers/shelly-gen1/twin.ts';
import { capturedMessages, said } from './captured-mqtt.ts';
import { discover, FirmwareRig, wordsOf } from './firmware-rig.ts';
import { power, presence, relay } from './plug-words.ts';

const recording = capturedMessages('shelly-gen1-and-gen2.real');

const plug = (entry: object = {}) =>
  createShellyGen1(shellyGen1Settings.parse({ id: 'plug', driver: 'shelly-gen1', prefix: 'shellies/x', ...entry }));

describe('the recording (captures/shelly-gen1-and-gen2.real.jsonl)', () => {
  it('the finder offers both, the Shelly 1 without its meter that is always 0, and no device of the second generation', () => {
    const finder = shellyGen1Finder();
    const found = new Map<string, unknown>();
    for (const message of recording)
      for (const sighting of finder.hear(message))
        if (sighting.kind === 'found') found.set(sighting.plug.id, sighting.plug);
    expect([...found.values()]).toEqual([
      {
        id: 'shelly-gen1-8caab54b98df',
        driver: 'shelly-gen1',
        name: 'shelly1',
        model: 'SHSW-1',
        channels: [{ name: null }],
        measuresPower: false,
        settings: { prefix: 'shellies/shelly1', channels: 1, power: false },
      },
      {
        id: 'shelly-gen1-244cab4354e2',
        driver: 'shelly-gen1',
        name: 'shellies/shellyem3',
        model: 'SHEM-3',
        channels: [{ name: null }],
        measuresPower: false,
        settings: { prefix: 'shellies/shellies/shellyem3', channels: 1, power: false },
      },
    ]);
  });
});

describe('finding', () => {
  const announce = (more: object = {}) => ({ id: 'x', model: 'SHSW-25', mac: '8CAAB54B98DF', fw_ver: 'v1', ...more });
  const heard = (...said_: (readonly [string, object])[]) => {
    const finder = shellyGen1Finder();
    return said_.flatMap(([topic, payload]) => finder.hear(said(topic, payload)));
  };

  it('asks all of them to announce themselves', () => {
    expect(shellyGen1Finder().calls).toEqual([{ topic: 'shellies/command', payload: 'announce' }]);
  });

  it('a Shelly 2.5 has two relays with a meter each; as a roller shutter it is gone', () => {
    expect(heard(['shellies/announce', announce()])).toMatchObject([
      { kind: 'found', plug: { settings: { prefix: 'shellies/x', channels: 2, power: true } } },
    ]);
    expect(heard(['shellies/x/announce', announce({ mode: 'roller' })])).toEqual([
      { kind: 'gone', id: 'shelly-gen1-8caab54b98df' },
    ]);
  });

  it('a make that is not known is asked, and its status counts its relays', () => {
    const unknown = announce({ model: 'SHNEW-3' });
    expect(heard(['shellies/x/announce', unknown])).toEqual([
      { kind: 'ask', outgoing: { topic: 'shellies/x/command', payload: 'update' } },
    ]);
    const status = { mac: '8CAAB54B98DF', relays: [{}, {}, {}] };
    expect(heard(['shellies/x/announce', unknown], ['shellies/x/info', status])[1]).toMatchObject({
      plug: { channels: [{}, {}, {}], measuresPower: false, settings: { channels: 3, power: false } },
    });
    const lamp = { mac: '8CAAB54B98DF', lights: [{}] };
    expect(heard(['shellies/x/announce', unknown], ['shellies/x/info', lamp])[1]).toMatchObject({ kind: 'gone' });
  });

  it.each([
    ['the second generation', 'shellies/announce', announce({ gen: 2 })],
    ['the topic of another', 'shellies/y/announce', announce()],
    ['no address', 'shellies/announce', announce({ mac: 'x' })],
    ['a prefix with a wildcard', 'shellies/announce', announce({ id: '+' })],
    ['a status before its announcement', 'shellies/x/info', { mac: '8CAAB54B98DF', relays: [{}] }],
  ])('not offered: %s', (_, topic, payload) => {
    expect(heard([topic, payload])).toEqual([]);
  });

  it('a renamed one keeps its id', () => {
    const ids = heard(['shellies/announce', announce()], ['shellies/announce', announce({ id: 'boiler' })]).map(
      (sighting) => (sighting.kind === 'found' ? [sighting.plug.id, sighting.plug.settings.prefix] : []),
    );
    expect(ids).toEqual([
      ['shelly-gen1-8caab54b98df', 'shellies/x'],
      ['shelly-gen1-8caab54b98df', 'shellies/boiler'],
    ]);
  });
});

describe('the simulated one', () => {
  const rig = new FirmwareRig(shellyGen1Twin, 'twin', 2);
  const settings = { prefix: 'shellies/twin', channels: 2, power: true };
  const device = plug(settings);

  it('is found with the settings that it has', () => {
    expect(discover(shellyGen1Finder(), new FirmwareRig(shellyGen1Twin, 'twin', 2)).at(-1)).toMatchObject({
      kind: 'found',
      plug: { settings },
    });
    // Its status tells how many relays it has, whatever its model usually has.
    expect(discover(shellyGen1Finder(), new FirmwareRig(shellyGen1Twin, 'twin', 3)).at(-1)).toMatchObject({
      plug: { settings: { channels: 3 } },
    });
  });

  it('keeps all that it says, or nothing of it', () => {
    const keeps = (flavour: typeof shellyGen1Twin) => {
      const made = new FirmwareRig(flavour, 'twin', 1);
      const own = made.connected().filter(({ topic }) => topic !== 'shellies/announce');
      return [made.firmware.will, ...own].map(({ isRetained }) => isRetained);
    };
    expect(new Set(keeps(shellyGen1Twin))).toEqual(new Set([true]));
    expect(new Set(keeps(shellyGen1UnretainedTwin))).toEqual(new Set([false]));
    const { will } = rig.firmware;
    expect(device.hear(said(will.topic, will.payload))).toEqual([presence(false)]);
  });

  it('obeys, is asked, and is seen when somebody presses its button', () => {
    wordsOf(device, rig.connected());
    rig.drawsW[1] = 60;
    expect(wordsOf(device, rig.tell(device.command(2, true, 1)))).toContainEqual(relay(2, true));
    expect(rig.on).toEqual([false, true]);
    expect(wordsOf(device, rig.tell(device.command(2, true, 1)))).toContainEqual(relay(2, true));
    const asked = wordsOf(device, rig.tell(...device.queries(1)));
    expect(asked).toEqual([
      relay(1, false),
      power(1, 0, { energyImportMwh: 0 }),
      relay(2, true),
      power(2, 60_000, { energyImportMwh: 0 }),
    ]);
    expect(wordsOf(device, rig.press(1))).toContainEqual(relay(1, true));
  });

  it('counts from 0 after each start', () => {
    const old = new FirmwareRig(shellyGen1Twin, 'twin', 1);
    old.countedWh[0] = 500;
    old.connected();
    old.countedWh[0] = 502;
    const energies = old.report().filter(({ topic }) => topic.endsWith('energy'));
    expect(energies).toMatchObject([{ topic: 'shellies/twin/relay/0/energy', payload: '120' }]);
  });
});
