import { expect, it } from 'vitest';
import { errorLine, loadSettings } from '../../daemon/settings/load.ts';

function errorsOf(text: string): string[] {
  const loaded = loadSettings(text, { file: 'f', folder: '/etc/voltsafe', timezone: 'Europe/Rome' });
  return loaded.ok ? [] : loaded.errors.map(errorLine);
}

const KETTLE = '{ id: kettle, driver: tasmota, topic: kettle }';
const SWITCH = 'command: { topic: a/set }, state: { topic: a }, query: { topic: a/get }';

/** What is wrong, the file, and every line that is printed for it. */
const TABLE: [what: string, text: string, errors: string[]][] = [
  [
    'a mode that is none',
    'mqtt: { mode: extern }',
    ['f:1:15: mqtt.mode: expected one of embedded, external, off, got "extern"; did you mean external?'],
  ],
  ['a slip', 'mqtt: { prot: 1884 }', ['f:1:9: mqtt.prot: unknown key; did you mean port?']],
  ['TLS without its key', 'mqtt: { tls: { cert_file: a } }', ['f:1:14: mqtt.tls.key_file: missing; expected text']],
  [
    'two doors at one port',
    'http: { port: 1883 }\nmqtt: { tls: { cert_file: a, key_file: b, port: 1883 } }',
    [
      'f:2:7: mqtt.port: 1883 is http.port already; expected a port of its own',
      'f:2:49: mqtt.tls.port: 1883 is http.port already; expected a port of its own',
    ],
  ],
  ['any free port twice', 'http: { port: 0 }\nmqtt: { port: 0 }', []],
  ['one port at two addresses', 'http: { host: 10.0.0.1, port: 99 }\nmqtt: { host: 127.0.0.1, port: 99 }', []],
  [
    'a password in an address, which is not repeated',
    'mqtt: { mode: external, url: "mqtt://hub:hunter2@broker" }',
    ['f:1:30: mqtt.url: expected no user and no password; name username and password_file'],
  ],
  [
    'an authority for a connection that is not encrypted',
    'mqtt: { mode: external, url: "mqtt://broker", ca_file: ca.pem }',
    ['f:1:56: mqtt.ca_file: the connection is not encrypted; expected mqtts:// in mqtt.url'],
  ],
  [
    'a role that is none of MQTT',
    'mqtt: { mode: external, url: "mqtt://broker", role: admin }',
    ['f:1:53: mqtt.role: expected one of device, integration, viewer, got "admin"'],
  ],
  [
    "Home Assistant's prefix among the hub's own topics",
    'mqtt: { home_assistant: { prefix: voltsafe } }',
    ['f:1:35: mqtt.home_assistant.prefix: expected a topic prefix, such as homeassistant'],
  ],
  [
    'a device on MQTT without MQTT',
    `mqtt: { mode: off }\nbuses: [${KETTLE}]`,
    ['f:2:31: buses[0].driver: tasmota is a device on MQTT, and mqtt.mode is off; expected embedded or external there'],
  ],
  [
    'a slip in a device',
    'buses: [{ id: a, driver: tasmota, topc: kettle }]',
    ['f:1:9: buses[0].topic: missing; expected text', 'f:1:35: buses[0].topc: unknown key; did you mean topic?'],
  ],
  [
    'a family that is meant',
    'buses: [{ id: a, driver: shelly-gen3 }]',
    [
      expect.stringMatching(
        /^f:1:26: buses\[0\]\.driver: .*, got "shelly-gen3"; did you mean shelly-gen[12]\?$/,
      ) as string,
    ],
  ],
  [
    'a wall switch on a device that has no inputs',
    'buses: [{ id: a, driver: shelly-gen1, prefix: x, inputs: {} }]',
    ['f:1:50: buses[0].inputs: unknown key; expected one of id, timeout_ms, driver, prefix, channels, power'],
  ],
  [
    'one id for a board and a device',
    `buses:\n  - { id: kettle, driver: modbus-coils, path: /dev/x, channels: 8 }\n  - ${KETTLE}`,
    ['f:3:11: buses[1].id: "kettle" is the id of buses[0] already'],
  ],
  [
    'one device twice',
    `buses:\n  - ${KETTLE}\n  - { id: b, driver: tasmota, topic: kettle, channels: 2 }`,
    [
      'f:3:38: buses[1].topic: buses[0] is the device at cmnd/kettle already: one device, one entry for all its channels',
    ],
  ],
  [
    'one Shelly as two generations',
    'buses:\n  - { id: a, driver: shelly-gen1, prefix: shellies/x }\n  - { id: b, driver: shelly-gen2, prefix: shellies/x }',
    [
      'f:3:43: buses[1].prefix: buses[0] is the device at shellies/x already: one device, one entry for all its channels',
    ],
  ],
  [
    'two devices of one name on two bridges',
    'buses:\n  - { id: a, driver: zigbee2mqtt, name: x }\n  - { id: b, driver: zigbee2mqtt, name: x, base: z2 }',
    [],
  ],
  [
    'one relay as two channels',
    `buses:\n  - { id: a, driver: generic-mqtt, channels: [{ ${SWITCH} }] }\n  - { id: b, driver: generic-mqtt, channels: [{ ${SWITCH} }, { command: { topic: b/set }, state: { topic: b }, query: { topic: b/get } }] }`,
    [
      'f:3:47: buses[1].channels[0]: the message that switches channel 1 of buses[0] (to a/set) switches this one too: one relay, one channel',
    ],
  ],
  [
    'a relay of a known family, once more by its topics',
    'buses:\n  - { id: a, driver: shelly-gen1, prefix: shellies/x }\n' +
      '  - { id: b, driver: generic-mqtt, channels: [{ command: { topic: shellies/x/relay/0/command, on: "on" }, state: { topic: shellies/x/relay/0 }, query: { topic: q } }] }',
    [
      'f:3:47: buses[1].channels[0]: the message that switches channel 1 of buses[0] (to shellies/x/relay/0/command) switches this one too: one relay, one channel',
    ],
  ],
  [
    "a meter on a device's line",
    `buses: [${KETTLE}]\nmeters: [{ id: m, driver: eastron-sdm, model: sdm120, bus: kettle, measures: house }]`,
    [
      'f:2:60: meters[0].bus: "kettle" is a device on MQTT, whose own readings need no meter here; expected a board on a serial line',
    ],
  ],
];

it.each(TABLE)('mqtt: %s', (_what, text, errors) => {
  expect(errorsOf(text)).toEqual(errors);
});
