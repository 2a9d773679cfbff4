import { describe, expect, it } from 'vitest';
import { errorLine, loadSettings } from '../../daemon/settings/load.ts';

const ORIGIN = { file: 'f', folder: '/etc/voltsafe', timezone: 'Europe/Rome' };

function errorsOf(text: string): string[] {
  const loaded = loadSettings(text, ORIGIN);
  return loaded.ok ? [] : loaded.errors.map(errorLine);
}

const SDM = 'driver: eastron-sdm, model: sdm120';
const DRIVERS =
  'modbus-coils, modbus-fc06, lcus, kmtronic, numato, esphome, generic-mqtt, shelly-gen1, shelly-gen2, tasmota, zigbee2mqtt';
const BOARD = 'driver: modbus-coils, path: /dev/ttyUSB0, channels: 8';

/** What is wrong, the file, and every line that is printed for it. */
const TABLE: [what: string, text: string, errors: string[]][] = [
  ['an unknown section', 'limit: {}', ['f:1:1: limit: unknown key; did you mean limits?']],
  ['an unknown key far from any', 'log: { colour: red }', ['f:1:8: log.colour: unknown key; expected one of level']],
  ['a key in other letters', 'limits: { limitW: 3 }', ['f:1:11: limits.limitW: unknown key; did you mean limit_w?']],
  ['not a mapping', '- a', ['f:1:1: expected a mapping (key: value), got a list']],
  ['a section that is text', 'http: on', ['f:1:7: http: expected a mapping (key: value), got text']],
  ['text for a number', 'http: { port: high }', ['f:1:15: http.port: expected a number, got text']],
  ['a fraction for a whole number', 'http: { port: 80.5 }', ['f:1:15: http.port: expected a whole number, got 80.5']],
  [
    'a word that is none of the known',
    'log: { level: wran }',
    ['f:1:15: log.level: expected one of debug, info, warn, error, silent, got "wran"; did you mean warn?'],
  ],
  [
    'a ratio over 1',
    'limits: { near_limit_ratio: 1.5 }',
    ['f:1:29: limits.near_limit_ratio: expected at most 1, got 1.5'],
  ],
  [
    'an unknown time zone',
    'hub: { timezone: Europe/Rom }',
    ['f:1:18: hub.timezone: expected a time zone such as Europe/Rome'],
  ],
  [
    'watts with four decimals',
    'limits: { limit_w: 5000.0001 }',
    ['f:1:20: limits.limit_w: expected watts from 0.001 to 1000000, at most three decimals'],
  ],
  [
    'no watts',
    'limits: { limit_w: 0, base_load_w: -1 }',
    [
      'f:1:20: limits.limit_w: expected watts from 0.001 to 1000000, at most three decimals',
      'f:1:36: limits.base_load_w: expected watts from 0 to 1000000, at most three decimals',
    ],
  ],
  [
    'a base load that leaves nothing',
    'limits:\n  limit_w: 3000\n  base_load_w: "3000"',
    ['f:3:16: limits.base_load_w: the base load leaves nothing under limit_w; expected less than the limit'],
  ],
  [
    'a base load over the limit that is the default',
    'limits: { base_load_w: 5000 }',
    ['f:1:24: limits.base_load_w: the base load leaves nothing under limit_w; expected less than the limit'],
  ],
  [
    'circuits that are no tree',
    'circuits:\n  - { id: a, parent: b, limit_w: 1 }\n  - { id: b, parent: a, limit_w: 1 }\n  - { id: c, parent: c, limit_w: 1 }',
    [
      'f:2:22: circuits[0].parent: goes round in a circle: a -> b -> a',
      'f:3:22: circuits[1].parent: goes round in a circle: b -> a -> b',
      'f:4:22: circuits[2].parent: goes round in a circle: c -> c',
    ],
  ],
  [
    'a parent that is not there, the root as a circuit, an id twice',
    'circuits:\n- {id: kitchen, limit_w: 1}\n- {id: oven, parent: kitchn, limit_w: 1}\n- {id: house, limit_w: 1}\n- {id: oven, limit_w: 1}',
    [
      'f:3:22: circuits[1].parent: no circuit has the id "kitchn"; did you mean kitchen?',
      'f:4:8: circuits[2].id: house is the root itself; set its limit as limits.limit_w',
      'f:5:8: circuits[3].id: "oven" is the id of circuits[1] already',
    ],
  ],
  [
    'what is missing, shown where it should stand',
    'circuits:\n  - id: a\nbuses:\n  - id: main',
    [
      'f:2:5: circuits[0].limit_w: missing; expected watts from 0.001 to 1000000, at most three decimals',
      `f:4:5: buses[0].driver: missing; expected one of ${DRIVERS}`,
    ],
  ],
  [
    'a driver that is not there',
    'buses: [{ id: a, driver: modbus-coil, path: /dev/x }]',
    [`f:1:26: buses[0].driver: expected one of ${DRIVERS}, got "modbus-coil"; did you mean modbus-coils?`],
  ],
  [
    'a slip in a board',
    `buses:\n  - { id: a, ${BOARD}, bauds: 9600 }`,
    ['f:2:69: buses[0].bauds: unknown key; did you mean baud?'],
  ],
  [
    'one line at two speeds, one unit twice',
    `buses:\n  - { id: a, ${BOARD} }\n  - { id: b, baud: 19200, ${BOARD} }`,
    [
      'f:3:5: buses[1].unit: b and a are both unit 1 on /dev/ttyUSB0: one board, one entry',
      'f:3:20: buses[1].baud: b and a share /dev/ttyUSB0, so their baud must be the same: 19200 here, 9600 there',
    ],
  ],
  [
    'two buses of one id, even where one has other mistakes',
    `buses:\n  - { id: a, ${BOARD} }\n  - { id: a }`,
    [
      `f:3:5: buses[1].driver: missing; expected one of ${DRIVERS}`,
      'f:3:11: buses[1].id: "a" is the id of buses[0] already',
    ],
  ],
  [
    'an input that no board has',
    `buses: [{ id: a, ${BOARD}, inputs: { 40: { appliance: lamp, mode: toggle } } }]`,
    ['f:1:83: buses[0].inputs.40: expected an input number from 1 to 32'],
  ],
  [
    'an input beyond the channels',
    `buses: [{ id: a, ${BOARD}, inputs: { 9: { appliance: lamp, mode: toggle } } }]`,
    ['f:1:81: buses[0].inputs: expected inputs that the board has: as many as its channels, rounded up to eight'],
  ],
  [
    'a meter on a board’s address, on a bus and of a circuit that are not there',
    `buses: [{ id: main, ${BOARD}, unit: 2 }]\nmeters:\n  - { id: m, driver: eastron-sdm, bus: main, unit: 2, model: sdm120, measures: house }\n  - { id: n, driver: eastron-sdm, bus: mian, unit: 2, model: sdm120, measures: "circuit:x" }`,
    [
      'f:3:52: meters[0].unit: unit 2 on /dev/ttyUSB0 is buses[0] already',
      'f:4:40: meters[1].bus: no bus has the id "mian"; did you mean main?',
      'f:4:80: meters[1].measures: no circuit has the id "x"; there is none',
    ],
  ],
  [
    'two meters on one address, a pushing meter on a board’s line, a polled one beside its board',
    `buses: [{ id: main, ${BOARD} }]\nmeters:\n  - { id: m, ${SDM}, bus: main, unit: 2, measures: house }\n  - { id: n, ${SDM}, bus: main, unit: 2, measures: "appliance:n" }\n  - { id: o, driver: dsmr-p1, path: /dev/ttyUSB0, measures: "appliance:o" }\n  - { id: p, driver: pzem-004t, path: /dev/ttyUSB0, measures: "appliance:p" }`,
    [
      'f:4:67: meters[1].unit: unit 2 on /dev/ttyUSB0 is meters[0] already',
      'f:5:37: meters[2].path: /dev/ttyUSB0 is the line of buses[0]; this meter needs a port of its own',
      'f:6:39: meters[3].path: /dev/ttyUSB0 is the line of buses[0]; write bus: main instead',
    ],
  ],
  [
    'meters that share a port of their own',
    `meters:\n  - { id: a, ${SDM}, path: /dev/x, baud: 9600, unit: 1, measures: house }\n  - { id: b, driver: pzem-004t, path: /dev/x, parity: even, unit: 1, measures: "appliance:b" }\n  - { id: c, driver: dsmr-p1, path: /dev/x, measures: "appliance:c" }\n  - { id: d, driver: pzem-004t, path: /dev/y, measures: "appliance:d" }\n  - { id: e, driver: pzem-004t, path: /dev/y, unit: 248, measures: "appliance:e" }`,
    [
      'f:3:55: meters[1].parity: meters[0] shares /dev/x, so their parity must be the same: even here, none there',
      'f:3:67: meters[1].unit: unit 1 on /dev/x is meters[0] already',
      'f:4:37: meters[2].path: /dev/x is the port of meters[0]; a meter that talks by itself needs it alone',
      'f:6:53: meters[4].unit: unit 248 answers to every address, so it must be alone on /dev/y; meters[3] is there too',
    ],
  ],
  [
    'two meters of one thing, one that is stale before it can be read again',
    `meters:\n  - { id: a, ${SDM}, path: /dev/x, measures: house }\n  - { id: b, driver: dsmr-p1, path: /dev/y, period_s: 10, stale_after_s: 5, measures: "circuit:house" }`,
    [
      'f:3:74: meters[1].stale_after_s: expected more than the 10 s from one reading to the next, got 5',
      'f:3:87: meters[1].measures: meters[0] measures house already; one meter for each',
    ],
  ],
  [
    'a meter on the line of a board without addresses',
    `buses: [{ id: usb, driver: lcus, path: /dev/x, channels: 2 }]\nmeters: [{ id: a, ${SDM}, bus: usb, measures: house }]`,
    [
      'f:2:60: meters[0].bus: buses[0] has no unit address, so it needs its port alone; give this meter a path of its own',
    ],
  ],
  [
    'a meter with a bus and a port, one with neither, a speed of its own on a bus',
    `buses: [{ id: main, ${BOARD} }]\nmeters:\n  - { id: a, ${SDM}, unit: 2, bus: main, path: /dev/x, measures: house }\n  - { id: b, ${SDM}, unit: 3, measures: "appliance:b" }\n  - { id: c, ${SDM}, unit: 4, bus: main, baud: 2400, measures: "appliance:c" }`,
    [
      'f:3:64: meters[0].bus: expected either bus (the line of a buses entry, with its baud and parity) or path (a port of its own)',
      'f:4:5: meters[1].bus: expected either bus (the line of a buses entry, with its baud and parity) or path (a port of its own)',
      'f:5:64: meters[2].bus: expected either bus (the line of a buses entry, with its baud and parity) or path (a port of its own)',
    ],
  ],
  [
    'a URL of another kind, its password not repeated',
    'replication: { url: "http://me:hunter2@x" }',
    ['f:1:21: replication.url: expected postgres://... or postgresql://...'],
  ],
  [
    'a password that would end up in the name of a host, not repeated',
    'replication: { url: "postgres://me:12/ter2@x/db" }\nlog: { level: info }',
    ['f:1:21: replication.url: expected user and password with @ : / ? # written as %40 %3A %2F %3F %23'],
  ],
  [
    'a way of TLS that who listens in decides, and a word that is none of ours',
    'replication: { url: "postgres://x/db?sslmode=prefer" }',
    [
      'f:1:21: replication.url: expected no ?parameters but application_name and sslmode (disable, require, verify-ca, verify-full); see also replication.tls',
    ],
  ],
  [
    'TLS said twice',
    'replication: { url: "postgres://x/db?sslmode=require", tls: disable }',
    ['f:1:61: replication.tls: expected the same as sslmode in the url, or one of them only'],
  ],
  [
    'certificates that nobody reads',
    'replication: { url: "postgres://x/db", tls: disable, ca_file: ca.pem }',
    ['f:1:63: replication.ca_file: nobody reads it without TLS; expected another tls'],
  ],
  ['an external broker without its address', 'mqtt: { mode: external }', ['f:1:7: mqtt.url: missing; expected text']],
  [
    'a key twice, and other mistakes beside it',
    'log: { level: info, level: warn }\nhttp: { prot: 1 }',
    ['f:1:21: this key is there twice in one mapping', 'f:2:9: http.prot: unknown key; did you mean port?'],
  ],
  ['a tab', 'limits:\n\tlimit_w: 3', ['f:2:1: not YAML: tabs cannot indent; use spaces']],
  ['a second document', 'log: {}\n---\nlog: {}', ['f:2:1: not one configuration: a second document begins here (---)']],
  ['an alias of nothing', 'log: *x', ['f:1:6: there is no &x before it']],
  [
    'a key that means something to JavaScript',
    '__proto__: { limits: 3 }',
    [
      'f:1:1: __proto__: unknown key; expected one of hub, limits, circuits, http, mqtt, buses, meters, replication, log',
    ],
  ],
];

describe('a configuration file that is wrong', () => {
  it.each(TABLE)('%s', (_what, text, errors) => {
    expect(errorsOf(text)).toEqual(errors);
  });

  it('says where YAML ends being YAML', () => {
    expect(errorsOf('hub: [1\nhttp: {')[0]).toMatch(/^f:2:\d+: not YAML: /);
  });

  it('is refused when its aliases expand without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((key, i) => `${key}: &${key} [${Array(8).fill(`*${'abcdefg'[i]}`).join(',')}]`),
    ];
    expect(errorsOf(bomb.join('\n'))).toHaveLength(1);
  });
});
