import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellyGen1Finder } from '../../relay-drivers/shelly-gen1/finder.ts';
import { createShellyGen1 } from '../../relay-drivers/shelly-gen1/protocol.ts';
import { shellyGen1Settings } from '../../relay-drivers/shelly-gen1/settings.ts';
import { capturedMessages, said } from './captured-mqtt.ts';
import { power, presence, relay, restarted, trouble } from './plug-words.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 300);
const recording = capturedMessages('shelly-gen1-and-gen2.real');

const plug = (entry: object = {}) =>
  createShellyGen1(shellyGen1Settings.parse({ id: 'plug', driver: 'shelly-gen1', prefix: 'shellies/x', ...entry }));
/** A device that is known to be there. */
const awake = (entry?: object) => {
  const made = plug(entry);
  made.hear(said('shellies/x/online', 'true'));
  return made;
};

describe('the recording (captures/shelly-gen1-and-gen2.real.jsonl)', () => {
  it('a Shelly 1: each message has the noted words, or none', () => {
    const device = plug({ prefix: 'shellies/shelly1' });
    const words = recording.map((message) => [message.topic, device.hear(message)] as const);
    expect(words.filter(([, told]) => told.length > 0)).toEqual([
      ['shellies/shelly1/online', [presence(true)]],
      ['shellies/shelly1/info', [relay(1, false)]],
      ['shellies/shelly1/relay/0', [relay(1, false)]],
      ['shellies/shelly1/relay/0', [relay(1, true)]],
      ['shellies/shelly1/relay/0', [relay(1, false)]],
      ['shellies/shelly1/online', [presence(false)]],
    ]);
  });

  it('a 3EM whose prefix is doubled: its relay, and nothing of its clamps', () => {
    const device = plug({ prefix: 'shellies/shellies/shellyem3', power: true });
    const words = recording.map((message) => [message.topic, device.hear(message)] as const);
    expect(words.filter(([, told]) => told.length > 0)).toEqual([
      ['shellies/shellies/shellyem3/online', [presence(false)]],
      ['shellies/shellies/shellyem3/online', [presence(true)]],
      ['shellies/shellies/shellyem3/info', [relay(1, false)]],
      ['shellies/shellies/shellyem3/relay/0', [relay(1, false)]],
      ['shellies/shellies/shellyem3/relay/0', [relay(1, true)]],
      ['shellies/shellies/shellyem3/relay/0', [relay(1, false)]],
    ]);
  });
});

describe('what is sent', () => {
  it('a command to one relay, and `update`', () => {
    const device = plug({ channels: 2 });
    expect(device.command(2, true, 7)).toEqual({ topic: 'shellies/x/relay/1/command', payload: 'on' });
    expect(device.command(1, false, 8)).toEqual({ topic: 'shellies/x/relay/0/command', payload: 'off' });
    expect(device.queries(9)).toEqual([{ topic: 'shellies/x/command', payload: 'update' }]);
    expect(device.numbersAnswers).toBe(false);
  });
});

describe('relays', () => {
  it.each([
    ['relay/0', 'on', [relay(1, true)]],
    ['relay/1', 'off', [relay(2, false)]],
    ['relay/2', 'on', []],
    ['relay/0', 'ON', []],
    ['relay/0', '', []],
    ['relay/0/command', 'on', []],
    ['relay/10', 'on', []],
    ['input/0', '1', []],
    ['emeter/0/power', '12.0', []],
  ])('%s %s', (name, payload, words) => {
    expect(awake({ channels: 2 }).hear(said(`shellies/x/${name}`, payload))).toEqual(words);
  });

  it('overpower is off, and said once until it is switched again', () => {
    const device = awake();
    const hear = (payload: string) => device.hear(said('shellies/x/relay/0', payload));
    expect(hear('overpower')).toEqual([relay(1, false), trouble('overpower')]);
    expect(hear('overpower')).toEqual([relay(1, false)]);
    expect(hear('on')).toEqual([relay(1, true)]);
    expect(hear('overpower')).toEqual([relay(1, false), trouble('overpower')]);
  });

  it('overpower in the status is the same', () => {
    const status = { relays: [{ ison: false, overpower: true }] };
    expect(awake().hear(said('shellies/x/info', status))).toEqual([relay(1, false), trouble('overpower')]);
  });

  it('overheated is said once', () => {
    const device = awake();
    const hear = (payload: string) => device.hear(said('shellies/x/overtemperature', payload));
    const words = ['0', '1', '1', '0', '1'].map((payload) => hear(payload).length);
    expect(words).toEqual([0, 1, 0, 0, 1]);
  });

  it('who speaks is there, though nobody kept its birth', () => {
    const device = plug();
    expect(device.hear(said('shellies/x/relay/0', 'on'))).toEqual([presence(true), relay(1, true)]);
    expect(device.hear(said('shellies/x/relay/0', 'on'))).toEqual([relay(1, true)]);
    expect(device.hear(said('shellies/x/online', 'false'))).toEqual([presence(false)]);
    expect(device.hear(said('shellies/x/relay/0', 'off'))).toEqual([presence(true), relay(1, false)]);
  });

  it('a retained state shows nobody to be there, and a retained overpower is no news', () => {
    expect(plug().hear(said('shellies/x/relay/0', 'overpower', true))).toEqual([relay(1, false)]);
    expect(plug({ power: true }).hear(said('shellies/x/relay/0/power', '60', true))).toEqual([]);
    expect(plug().hear(said('shellies/x/info', { relays: [{ ison: true }] }, true))).toEqual([]);
  });

  it('a shorter uptime is a start', () => {
    const device = awake();
    const hear = (uptime: number) => device.hear(said('shellies/x/info', { uptime }));
    expect([hear(100), hear(130), hear(3)]).toEqual([[], [], [restarted]]);
    // Its last will said all of it.
    device.hear(said('shellies/x/online', 'false'));
    device.hear(said('shellies/x/online', 'true'));
    expect(hear(1)).toEqual([]);
  });
});

describe('power and energy', () => {
  const hear = (device: ReturnType<typeof plug>, name: string, payload: string) =>
    device.hear(said(`shellies/x/relay/0/${name}`, payload));

  it('watts, with the watt-minutes as the counter stood', () => {
    const device = awake({ power: true });
    expect(hear(device, 'power', '60.25')).toEqual([power(1, 60_250)]);
    // 90 watt-minutes are 1.5 Wh.
    expect(hear(device, 'energy', '90')).toEqual([]);
    expect(hear(device, 'power', '61')).toEqual([power(1, 61_000, { energyImportMwh: 1500 })]);
  });

  it('the counter begins anew with the device, and nothing is added to it', () => {
    const device = awake({ power: true });
    hear(device, 'energy', '6000');
    device.hear(said('shellies/x/online', 'true'));
    expect(hear(device, 'power', '5')).toEqual([power(1, 5000)]);
    hear(device, 'energy', '0');
    expect(hear(device, 'power', '5')).toEqual([power(1, 5000, { energyImportMwh: 0 })]);
  });

  it('a retained counter is not told with a live power', () => {
    const device = awake({ power: true });
    device.hear(said('shellies/x/relay/0/energy', '6000', true));
    expect(hear(device, 'power', '5')).toEqual([power(1, 5000)]);
  });

  it('what is no number is no 0 W', () => {
    for (const payload of ['', 'nan', 'null', '{}', '0x10', 'on'])
      expect(hear(awake({ power: true }), 'power', payload)).toEqual([]);
  });

  it('a relay without a meter says 0 W, and that is no reading', () => {
    expect(hear(awake(), 'power', '0.00')).toEqual([]);
    const info = { relays: [{ ison: true }], meters: [{ power: 0, is_valid: true }] };
    expect(awake().hear(said('shellies/x/info', info))).toEqual([relay(1, true)]);
  });

  it('the status tells power too, but not where it says that it is not valid', () => {
    const info = (is_valid: boolean) => ({ meters: [{ power: 60, total: 90, is_valid }] });
    expect(awake({ power: true }).hear(said('shellies/x/info', info(true)))).toEqual([
      power(1, 60_000, { energyImportMwh: 1500 }),
    ]);
    expect(awake({ power: true }).hear(said('shellies/x/info', info(false)))).toEqual([]);
  });
});

describe('whatever comes', () => {
  const names = fc.constantFrom('online', 'relay/0', 'relay/0/power', 'relay/0/energy', 'info', 'announce', 'relay/9');
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  const shaped = fc
    .record({ relays: fc.jsonValue(), meters: fc.jsonValue(), uptime: fc.jsonValue(), mac: fc.jsonValue() })
    .map((value) => JSON.stringify(value));
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.oneof(json, shaped, fc.string()).map((text) => new TextEncoder().encode(text)),
  );

  it('nothing throws, and no word is about a relay that is not there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, payloads, fc.boolean()), { maxLength: 20 }), (messages) => {
        const device = plug({ power: true, channels: 2 });
        const finder = shellyGen1Finder();
        for (const [name, payload, isRetained] of messages) {
          const message = { topic: `shellies/x/${name}`, payload, isRetained };
          finder.hear(message);
          for (const word of device.hear(message)) {
            if ('channel' in word) expect([1, 2, null]).toContain(word.channel);
            if (word.kind === 'power') expect(Number.isSafeInteger(word.reading.powerMw)).toBe(true);
          }
        }
      }),
      { numRuns },
    );
  });
});
