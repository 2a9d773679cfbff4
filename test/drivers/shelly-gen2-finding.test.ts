import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../relay-drivers/plugs/protocol.ts';
import { shellyGen2Finder } from '../../relay-drivers/shelly-gen2/finder.ts';
import { createShellyGen2 } from '../../relay-drivers/shelly-gen2/protocol.ts';
import { shellyGen2Settings } from '../../relay-drivers/shelly-gen2/settings.ts';
import { shellyGen2Twin } from '../../relay-drivers/shelly-gen2/twin.ts';
import { capturedMessages, said } from './captured-mqtt.ts';
import { discover, FirmwareRig, wordsOf } from './firmware-rig.ts';
import { presence, relay } from './plug-words.ts';

const recording = capturedMessages('shelly-gen1-and-gen2.real');
const cover: unknown = JSON.parse(
  readFileSync(new URL('captures/shelly2pmg3-cover.GetStatus.json', import.meta.url), 'utf8'),
);

const plug = (entry: object = {}) =>
  createShellyGen2(shellyGen2Settings.parse({ id: 'plug', driver: 'shelly-gen2', prefix: 'P', ...entry }));

describe('the recording (captures/shelly-gen1-and-gen2.real.jsonl)', () => {
  it('the finder asks what lives there', () => {
    const finder = shellyGen2Finder();
    const sightings = recording.flatMap((message) => finder.hear(message));
    const asked = sightings.flatMap((sighting) => (sighting.kind === 'ask' ? [sighting.outgoing] : []));
    expect(asked).toHaveLength(sightings.length);
    // `online` alone does not tell the generations apart.
    expect(new Set(asked.map(({ topic }) => topic))).toEqual(
      new Set(['shellies/shelly1/rpc', 'shellies/plus1pm/rpc', 'shellies/shellies/shellyem3/rpc']),
    );
    expect(asked.every(({ payload }) => payload.includes('Shelly.GetDeviceInfo'))).toBe(true);
  });
});

describe('finding', () => {
  const info = { id: 'shellyplus1pm-4417939341dc', mac: '4417939341DC', model: 'SNSW-001P16EU', gen: 2, name: null };
  const answers = (prefix: string, result: object, of: object = info): Sighting[] => {
    const finder = shellyGen2Finder();
    finder.hear(said(`${prefix}/online`, 'true', true));
    finder.hear(said(`${prefix}/hub/rpc`, { id: 'find-what', result: of }));
    return [...finder.hear(said(`${prefix}/hub/rpc`, { id: 'find-status', result }))];
  };

  it('one relay with a meter; the prefix is what its topics begin with', () => {
    expect(answers('shellies/plus1pm', { 'switch:0': { id: 0, output: false, apower: 0 } })).toEqual([
      {
        kind: 'found',
        plug: {
          id: 'shelly-4417939341dc',
          driver: 'shelly-gen2',
          name: 'shellyplus1pm-4417939341dc',
          model: 'SNSW-001P16EU',
          channels: [{ name: null }],
          measuresPower: true,
          settings: { prefix: 'shellies/plus1pm', channels: 1, power: true },
        },
      },
    ]);
  });

  it('a Plus 1 measures nothing, a Pro 3 has three', () => {
    expect(answers('P', { 'switch:0': { output: true } })).toMatchObject([{ plug: { settings: { power: false } } }]);
    const three = { 'switch:0': {}, 'switch:1': {}, 'switch:2': {} };
    expect(answers('P', three, { ...info, name: 'Cellar' })).toMatchObject([
      { plug: { name: 'Cellar', settings: { channels: 3 } } },
    ]);
  });

  it.each([
    ['a shutter (captures/shelly2pmg3-cover.GetStatus.json)', cover as object],
    ['a meter without relay', { 'pm1:0': { apower: 5 }, 'em:0': {} }],
    ['relays that do not count from 0', { 'switch:0': {}, 'switch:100': {} }],
  ])('not offered: %s', (_, result) => {
    expect(answers('P', result)).toEqual([{ kind: 'gone', id: 'shelly-4417939341dc' }]);
  });

  it('the first generation, or whoever has a topic `online`, is asked three times and then left alone', () => {
    const finder = shellyGen2Finder();
    const asked = Array.from({ length: 10 }, () => finder.hear(said('shellies/old/online', 'true', true)).length);
    expect(asked.reduce((sum, one) => sum + one, 0)).toBe(3);
    expect(finder.hear(said('shellies/old/online', 'false'))).toEqual([]);
    // A birth begins anew: it may have another firmware now.
    expect(finder.hear(said('shellies/old/online', 'true'))).toHaveLength(1);
  });

  it('one that is known is asked again after a birth only', () => {
    const finder = shellyGen2Finder();
    finder.hear(said('P/online', 'true', true));
    finder.hear(said('P/hub/rpc', { id: 'find-what', result: info }));
    expect(finder.hear(said('P/events/rpc', { method: 'NotifyStatus', params: {} }))).toEqual([]);
    expect(finder.hear(said('P/online', 'true', true))).toEqual([]);
    expect(finder.hear(said('P/online', 'true'))).toHaveLength(1);
  });

  it('nobody is offered who was not asked, and no command is ever sent', () => {
    const finder = shellyGen2Finder();
    expect(finder.hear(said('P/hub/rpc', { id: 'find-what', result: info }))).toEqual([]);
    expect(finder.hear(said('P/hub/rpc', { id: 'find-status', result: { 'switch:0': {} } }))).toEqual([]);
    expect(finder.calls).toEqual([]);
  });
});

describe('the simulated one', () => {
  const settings = { prefix: 'twin', channels: 2, power: true };

  it('is found with the settings that it has, and nothing was switched', () => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 2);
    expect(discover(shellyGen2Finder(), rig).at(-1)).toMatchObject({ kind: 'found', plug: { settings } });
    expect(rig.on).toEqual([false, false]);
  });

  it('says nothing of its relays before it is asked; only its presence is kept', () => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 2);
    expect(wordsOf(plug(settings), rig.connected())).toEqual([presence(true)]);
    expect(rig.connected().filter(({ isRetained }) => isRetained)).toEqual([
      { topic: 'twin/online', payload: 'true', isRetained: true, qos: 1 },
    ]);
    expect(rig.firmware.will).toMatchObject({ payload: 'false', isRetained: true });
  });

  it('obeys and answers by number; power comes with the next look at the meter, energy each full minute', () => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 2);
    const device = plug(settings);
    wordsOf(device, [...rig.connected(), ...rig.report()]);
    rig.drawsW[1] = 60;
    expect(wordsOf(device, rig.tell(device.command(2, true, 7)))).toEqual([
      relay(2, true),
      { kind: 'answer', question: 7, isOk: true, detail: null },
    ]);
    expect(rig.on).toEqual([false, true]);
    expect(wordsOf(device, rig.report())).toMatchObject([{ kind: 'power', channel: 2, reading: { powerMw: 60_000 } }]);
    expect(rig.report()).toEqual([]);
    rig.unixS += 60;
    expect(wordsOf(device, rig.report())).toEqual([]);
  });

  it('refuses a relay that it has not, with the reason', () => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 1);
    const device = plug({ ...settings, channels: 4 });
    wordsOf(device, rig.connected());
    expect(wordsOf(device, rig.tell(device.command(4, true, 8)))).toEqual([
      { kind: 'answer', question: 8, isOk: false, detail: "-105: Argument 'id', value 3 not found!" },
    ]);
  });

  it.each([0, 1])('either question alone brings the states', (which) => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 2);
    rig.on[0] = true;
    const device = plug(settings);
    const words = wordsOf(device, rig.tell(...device.queries(1).slice(which, which + 1)));
    expect(words).toContainEqual(relay(1, true));
    expect(words).toContainEqual(relay(2, false));
    expect(words.filter(({ kind }) => kind === 'power').length).toBeGreaterThan(0);
  });

  it('its button is told, with its source', () => {
    const rig = new FirmwareRig(shellyGen2Twin, 'twin', 1);
    const told = rig.press(1);
    expect(wordsOf(plug(settings), told)).toContainEqual(relay(1, true));
    expect(told[0]?.payload).toContain('"source":"button"');
  });
});
