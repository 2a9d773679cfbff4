import { describe, expect, it } from 'vitest';
import { zigbee2mqttFinder } from '../../relay-drivers/zigbee2mqtt/finder.ts';
import { createZigbee2mqtt } from '../../relay-drivers/zigbee2mqtt/protocol.ts';
import { zigbee2mqttSettings } from '../../relay-drivers/zigbee2mqtt/settings.ts';
import { TWIN_FRIENDLY_NAME, zigbee2mqttTwin } from '../../relay-drivers/zigbee2mqtt/twin.ts';
import { said } from './captured-mqtt.ts';
import { discover, FirmwareRig, wordsOf } from './firmware-rig.ts';
import { presence, relay, restarted } from './plug-words.ts';

const settings = (entry: object = {}) =>
  zigbee2mqttSettings.parse({ id: 'plug', driver: 'zigbee2mqtt', name: 'N', power: true, ...entry });
const plug = (entry?: object) => createZigbee2mqtt(settings(entry));

const RELAY = { type: 'binary', name: 'state', property: 'state', value_on: 'ON', value_off: 'OFF', access: 7 };
const numeric = (property: string, access: number) => ({ type: 'numeric', name: property, property, access });
const entry = (exposes: readonly object[], more: object = {}) => ({
  ieee_address: '0x00158D0001A2B3C4',
  friendly_name: 'kitchen/plug',
  type: 'Router',
  supported: true,
  disabled: false,
  definition: { vendor: 'Innr', model: 'SP 120', exposes },
  ...more,
});
const single = { type: 'switch', features: [RELAY] };

describe('finding', () => {
  const list = (...devices: readonly unknown[]) => said('zigbee2mqtt/bridge/devices', devices, true);
  const found = (...devices: readonly unknown[]) => zigbee2mqttFinder().hear(list(...devices));

  it('a plug with a meter, by its address', () => {
    expect(found(entry([single, numeric('power', 5), numeric('energy', 1)]))).toEqual([
      {
        kind: 'found',
        plug: {
          id: 'z2m-0x00158d0001a2b3c4',
          driver: 'zigbee2mqtt',
          name: 'kitchen/plug',
          model: 'Innr SP 120',
          channels: [{ name: null }],
          measuresPower: true,
          settings: { base: 'zigbee2mqtt', name: 'kitchen/plug', endpoints: [], power: true, power_get: true },
        },
      },
    ]);
  });

  it('power that can only be heard, and none', () => {
    const settingsOf = (exposes: readonly object[]) =>
      found(entry(exposes)).map((one) => 'plug' in one && one.plug.settings);
    expect(settingsOf([single, numeric('power', 1)])).toMatchObject([{ power: true, power_get: false }]);
    expect(settingsOf([single])).toMatchObject([{ power: false, power_get: false }]);
  });

  it('several relays by their endpoints; one power for both is nobody’s', () => {
    const gang = (end: string) => ({
      type: 'switch',
      endpoint: end,
      features: [{ ...RELAY, property: `state_${end}` }],
    });
    const two = [gang('left'), gang('right')];
    expect(found(entry([...two, numeric('power', 5)]))).toMatchObject([
      {
        plug: {
          channels: [{ name: 'left' }, { name: 'right' }],
          settings: { endpoints: ['left', 'right'], power: false },
        },
      },
    ]);
    expect(found(entry([...two, numeric('power_left', 5), numeric('power_right', 1)]))).toMatchObject([
      { plug: { settings: { power: true, power_get: false } } },
    ]);
  });

  it.each([
    ['the coordinator', { ...entry([]), type: 'Coordinator', definition: null }],
    ['a lamp', entry([{ type: 'light', features: [RELAY] }])],
    ['a child lock', entry([{ type: 'switch', features: [{ ...RELAY, property: 'child_lock', value_on: 'LOCK' }] }])],
    ['a window detection', entry([{ type: 'switch', features: [{ ...RELAY, property: 'window_detection' }] }])],
    ['one that cannot be set', entry([{ type: 'switch', features: [{ ...RELAY, access: 1 }] }])],
    ['one that is switched off in the bridge', entry([single], { disabled: true })],
    ['no address', entry([single], { ieee_address: 'x' })],
    ['a name that is no topic', entry([single], { friendly_name: 'a/#' })],
    ['rubbish', 7],
  ])('not offered: %s', (_, device) => {
    expect(found(device)).toEqual([]);
  });

  it('who is removed is gone; who is renamed keeps the id', () => {
    const finder = zigbee2mqttFinder();
    const other = entry([single], { ieee_address: '0x00158d0001a2b3c5', friendly_name: 'other' });
    expect(finder.hear(list(entry([single]), other))).toHaveLength(2);
    expect(finder.hear(list(entry([single], { friendly_name: 'boiler' })))).toMatchObject([
      { kind: 'gone', id: 'z2m-0x00158d0001a2b3c5' },
      { kind: 'found', plug: { id: 'z2m-0x00158d0001a2b3c4', settings: { name: 'boiler' } } },
    ]);
    expect(finder.hear(said('zigbee2mqtt/bridge/devices', ''))).toEqual([
      { kind: 'gone', id: 'z2m-0x00158d0001a2b3c4' },
    ]);
  });

  it('two bridges have their own lists', () => {
    const finder = zigbee2mqttFinder();
    finder.hear(list(entry([single])));
    expect(finder.hear(said('attic/z2m/bridge/devices', []))).toEqual([]);
    expect(finder.filters).toEqual(['+/bridge/devices', '+/+/bridge/devices']);
  });

  it('a list of several hundred kilobytes is read; one that is broken changes nothing', () => {
    const finder = zigbee2mqttFinder();
    const much = Array.from({ length: 150 }, (_, index) => numeric(`something_${index}`, 1));
    const devices = Array.from({ length: 60 }, (_, index) =>
      entry([single, ...much], {
        ieee_address: `0x00158d000000${String(index).padStart(4, '0')}`,
        friendly_name: `plug ${index}`,
      }),
    );
    const message = list(...devices);
    expect(message.payload.length).toBeGreaterThan(500_000);
    expect(finder.hear(message)).toHaveLength(60);
    expect(finder.hear({ ...message, payload: message.payload.subarray(0, 1000) })).toEqual([]);
    expect(finder.hear(list())).toHaveLength(60);
  });
});

describe('the simulated one', () => {
  const entryOf = (channels: number) => ({
    base: 'twin',
    name: TWIN_FRIENDLY_NAME,
    endpoints: channels === 1 ? [] : Array.from({ length: channels }, (_, index) => `l${index + 1}`),
    power_get: true,
  });

  it.each([1, 3])('with %i relays is found with the settings that it has', (channels) => {
    const rig = new FirmwareRig(zigbee2mqttTwin, 'twin', channels);
    expect(discover(zigbee2mqttFinder(), rig)).toMatchObject([
      { kind: 'found', plug: { settings: { ...entryOf(channels), power: true } } },
    ]);
  });

  it('remembers what is no longer so, and tells the truth when it is asked', () => {
    const rig = new FirmwareRig(zigbee2mqttTwin, 'twin', 1);
    rig.on[0] = true;
    rig.drawsW[0] = 60;
    const device = plug(entryOf(1));
    expect(wordsOf(device, rig.connected())).toEqual([restarted, presence(true), presence(true)]);
    const told = wordsOf(device, rig.tell(...device.queries(1)));
    expect(told).toContainEqual(relay(1, true));
    expect(told).not.toContainEqual(relay(1, false));
    expect(told.at(-1)).toMatchObject({ kind: 'power', reading: { powerMw: 60_000 } });
  });

  it('obeys, also where that changes nothing, and its button is heard', () => {
    const rig = new FirmwareRig(zigbee2mqttTwin, 'twin', 2);
    const device = plug(entryOf(2));
    wordsOf(device, rig.connected());
    wordsOf(device, rig.tell(...device.queries(1)));
    expect(wordsOf(device, rig.tell(device.command(2, true, 1)))).toContainEqual(relay(2, true));
    expect(rig.on).toEqual([false, true]);
    expect(wordsOf(device, rig.tell(device.command(2, true, 1)))).toContainEqual(relay(2, true));
    expect(wordsOf(device, rig.press(1))).toContainEqual(relay(1, true));
    expect(wordsOf(device, [rig.firmware.will])).toEqual([presence(false)]);
  });

  it('has no power before it measured some', () => {
    const rig = new FirmwareRig(zigbee2mqttTwin, 'twin', 1);
    const device = plug({ ...entryOf(1), power_get: false });
    wordsOf(device, rig.connected());
    const words = wordsOf(device, rig.tell(...device.queries(1)));
    expect(words.filter(({ kind }) => kind === 'power')).toEqual([]);
    expect(wordsOf(device, rig.report()).at(-1)).toMatchObject({ kind: 'power', reading: { powerMw: 0 } });
  });
});
