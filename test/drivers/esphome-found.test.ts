import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { esphomeFinder } from '../../relay-drivers/esphome/finder.ts';
import { byName } from '../../relay-drivers/esphome/node.ts';
import { createEsphome } from '../../relay-drivers/esphome/protocol.ts';
import { esphomeSettings } from '../../relay-drivers/esphome/settings.ts';
import { esphomeTwin } from '../../relay-drivers/esphome/twin.ts';
import type { Sighting } from '../../relay-drivers/plugs/protocol.ts';
import { said } from './captured-mqtt.ts';
import { discover, FirmwareRig, wordsOf } from './firmware-rig.ts';

const PREFIX = 'relayboard';
const state = (word: string, isRetained = false) => said(`${PREFIX}/switch/relay/state`, word, isRetained);

describe('nodes are found', () => {
  const DEVICE = {
    ids: '0123456789ab',
    name: 'Relay Board',
    sw: 'esphome v2023.12.5 Jan 1 2024',
    mdl: 'esp01_1m',
    mf: 'espressif',
  };
  const switchConfig = (id = 'relay', more: object = {}) =>
    said(
      `homeassistant/switch/${PREFIX}/${id}/config`,
      {
        name: 'Relay',
        stat_t: `${PREFIX}/switch/${id}/state`,
        cmd_t: `${PREFIX}/switch/${id}/command`,
        avty_t: `${PREFIX}/status`,
        uniq_id: 'x',
        dev: DEVICE,
        ...more,
      },
      true,
    );
  const sensorConfig = (id: string, dev_cla: string, unit_of_meas: string) =>
    said(
      `homeassistant/sensor/${PREFIX}/${id}/config`,
      { dev_cla, unit_of_meas, stat_t: `${PREFIX}/sensor/${id}/state`, avty_t: `${PREFIX}/status`, dev: DEVICE },
      true,
    );
  const last = (...messages: ReturnType<typeof said>[]) => {
    const finder = esphomeFinder();
    return messages.map((message) => finder.hear(message)).at(-1);
  };
  const withSwitches = (switches: object[]): object[] => [{ kind: 'found', plug: { settings: { switches } } }];

  it('by what they describe to Home Assistant', () => {
    expect(last(switchConfig())).toEqual([
      {
        kind: 'found',
        plug: {
          id: 'esphome-relayboard',
          driver: 'esphome',
          name: 'Relay Board',
          model: 'esp01_1m',
          channels: [{ name: 'Relay' }],
          measuresPower: false,
          settings: { prefix: PREFIX, switches: [{ switch: 'relay' }] },
        },
      },
    ] satisfies Sighting[]);
  });

  it('with its name, where that is not the prefix of its topics: it is asked by its name whether it is there', () => {
    const elsewhere = { stat_t: 'yard/switch/relay/state', cmd_t: 'yard/switch/relay/command', avty_t: 'yard/status' };
    expect(last(switchConfig('relay', elsewhere))).toMatchObject([
      { plug: { settings: { prefix: 'yard', name: PREFIX } } },
    ]);
  });

  it('with long names, a list of availabilities and a base', () => {
    const long = said(
      `homeassistant/switch/${PREFIX}/relay/config`,
      {
        '~': `${PREFIX}/switch/relay`,
        name: null,
        state_topic: '~/state',
        command_topic: '~/command',
        availability: [{ topic: `${PREFIX}/status` }],
        device: { identifiers: ['x'], name: 'Board', sw_version: '1.0 (ESPHome 2024.6.0)', manufacturer: 'Maker' },
      },
      true,
    );
    expect(last(long)).toMatchObject([{ kind: 'found', plug: { name: 'Board', settings: { prefix: PREFIX } } }]);
  });

  it.each([
    ['in brackets', { sw: '1.0 (ESPHome 2024.6.0)' }, true],
    ['by the hash of its configuration', { sw: '2026.1.0 (config hash 0x12ab34cd)', mf: 'Raspberry Pi' }, true],
    ['not at all', { sw: '14.4.1', mf: 'Tasmota' }, false],
    ['not at all, no version', {}, false],
  ])('a node says what it is: %s', (_, dev, isFound) => {
    expect(last(switchConfig('relay', { dev }))).toHaveLength(isFound ? 1 : 0);
  });

  it.each([
    ['a command topic of its own', { cmd_t: 'house/relay/set' }],
    ['a state topic of its own', { stat_t: 'house/relay' }],
    ['a status of its own', { avty_t: 'house/status' }],
    ['no status', { avty_t: undefined }],
    ['other words for its status', { pl_avail: 'yes' }],
    ['a topic of the hub', { stat_t: 'voltsafe/x/switch/relay/state' }],
  ])('not: %s', (_, more) => {
    expect(last(switchConfig('relay', more))).toEqual([]);
  });

  it('several switches are one device; sensors go by their names', () => {
    expect(last(switchConfig('relay_10'), switchConfig('relay_2'))).toMatchObject(
      withSwitches([{ switch: 'relay_2' }, { switch: 'relay_10' }]),
    );
    expect(
      last(
        ...[switchConfig('relay_1'), switchConfig('relay_2'), sensorConfig('power_2', 'power', 'W')],
        ...[sensorConfig('relay_1_power', 'power', 'W'), sensorConfig('power_total', 'power', 'W')],
        sensorConfig('energy_2', 'energy', 'kWh'),
      ),
    ).toMatchObject(
      withSwitches([
        { switch: 'relay_1', power: 'relay_1_power' },
        { switch: 'relay_2', power: 'power_2', energy: 'energy_2' },
      ]),
    );
  });

  it('a longer name is meant before a shorter', () => {
    const all = [switchConfig('relay'), switchConfig('relay_1'), sensorConfig('relay_1_power', 'power', 'W')];
    const [found] = last(...all) ?? [];
    expect(found).toMatchObject({
      plug: { settings: { switches: [{ switch: 'relay' }, { power: 'relay_1_power' }] } },
    });
    expect(JSON.stringify(found)).not.toContain('"switch":"relay","power"');
  });

  it('one switch is measured by the one sensor there is, in watts', () => {
    const power = sensorConfig('wattage', 'power', 'W');
    expect(last(switchConfig(), power)).toMatchObject([
      { plug: { measuresPower: true, settings: { switches: [{ switch: 'relay', power: 'wattage' }] } } },
    ]);
    expect(last(switchConfig(), sensorConfig('wattage', 'power', 'kW'))).toMatchObject([
      { plug: { measuresPower: false } },
    ]);
    expect(last(switchConfig(), power, sensorConfig('other', 'power', 'W'))).toMatchObject([
      { plug: { measuresPower: false } },
    ]);
  });

  it('gone, when nothing of it is described any more', () => {
    const cleared = said(`homeassistant/switch/${PREFIX}/relay/config`, '', true);
    expect(last(switchConfig(), cleared)).toEqual([{ kind: 'gone', id: 'esphome-relayboard' }]);
    expect(last(switchConfig(), cleared, cleared)).toEqual([]);
  });

  it('without a description, by its announcement and the states it keeps', () => {
    const announced = said(
      `esphome/discover/${PREFIX}`,
      { name: PREFIX, friendly_name: 'Board', board: 'd1_mini' },
      true,
    );
    const plug = {
      name: 'Board',
      model: 'd1_mini',
      channels: [{ name: null }],
      settings: { prefix: PREFIX, switches: [{ switch: 'relay' }] },
    };
    expect(last(announced)).toEqual([]);
    expect(last(state('ON', true))).toEqual([]);
    expect(last(announced, state('ON', true))).toMatchObject([{ kind: 'found', plug }]);
    expect(last(state('ON', true), announced)).toMatchObject([{ kind: 'found', plug }]);
    // States come often, and say nothing new here.
    expect(last(announced, state('ON', true), state('OFF'))).toEqual([]);
  });

  it('they are asked to announce themselves, and nothing is switched by that', () => {
    expect(esphomeFinder().calls).toEqual([{ topic: 'esphome/discover', payload: '' }]);
  });

  it('names are ids: others are none', () => {
    expect(last(said('homeassistant/switch/Bad Name/relay/config', '{}'))).toEqual([]);
  });

  it('a flood of strangers takes a bounded place, and finds nothing', () => {
    const finder = esphomeFinder();
    finder.hear(said(`esphome/discover/${PREFIX}`, '{}'));
    for (let at = 0; at < 300; at += 1) finder.hear(said(`n${at}/switch/relay/state`, 'ON'));
    expect(finder.hear(state('ON'))).toEqual([]);
  });
});

describe('the simulated one', () => {
  it.each([1, 3])('is found with %i switches, and what is found works', (channels) => {
    const rig = new FirmwareRig(esphomeTwin, 'twin', channels);
    const [found] = discover(esphomeFinder(), rig).slice(-1);
    expect(found).toMatchObject({ kind: 'found', plug: { channels: { length: channels }, measuresPower: true } });
    const settings = found?.kind === 'found' ? found.plug.settings : {};
    const made = createEsphome(esphomeSettings.parse({ id: 'plug', driver: 'esphome', ...settings }));
    wordsOf(made, rig.connected());
    rig.drawsW[channels - 1] = 60;
    rig.countedWh[channels - 1] = 1500;
    expect(wordsOf(made, rig.tell(made.command(channels, true, 1)))).toEqual([
      { kind: 'relay', channel: channels, isOn: true },
    ]);
    // Nothing changes: nothing is said.
    expect(rig.tell(made.command(channels, true, 1))).toEqual([]);
    const measured = wordsOf(made, rig.report());
    expect(measured).toHaveLength(channels);
    expect(measured).toContainEqual(
      expect.objectContaining({
        channel: channels,
        reading: expect.objectContaining({ powerMw: 60_000, energyImportMwh: 1_500_000 }),
      }),
    );
  });

  it('measures nothing before its first interval', () => {
    const rig = new FirmwareRig(esphomeTwin, 'twin', 1);
    expect(rig.connected().filter(({ payload }) => payload === 'nan')).toHaveLength(2);
    expect(rig.report().filter(({ payload }) => payload === 'nan')).toEqual([]);
  });
});

describe('the switches of a node', () => {
  const ids = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);

  it('are numbered as English with numbers would sort their names', () => {
    const { compare } = new Intl.Collator('en', { numeric: true });
    fc.assert(
      fc.property(ids, ids, (x, y) => {
        expect(Math.sign(byName(x, y))).toBe(Math.sign(compare(x, y)));
      }),
      {
        numRuns: 3000,
        examples: [
          ['lamp_left', 'lamp2'],
          ['relay_10', 'relay_9'],
          ['relay_1', 'relay_01'],
          ['a-b', 'a_b'],
        ],
      },
    );
  });
});
