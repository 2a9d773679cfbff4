import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { esphomeFinder } from '../../relay-drivers/esphome/finder.ts';
import { createEsphome } from '../../relay-drivers/esphome/protocol.ts';
import { esphomeSettings } from '../../relay-drivers/esphome/settings.ts';
import type { PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { said } from './captured-mqtt.ts';

const PREFIX = 'relayboard';
const both = { switch: 'relay', power: 'power', energy: 'energy' };
const node = (...switches: object[]) =>
  createEsphome(
    esphomeSettings.parse({
      id: 'plug',
      driver: 'esphome',
      prefix: PREFIX,
      switches: switches.length ? switches : [both],
    }),
  );

const status = (word: string, isRetained = false) => said(`${PREFIX}/status`, word, isRetained);
const state = (word: string, isRetained = false, id = 'relay') =>
  said(`${PREFIX}/switch/${id}/state`, word, isRetained);
const sensor = (id: string, word: string, isRetained = false) => said(`${PREFIX}/sensor/${id}/state`, word, isRetained);
const relay = (isOn: boolean, channel = 1): PlugWord => ({ kind: 'relay', channel, isOn });
const ONLINE: PlugWord = { kind: 'presence', isOnline: true };
const OFFLINE: PlugWord = { kind: 'presence', isOnline: false };

describe('a node with ESPHome (wire-formats C4)', () => {
  it('is told by its topics, and cannot be asked', () => {
    const made = node();
    expect(made.filters).toEqual([
      'relayboard/status',
      'esphome/discover/relayboard',
      'relayboard/switch/relay/state',
      'relayboard/sensor/power/state',
      'relayboard/sensor/energy/state',
    ]);
    expect(made.command(1, true, 3)).toEqual({ topic: 'relayboard/switch/relay/command', payload: 'ON' });
    expect(made.queries(3)).toEqual([]);
    expect(made.powerEveryMs).toBe(60_000);
    expect(node({ switch: 'relay' }).powerEveryMs).toBeNull();
  });

  it('has several channels', () => {
    const made = node({ switch: 'left' }, { switch: 'right' });
    made.hear(status('online', true));
    expect(made.channels).toBe(2);
    expect(made.command(2, false, 3)).toEqual({ topic: 'relayboard/switch/right/command', payload: 'OFF' });
    expect(made.hear(state('ON', true, 'right'))).toEqual([relay(true, 2)]);
  });

  it.each(['on', '', 'OFF ', 'unknown', '{"state":"ON"}'])('%j is no state', (word) => {
    const made = node();
    made.hear(status('online', true));
    expect(made.hear(state(word))).toEqual([]);
  });

  it('tells a change live', () => {
    const made = node();
    made.hear(status('online', true));
    expect(made.hear(state('ON'))).toEqual([relay(true)]);
    expect(made.hear(said(`${PREFIX}/switch/other/state`, 'ON'))).toEqual([]);
  });

  it.each([
    ['wherever the status is told to be a word of its own', 'gone'],
    ['a status of somebody else', 'Online'],
  ])('%s', (_, word) => {
    expect(node().hear(status(word))).toEqual([]);
  });
});

describe('what the broker keeps of a node', () => {
  it('counts when its status says that it is there, whichever comes first', () => {
    const first = node();
    expect(first.hear(status('online', true))).toEqual([ONLINE]);
    expect(first.hear(state('ON', true))).toEqual([relay(true)]);
    const last = node();
    expect(last.hear(state('ON', true))).toEqual([]);
    expect(last.hear(status('online', true))).toEqual([ONLINE, relay(true)]);
  });

  it('does not count of a node that is gone', () => {
    const made = node();
    expect(made.hear(state('OFF', true))).toEqual([]);
    expect(made.hear(status('offline', true))).toEqual([OFFLINE]);
    expect(made.hear(state('OFF', true))).toEqual([]);
    // Its birth: it tells its states itself now, and what was kept is of the life before.
    expect(made.hear(status('online'))).toEqual([ONLINE]);
    expect(made.hear(state('ON'))).toEqual([relay(true)]);
  });

  it('does not count when it went meanwhile', () => {
    const made = node();
    made.hear(status('online', true));
    expect(made.hear(status('offline'))).toEqual([OFFLINE]);
    expect(made.hear(state('OFF', true))).toEqual([]);
  });

  it('a live word is of a node that is there', () => {
    const made = node();
    made.hear(status('offline', true));
    expect(made.hear(state('ON'))).toEqual([ONLINE, relay(true)]);
    expect(made.hear(state('OFF', true))).toEqual([relay(false)]);
  });
});

describe('what a node measures', () => {
  const measuring = (...messages: ReturnType<typeof said>[]) => {
    const made = node();
    made.hear(status('online', true));
    return messages.flatMap((message) => made.hear(message)).filter(({ kind }) => kind === 'power');
  };
  const power = (powerMw: number, energyImportMwh: number | null = null) => ({
    kind: 'power',
    channel: 1,
    reading: {
      powerMw,
      phases: [{ voltageMv: null, currentMa: null, powerMw }],
      energyImportMwh,
      energyExportMwh: null,
    },
  });

  it('power alone', () => {
    expect(measuring(sensor('power', '23.5'))).toEqual([power(23_500)]);
    expect(measuring(sensor('power', '-0.04'))).toEqual([power(-40)]);
  });

  it('energy alone is no reading; it goes with the next power', () => {
    expect(measuring(sensor('energy', '1.25'))).toEqual([]);
    expect(measuring(sensor('energy', '1.25'), sensor('power', '10'))).toEqual([power(10_000, 1_250_000)]);
    expect(measuring(sensor('energy', '1.25'), sensor('energy', 'nan'), sensor('power', '10'))).toEqual([
      power(10_000),
    ]);
  });

  it.each(['nan', 'NaN', 'inf', '', '-', '0x10', '23,5', '23.5 W', '1e999'])('%j is nothing measured', (word) => {
    expect(measuring(sensor('power', word))).toEqual([]);
  });

  it('nothing is measured by a node that is gone', () => {
    const made = node();
    made.hear(status('offline', true));
    expect(made.hear(sensor('power', '23.5', true))).toEqual([]);
  });

  it('energy of the life before is forgotten', () => {
    expect(measuring(sensor('energy', '5'), status('offline'), status('online'), sensor('power', '1'))).toEqual([
      power(1000),
    ]);
  });

  it('one sensor may measure two switches', () => {
    const made = node({ switch: 'a', power: 'p' }, { switch: 'b', power: 'p' });
    made.hear(status('online', true));
    expect(made.hear(sensor('p', '1'))).toMatchObject([{ channel: 1 }, { channel: 2 }]);
  });
});

describe('whatever comes', () => {
  it('nothing is thrown', () => {
    const made = node();
    const finder = esphomeFinder();
    const topic = fc.constantFrom(
      ...made.filters,
      'esphome/discover/a',
      'homeassistant/switch/a/b/config',
      'homeassistant/sensor/a/b/config',
    );
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(topic, payload, fc.boolean(), (to, bytes, isRetained) => {
        made.hear({ topic: to, payload: bytes, isRetained });
        finder.hear({ topic: to, payload: bytes, isRetained });
      }),
    );
  });
});
