import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../daemon/settings/load.ts';
import { nearest } from '../../daemon/settings/nearest.ts';
import type { Settings } from '../../daemon/settings/types.ts';

function settingsOf(text: string): Settings {
  const loaded = loadSettings(text, { file: 'house.yaml', folder: '/etc/voltsafe', timezone: 'Europe/Rome' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.settings;
}

describe('settings', () => {
  it.each(['', '# nothing\n', 'limits:\n# all of it commented out\nhttp:\n'])(
    'have a default for everything: %j',
    (text) => {
      expect(settingsOf(text)).toEqual({
        hub: { id: 'home', name: 'Home', dataDir: '/etc/voltsafe/data', timezone: 'Europe/Rome' },
        limits: { limitMw: 5_000_000, nearLimitMw: 4_000_000, baseLoadMw: 0 },
        circuits: [],
        http: { host: '0.0.0.0', port: 8080 },
        mqtt: {
          mode: 'embedded',
          host: '0.0.0.0',
          port: 1883,
          tls: null,
          homeAssistant: { enabled: true, prefix: 'homeassistant' },
        },
        buses: [],
        plugs: [],
        meters: [],
        replication: null,
        log: { level: 'info' },
      });
    },
  );

  it('keep watts exactly, as numbers and as text', () => {
    const { limits, circuits } = settingsOf(
      'limits: { limit_w: 2500.1, near_limit_ratio: 0.7, base_load_w: "0.3" }\ncircuits: [{ id: a, limit_w: "4.125" }]',
    );
    expect(limits).toEqual({ limitMw: 2_500_100, nearLimitMw: 1_750_070, baseLoadMw: 300 });
    expect(circuits).toEqual([{ id: 'a', parent: 'house', limitMw: 4125 }]);
  });

  it.each([
    ['url: "postgres://x/db"', 'require', null],
    ['url: "postgres://localhost/db"', 'disable', null],
    ['url: "postgres://u@%2Fvar%2Frun%2Fpostgresql/db"', 'disable', null],
    ['url: "postgres://localhost/db", ca_file: ca.pem', 'verify-full', '/etc/voltsafe/ca.pem'],
    ['url: "postgres://x/db?sslmode=require", ca_file: ca.pem', 'verify-full', '/etc/voltsafe/ca.pem'],
    ['url: "postgres://x/db", tls: verify-ca, ca_file: ca.pem', 'verify-ca', '/etc/voltsafe/ca.pem'],
    ['url: "postgres://x/db?sslmode=disable"', 'disable', null],
  ])('encrypt the way to Postgres unless told otherwise: %s', (text, tls, caFile) => {
    expect(settingsOf(`replication: { ${text}, password_file: pass }`).replication).toMatchObject({
      tls,
      caFile,
      passwordFile: '/etc/voltsafe/pass',
    });
  });

  it('put paths beside the file', () => {
    const { hub, mqtt } = settingsOf(
      'hub: { data_dir: ../lib }\nmqtt: { mode: external, url: "mqtts://x:8883", password_file: pass, ca_file: /ca.pem }',
    );
    expect(hub.dataDir).toBe('/etc/lib');
    expect(mqtt).toEqual({
      mode: 'external',
      url: 'mqtts://x:8883',
      username: null,
      passwordFile: '/etc/voltsafe/pass',
      caFile: '/ca.pem',
      role: 'integration',
      homeAssistant: { enabled: true, prefix: 'homeassistant' },
    });
  });

  it('take TLS beside the plain port, Home Assistant as it is wanted, and no MQTT at all', () => {
    const { mqtt } = settingsOf(
      'mqtt: { tls: { cert_file: c.pem, key_file: /k.pem }, home_assistant: { prefix: ha/two } }',
    );
    expect(mqtt).toMatchObject({
      tls: { certFile: '/etc/voltsafe/c.pem', keyFile: '/k.pem', port: 8883 },
      homeAssistant: { enabled: true, prefix: 'ha/two' },
    });
    // Where it once announced, it takes back.
    expect(settingsOf('mqtt: { home_assistant: { enabled: false, prefix: ha/two } }').mqtt).toMatchObject({
      homeAssistant: { enabled: false, prefix: 'ha/two' },
    });
    expect(settingsOf('mqtt: { mode: off }').mqtt).toEqual({ mode: 'off' });
  });

  it('tell boards on lines and devices on MQTT apart', () => {
    const { buses, plugs } = settingsOf(`
buses:
  - { id: main, driver: modbus-coils, path: /dev/ttyUSB0, channels: 8 }
  - { id: kettle, driver: tasmota, topic: kettle, power: true }
  - { id: heater, driver: shelly-gen2, prefix: heater }`);
    expect(buses.map(({ id }) => id)).toEqual(['main']);
    expect(plugs).toMatchObject([
      { id: 'kettle', driver: 'tasmota', full_topic: '%prefix%/%topic%/', channels: 1, timeout_ms: 2000 },
      { id: 'heater', driver: 'shelly-gen2', power: true },
    ]);
  });

  it('read boards, their wall switches, and meters', () => {
    const { buses, meters } = settingsOf(`
buses:
  - { id: main, driver: modbus-coils, path: /dev/ttyUSB0, channels: 8, inputs: { 1: { appliance: lamp, mode: follow } } }
meters:
  - { id: oven, driver: eastron-sdm, bus: main, unit: 2, model: sdm120, measures: "appliance:Oven", stale_after_s: 2.5 }`);
    expect(buses).toMatchObject([
      { id: 'main', baud: 9600, unit: 1, inputs: { 1: { appliance: 'lamp', mode: 'follow' } } },
    ]);
    expect(meters).toMatchObject([{ id: 'oven', bus: 'main', measures: 'appliance:Oven', staleAfterMs: 2500 }]);
  });

  it.each([
    ['driver: pzem-004t, poll_s: 1', 10_000],
    ['driver: pzem-004t, poll_s: 6', 15_000],
    ['driver: dsmr-p1, period_s: 10', 25_000],
    ['driver: dsmr-p1, period_s: 10, stale_after_s: 12.5', 12_500],
  ])('a meter is silent after 10 s or 2.5 periods: %s', (words, staleAfterMs) => {
    const { meters } = settingsOf(`meters: [{ id: m, path: /dev/x, measures: house, ${words} }]`);
    expect(meters).toMatchObject([{ staleAfterMs }]);
  });

  it('follow anchors', () => {
    const { circuits } = settingsOf('circuits:\n  - &a { id: a, limit_w: &w 10 }\n  - { id: b, limit_w: *w }');
    expect(circuits.map(({ limitMw }) => limitMw)).toEqual([10_000, 10_000]);
  });

  it('are frozen, all the way down', () => {
    const settings = settingsOf('circuits: [{ id: a, limit_w: 1 }]');
    expect(() => Object.assign(settings.limits, { limitMw: 1 })).toThrow(TypeError);
    expect(() => Object.assign(settings.circuits[0] ?? {}, { limitMw: 1 })).toThrow(TypeError);
  });
});

describe('the nearest word', () => {
  it.each([
    ['limt_w', 'limit_w'],
    ['LimitW', 'limit_w'],
    ['prot', 'port'],
    ['hots', 'host'],
    ['x', null],
    ['temperature', null],
  ])('%s -> %s', (word, expected) => {
    expect(nearest(word, ['limit_w', 'near_limit_ratio', 'host', 'port'])).toBe(expected);
  });
});
