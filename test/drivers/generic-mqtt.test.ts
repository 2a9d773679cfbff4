import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGenericMqtt } from '../../relay-drivers/generic-mqtt/protocol.ts';
import { genericMqttSettings } from '../../relay-drivers/generic-mqtt/settings.ts';
import { genericMqttEntry } from '../../relay-drivers/generic-mqtt/twin.ts';
import type { PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { said } from './captured-mqtt.ts';

const PLAIN = { command: { topic: 'a/do' }, state: { topic: 'a/is' } };
const AVAILABLE = { topic: 'a/there' };

const entry = (channels: object[], more: object = { availability: AVAILABLE }) => ({
  id: 'plug',
  driver: 'generic-mqtt',
  channels,
  ...more,
});
const device = (channels: object[], more?: object) =>
  createGenericMqtt(genericMqttSettings.parse(entry(channels, more)));
const fault = (channels: object[], more?: object) =>
  genericMqttSettings
    .safeParse(entry(channels, more))
    .error?.issues.map(({ message }) => message)
    .join();
const relay = (isOn: boolean, channel = 1): PlugWord => ({ kind: 'relay', channel, isOn });

describe('a device that the configuration describes', () => {
  it('is commanded as it says', () => {
    expect(device([PLAIN]).command(1, true, 5)).toEqual({ topic: 'a/do', payload: 'ON' });
    const named = { ...PLAIN, command: { topic: 'a/do', on: '{"v":1}', off: '{"v":0}' } };
    expect(device([PLAIN, named]).command(2, false, 5)).toEqual({ topic: 'a/do', payload: '{"v":0}' });
  });

  it('listens to what it is told on, each topic once', () => {
    const made = device([{ ...PLAIN, power: { topic: 'a/is', path: 'w' }, energy: { topic: 'a/wh' } }, PLAIN]);
    expect(made.filters).toEqual(['a/is', 'a/wh', 'a/there']);
  });

  it('asks each question once', () => {
    const ask = { query: { topic: 'a/ask' } };
    const made = device([
      { ...PLAIN, ...ask },
      { ...PLAIN, ...ask },
      { ...PLAIN, query: { topic: 'a/ask', payload: '2' } },
    ]);
    expect(made.queries(1)).toEqual([
      { topic: 'a/ask', payload: '' },
      { topic: 'a/ask', payload: '2' },
    ]);
    expect(device([PLAIN]).queries(1)).toEqual([]);
  });

  it('tells power as often as it says', () => {
    expect(device([PLAIN]).powerEveryMs).toBeNull();
    const made = device([{ ...PLAIN, power: { topic: 'a/w' } }], { availability: AVAILABLE, power_every_s: 5 });
    expect(made.powerEveryMs).toBe(5000);
  });
});

describe('states of a described device', () => {
  it.each([
    [{}, 'ON', true],
    [{}, 'OFF', false],
    [{}, 'on', null],
    [{}, '', null],
    [{ on: 'true', off: 'false', path: 'out' }, '{"out":true}', true],
    [{ on: '1', off: '0', path: 'a.b.1' }, '{"a":{"b":[1,0]}}', false],
    [{ path: 'state' }, '{"state":"ON","power":null}', true],
    [{ path: 'state' }, '{"power":3}', null],
    [{ path: 'state' }, 'ON', null],
    [{ path: 'state' }, '{"state":{"a":"ON"}}', null],
    [{ path: 'constructor', on: 'x' }, '{}', null],
    [{ path: 'a.0', on: '0', off: '1' }, '{"a":"0"}', null],
  ])('%j of %s: %s', (how, payload, isOn) => {
    const words = device([{ ...PLAIN, state: { topic: 'a/is', ...how } }]).hear(said('a/is', payload));
    expect(words).toEqual(isOn === null ? [] : [relay(isOn)]);
  });

  it('one message may tell of several channels', () => {
    const of = (path: string) => ({ ...PLAIN, state: { topic: 'a/is', path } });
    expect(device([of('l1'), of('l2')]).hear(said('a/is', '{"l1":"ON","l2":"OFF"}'))).toEqual([
      relay(true),
      relay(false, 2),
    ]);
  });

  it('a topic of somebody else says nothing', () => {
    expect(device([PLAIN]).hear(said('a/is/more', 'ON'))).toEqual([]);
  });

  it('its availability', () => {
    const made = device([PLAIN], { availability: { topic: 'a/there', path: 'state', online: 'up', offline: 'down' } });
    expect(made.hear(said('a/there', '{"state":"up"}'))).toEqual([{ kind: 'presence', isOnline: true }]);
    expect(made.hear(said('a/there', '{"state":"down"}', true))).toEqual([{ kind: 'presence', isOnline: false }]);
    expect(made.hear(said('a/there', 'up'))).toEqual([]);
  });

  it('what the broker keeps counts when it is there', () => {
    const made = device([PLAIN]);
    expect(made.hear(said('a/is', 'OFF', true))).toEqual([]);
    expect(made.hear(said('a/there', 'offline', true))).toEqual([{ kind: 'presence', isOnline: false }]);
    expect(made.hear(said('a/is', 'ON', true))).toEqual([]);
    expect(made.hear(said('a/there', 'online', true))).toEqual([{ kind: 'presence', isOnline: true }, relay(true)]);
    expect(made.hear(said('a/is', 'OFF', true))).toEqual([relay(false)]);
  });
});

describe('what a described device measures', () => {
  const ALL = {
    ...PLAIN,
    power: { topic: 'a/m', path: 'p' },
    voltage: { topic: 'a/m', path: 'u' },
    current: { topic: 'a/i', scale: 0.001 },
    energy: { topic: 'a/wh', scale: 0.001 },
  };
  const readings = (channel: object, ...messages: [string, string][]) => {
    const made = device([channel]);
    return messages.flatMap(([topic, payload]) => made.hear(said(topic, payload)));
  };
  const reading = (
    powerMw: number,
    voltageMv: number | null,
    currentMa: number | null,
    energyImportMwh: number | null,
  ) => ({
    kind: 'power',
    channel: 1,
    reading: { powerMw, phases: [{ powerMw, voltageMv, currentMa }], energyImportMwh, energyExportMwh: null },
  });

  it('is told together, or remembered until the next power', () => {
    expect(readings(ALL, ['a/i', '435'], ['a/wh', '1500'], ['a/m', '{"p":100.5,"u":230}'])).toEqual([
      reading(100_500, 230_000, 435, 1_500_000),
    ]);
  });

  it('of the same message as power, what is missing is null', () => {
    expect(readings(ALL, ['a/m', '{"p":1,"u":230}'], ['a/m', '{"p":2}'])).toEqual([
      reading(1000, 230_000, null, null),
      reading(2000, null, null, null),
    ]);
  });

  it.each(['{"u":230}', '{"p":null}', '{"p":"nan"}', '{"p":{}}', '{"p":true}', '[]', 'x', ''])(
    '%s is no reading',
    (payload) => {
      expect(readings(ALL, ['a/m', payload])).toEqual([]);
    },
  );

  it('a number may be a text', () => {
    expect(readings(ALL, ['a/m', '{"p":"12.5"}'])).toEqual([reading(12_500, null, null, null)]);
    expect(readings({ ...PLAIN, power: { topic: 'a/kw', scale: 1000 } }, ['a/kw', ' -1.25 '])).toEqual([
      reading(-1_250_000, null, null, null),
    ]);
  });
});

describe('a configuration that would do harm is refused', () => {
  it.each([
    ['nobody would know that it is gone', [PLAIN], {}, /availability/],
    ['a query for one of two', [{ ...PLAIN, query: { topic: 'a/ask' } }, PLAIN], undefined, /query for each/],
    ['commands where states are', [{ ...PLAIN, command: { topic: 'a/is' } }], undefined, /other topics/],
    ['questions where states are', [{ ...PLAIN, query: { topic: 'a/is' } }], undefined, /other topics/],
    ['commands where power is', [{ ...PLAIN, power: { topic: 'a/do' } }], undefined, /other topics/],
    [
      'one word for two states',
      [{ ...PLAIN, state: { topic: 'a/is', on: 'x', off: 'x' } }],
      undefined,
      /different payloads/,
    ],
    ['a wildcard', [{ ...PLAIN, state: { topic: 'a/+' } }], undefined, /without/],
    ['a topic of the hub', [{ ...PLAIN, command: { topic: 'voltsafe/h/x' } }], undefined, /voltsafe/],
  ])('%s', (_, channels, more, message) => {
    expect(fault(channels, more)).toMatch(message);
  });

  it('the entry of the simulated one is none of these', () => {
    expect(genericMqttSettings.safeParse(genericMqttEntry('plug', 'p', 3)).success).toBe(true);
  });
});

describe('whatever comes', () => {
  it('nothing is thrown', () => {
    const made = createGenericMqtt(genericMqttSettings.parse(genericMqttEntry('plug', 'p', 2)));
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...made.filters), payload, fc.boolean(), (topic, bytes, isRetained) => {
        for (const word of made.hear({ topic, payload: bytes, isRetained }))
          if (word.kind === 'power') expect(Number.isSafeInteger(word.reading.powerMw)).toBe(true);
      }),
    );
  });
});
