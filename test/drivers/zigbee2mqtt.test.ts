import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zigbee2mqttFinder } from '../../relay-drivers/zigbee2mqtt/finder.ts';
import { createZigbee2mqtt } from '../../relay-drivers/zigbee2mqtt/protocol.ts';
import { zigbee2mqttSettings } from '../../relay-drivers/zigbee2mqtt/settings.ts';
import { said } from './captured-mqtt.ts';
import { power, presence, relay, restarted } from './plug-words.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 300);

const settings = (entry: object = {}) =>
  zigbee2mqttSettings.parse({ id: 'plug', driver: 'zigbee2mqtt', name: 'N', power: true, ...entry });
const plug = (entry?: object) => createZigbee2mqtt(settings(entry));
/** A device of a bridge that runs, and has been asked. */
const awake = (entry?: object) => {
  const made = plug(entry);
  made.hear(said('zigbee2mqtt/bridge/state', { state: 'online' }, true));
  made.queries(1);
  for (let relays = made.channels; relays > 0; relays -= 1) made.hear(state({}));
  return made;
};
const state = (of: object, name = 'N') => said(`zigbee2mqtt/${name}`, of);
const bridge = (online: string | object, isRetained = false) => said('zigbee2mqtt/bridge/state', online, isRetained);
const available = (online: string | object, isRetained = true) =>
  said('zigbee2mqtt/N/availability', online, isRetained);

describe('what is sent', () => {
  it('one relay', () => {
    expect(plug().command(1, true, 7)).toEqual({ topic: 'zigbee2mqtt/N/set', payload: '{"state":"ON"}' });
    expect(awake().queries(7)).toEqual([{ topic: 'zigbee2mqtt/N/get', payload: '{"state":""}' }]);
  });

  it('several, and a name with levels under another base', () => {
    const device = plug({ base: 'home/z2m', name: 'kitchen/left', endpoints: ['l1', 'l2'] });
    expect(device.channels).toBe(2);
    expect(device.command(2, false, 7)).toEqual({ topic: 'home/z2m/kitchen/left/set', payload: '{"state_l2":"OFF"}' });
    expect(device.queries(7)[0]).toEqual({
      topic: 'home/z2m/kitchen/left/get',
      payload: '{"state_l1":"","state_l2":""}',
    });
    expect(device.filters).toEqual([
      'home/z2m/bridge/state',
      'home/z2m/kitchen/left',
      'home/z2m/kitchen/left/availability',
    ]);
  });

  it('power is asked for behind the state, where it can be', () => {
    expect(awake({ power_get: true }).queries(7)[0]?.payload).toBe('{"state":"","power":""}');
    expect(awake({ power_get: true, power: false }).queries(7)[0]?.payload).toBe('{"state":""}');
  });

  it.each(['N/set', 'N/get', 'N/availability', 'bridge', 'bridge/state', '+', 'a/#'])(
    'no friendly name: %s',
    (name) => {
      expect(zigbee2mqttSettings.safeParse({ id: 'plug', driver: 'zigbee2mqtt', name }).success).toBe(false);
    },
  );
});

describe('states', () => {
  it.each([
    [{ state: 'ON' }, [relay(1, true)]],
    [{ state: 'OFF', linkquality: 60 }, [relay(1, false)]],
    [{ state: 'on' }, []],
    [{ state: true }, []],
    [{ linkquality: 60 }, []],
    // The figures of wire-formats C5.
    [
      { state: 'ON', power: 2.3, voltage: 231, current: 0, energy: 0.11, linkquality: 60 },
      [relay(1, true), power(1, 2300, { voltageMv: 231_000, currentMa: 0, energyImportMwh: 110_000 })],
    ],
    [{ state: 'ON', power: null, voltage: 231 }, [relay(1, true)]],
    [{ state: 'ON', voltage: 231, current: 1 }, [relay(1, true)]],
    [{ state: 'ON', power: '5' }, [relay(1, true)]],
    [{ state: null, power: 0 }, [power(1, 0)]],
    [{ state_l1: 'ON' }, []],
  ])('%j', (of, words) => {
    expect(awake().hear(state(of))).toEqual(words);
  });

  it('several relays: each has its own power, and the voltage of all', () => {
    const device = awake({ endpoints: ['l1', 'l2'] });
    expect(
      device.hear(state({ state_l1: 'ON', state_l2: 'OFF', power_l1: 5, power: 9, voltage: 230, energy: 1 })),
    ).toEqual([relay(1, true), power(1, 5000, { voltageMv: 230_000 }), relay(2, false)]);
    expect(device.hear(state({ state: 'ON' }))).toEqual([]);
  });

  it('the message that tells of a switching repeats the power of before, which is no measurement', () => {
    const device = awake();
    const hear = (of: object) => device.hear(state(of));
    expect(hear({ state: 'ON', power: 60 })).toEqual([relay(1, true), power(1, 60_000)]);
    expect(hear({ state: 'OFF', power: 60 })).toEqual([relay(1, false)]);
    expect(hear({ state: 'OFF', power: 60, linkquality: 5 })).toEqual([relay(1, false)]);
    expect(hear({ state: 'OFF', power: 0 })).toEqual([relay(1, false), power(1, 0)]);
    expect(hear({ state: 'ON', power: 0 })).toEqual([relay(1, true)]);
    // There may be nothing plugged in: what it says when it is asked counts.
    device.queries(2);
    expect(hear({ state: 'ON', power: 0 })).toEqual([relay(1, true), power(1, 0)]);
  });

  it('one without a meter tells no power', () => {
    expect(awake({ power: false }).hear(state({ state: 'ON', power: 5 }))).toEqual([relay(1, true)]);
    expect(plug({ power: false }).powerEveryMs).toBeNull();
  });

  it('other devices, attributes, broken JSON and retained states say nothing', () => {
    const device = awake();
    expect(device.hear(state({ state: 'ON' }, 'N/l1'))).toEqual([]);
    expect(device.hear(state({ state: 'ON' }, 'M'))).toEqual([]);
    expect(device.hear(said('zigbee2mqtt/N', '{"state":"ON"'))).toEqual([]);
    expect(device.hear(said('zigbee2mqtt/N', '[]'))).toEqual([]);
    expect(device.hear(said('zigbee2mqtt/N', { state: 'ON', power: 5 }, true))).toEqual([]);
  });
});

describe('availability', () => {
  it.each([
    ['JSON', { state: 'online' }, { state: 'offline' }],
    ['plain text', 'online', 'offline'],
  ])('%s, of the bridge and of the device', (_, online, offline) => {
    const device = plug();
    const told = [
      available(online),
      bridge(online, true),
      available(offline, false),
      available(online, false),
      bridge(offline),
      available(online),
      available(offline),
    ].map((message) => device.hear(message));
    expect(told).toEqual([
      [],
      [presence(true)],
      [presence(false)],
      [presence(true)],
      [presence(false)],
      [presence(false)],
      [presence(false)],
    ]);
  });

  it('a bridge that comes back does not bring back a device that was gone', () => {
    const device = plug();
    for (const message of [bridge('online', true), available('offline'), bridge('offline')]) device.hear(message);
    expect(device.hear(bridge('online'))).toEqual([restarted, presence(false)]);
  });

  it('words that are not known say nothing', () => {
    for (const word of ['', 'ONLINE', '{}', '{"state":1}', '7']) {
      expect(plug().hear(bridge(word))).toEqual([]);
      expect(plug().hear(available(word))).toEqual([]);
    }
  });
});

describe('the cache of a bridge that starts', () => {
  const on = state({ state: 'ON', power: 5 });
  const off = state({ state: 'OFF', power: 0 });

  it('what it remembers does not count, what it is asked for does', () => {
    const device = awake();
    device.hear(bridge('offline'));
    expect(device.hear(bridge('online'))).toEqual([restarted, presence(true)]);
    expect(device.hear(off)).toEqual([]);
    expect(device.hear(off)).toEqual([]);
    expect(device.queries(2)).toHaveLength(1);
    expect(device.hear(on)).toEqual([relay(1, true), power(1, 5000)]);
  });

  it('nor where it was asked before it came to that', () => {
    const device = awake();
    device.hear(bridge('online'));
    device.queries(2);
    expect(device.hear(off)).toEqual([]);
    expect(device.hear(on)).toEqual([relay(1, true), power(1, 5000)]);
  });

  it('of several relays an answer about one repeats what is remembered of the others', () => {
    const device = awake({ endpoints: ['l1', 'l2'], power: false });
    device.hear(bridge('online'));
    expect(device.queries(2)).toHaveLength(2);
    const told = [
      { state_l1: 'OFF', state_l2: 'OFF' },
      { state_l1: 'ON', state_l2: 'OFF' },
      { state_l1: 'ON', state_l2: 'ON' },
    ].map((of) => device.hear(state(of)));
    expect(told).toEqual([[], [], [relay(1, true), relay(2, true)]]);
  });

  it('it is asked twice, for where it remembers nothing the first answer is taken for that', () => {
    const device = awake();
    device.hear(bridge('online'));
    const [first, second] = device.queries(2);
    expect(second).toEqual(first);
    expect(device.hear(on)).toEqual([]);
    expect(device.hear(on)).toEqual([relay(1, true), power(1, 5000)]);
    expect(device.queries(3)).toHaveLength(1);
  });

  it('a hub that starts beside it does not believe the first state either', () => {
    const device = plug();
    device.queries(1);
    device.hear(bridge('online', true));
    expect(device.hear(off)).toEqual([]);
    expect(device.hear(on)).toEqual([relay(1, true), power(1, 5000)]);
  });

  it('a retained `online` is a start where it was not there before, and none where it was', () => {
    const device = awake();
    expect(device.hear(bridge('online', true))).toEqual([presence(true)]);
    expect(device.hear(on)).toEqual([relay(1, true), power(1, 5000)]);
    device.hear(bridge('offline', true));
    expect(device.hear(bridge('online', true))).toEqual([restarted, presence(true)]);
    expect(device.hear(off)).toEqual([]);
  });
});

describe('whatever comes', () => {
  const names = fc.constantFrom('N', 'N/availability', 'bridge/state', 'bridge/devices');
  const one = fc.record({ state: fc.jsonValue(), power: fc.jsonValue(), energy: fc.jsonValue() });
  const listed = fc.array(
    fc.oneof(fc.record({ ieee_address: fc.jsonValue(), definition: fc.jsonValue() }), fc.jsonValue()),
  );
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.oneof(one, listed, fc.jsonValue()).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  );

  it('nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, payloads, fc.boolean()), { maxLength: 20 }), (messages) => {
        const device = awake();
        const finder = zigbee2mqttFinder();
        for (const [name, payload, isRetained] of messages) {
          const message = { topic: `zigbee2mqtt/${name}`, payload, isRetained };
          finder.hear(message);
          for (const word of device.hear(message))
            if (word.kind === 'power') expect(Number.isSafeInteger(word.reading.powerMw)).toBe(true);
        }
      }),
      { numRuns },
    );
  });
});
