import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellyGen2Finder } from '../../relay-drivers/shelly-gen2/finder.ts';
import { createShellyGen2 } from '../../relay-drivers/shelly-gen2/protocol.ts';
import { shellyGen2Settings } from '../../relay-drivers/shelly-gen2/settings.ts';
import { capturedMessages, said } from './captured-mqtt.ts';
import { power, presence, relay, restarted, trouble } from './plug-words.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 300);
const recording = capturedMessages('shelly-gen1-and-gen2.real');

const plug = (entry: object = {}) =>
  createShellyGen2(shellyGen2Settings.parse({ id: 'plug', driver: 'shelly-gen2', prefix: 'P', ...entry }));
const awake = (entry?: object) => {
  const made = plug(entry);
  made.hear(said('P/online', 'true'));
  return made;
};
const notify = (params: object, method = 'NotifyStatus') => said('P/events/rpc', { src: 'x', method, params });
const status = (of: object, id = 0) => said(`P/status/switch:${id}`, { id, ...of });

describe('the recording (captures/shelly-gen1-and-gen2.real.jsonl)', () => {
  it('a Plus 1PM: each message has the noted words, or none', () => {
    const device = plug({ prefix: 'shellies/plus1pm' });
    const words = recording.map((message) => [message.topic, device.hear(message)] as const);
    const told = (voltageMv: number) => power(1, 0, { voltageMv, currentMa: 0, energyImportMwh: 0 });
    expect(words.filter(([, some]) => some.length > 0)).toEqual([
      ['shellies/plus1pm/online', [presence(true)]],
      ['shellies/plus1pm/status/switch:0', [relay(1, false), told(232_700)]],
      ['shellies/plus1pm/status/switch:0', [relay(1, false), told(232_700)]],
      ['shellies/plus1pm/status/switch:0', [relay(1, false), told(232_800)]],
      // The overlays about voltage, temperature and energy are no readings; this one is about the relay.
      ['shellies/plus1pm/events/rpc', [relay(1, true)]],
      ['shellies/plus1pm/status/switch:0', [relay(1, true), told(232_600)]],
      ['shellies/plus1pm/online', [presence(false)]],
    ]);
  });
});

describe('what is sent', () => {
  it('a command is a numbered question, answered below its own prefix', () => {
    const { topic, payload } = plug({ prefix: 'a/b', channels: 2 }).command(2, true, 7);
    expect(topic).toBe('a/b/rpc');
    expect(JSON.parse(payload)).toEqual({ id: 7, src: 'a/b/hub', method: 'Switch.Set', params: { id: 1, on: true } });
    expect(plug({ prefix: 'a/b' }).filters).toContain('a/b/hub/rpc');
    expect(plug().numbersAnswers).toBe(true);
  });

  it('it is asked for its status in both ways', () => {
    const [rpc, update, ...more] = plug().queries(9);
    expect(JSON.parse(rpc?.payload ?? '')).toEqual({ id: 9, src: 'P/hub', method: 'Shelly.GetStatus' });
    expect([rpc?.topic, update, more]).toEqual(['P/rpc', { topic: 'P/command', payload: 'status_update' }, []]);
  });
});

describe('answers', () => {
  const answer = (of: object) => awake().hear(said('P/hub/rpc', { src: 'x', dst: 'P/hub', ...of }));

  it.each([
    [{ id: 7, result: { was_on: false } }, true, null],
    [{ id: 7, result: null }, true, null],
    [
      { id: 7, error: { code: -105, message: "Argument 'id', value 9 not found!" } },
      false,
      "-105: Argument 'id', value 9 not found!",
    ],
    [{ id: 7, error: { code: 401, message: 'x\u0000\ny'.padEnd(500, 'z') } }, false, `401: x y${'z'.repeat(117)}`],
    [{ id: 7, error: 'no' }, false, 'it gave no reason'],
  ])('%j', (of, isOk, detail) => {
    expect(answer(of)).toEqual([{ kind: 'answer', question: 7, isOk, detail }]);
  });

  it.each([{ id: 'seven', result: {} }, { id: 7.5, result: {} }, { result: {} }, { id: 7 }, { id: null, result: {} }])(
    'no answer of ours: %j',
    (of) => {
      expect(answer(of)).toEqual([]);
    },
  );

  it('a status is told before the answer that brought it', () => {
    const result = { 'switch:0': { id: 0, output: true, apower: 60.4 }, sys: { uptime: 10 } };
    expect(answer({ id: 3, result })).toEqual([
      relay(1, true),
      power(1, 60_400),
      { kind: 'answer', question: 3, isOk: true, detail: null },
    ]);
  });

  it('a retained answer is none', () => {
    expect(plug().hear(said('P/hub/rpc', { id: 7, result: {} }, true))).toEqual([]);
  });
});

describe('overlays', () => {
  it('what was told before stands where a message leaves it out', () => {
    const device = awake();
    device.hear(status({ output: true, apower: 60, voltage: 230, current: 0.26, aenergy: { total: 12.5 } }));
    const before = { voltageMv: 230_000, currentMa: 260, energyImportMwh: 12_500 };
    expect(device.hear(notify({ 'switch:0': { id: 0, apower: 61 } }))).toEqual([power(1, 61_000, before)]);
    expect(device.hear(notify({ 'switch:0': { id: 0, voltage: 231 } }))).toEqual([]);
    expect(device.hear(notify({ 'switch:0': { id: 0, aenergy: { total: 13 } } }))).toEqual([]);
    const after = { ...before, voltageMv: 231_000, energyImportMwh: 13_000 };
    expect(device.hear(notify({ 'switch:0': { id: 0, apower: 62 } }))).toEqual([power(1, 62_000, after)]);
  });

  it('a message without apower is no 0 W', () => {
    const partial = [
      { output: true },
      { voltage: 230 },
      { temperature: { tC: 40 } },
      { apower: null },
      { apower: '5' },
    ];
    for (const told of partial)
      for (const message of [status(told), notify({ 'switch:0': told })])
        expect(
          awake()
            .hear(message)
            .filter(({ kind }) => kind === 'power'),
        ).toEqual([]);
  });

  it('a whole status leaves nothing of the one before', () => {
    const device = awake();
    device.hear(status({ output: true, apower: 60, voltage: 230 }));
    expect(device.hear(notify({ 'switch:0': { output: true, apower: 5 } }, 'NotifyFullStatus'))).toEqual([
      relay(1, true),
      power(1, 5000),
    ]);
  });

  it('several relays, told together or alone; those that it has not are passed over', () => {
    const device = awake({ channels: 2 });
    const all = { 'switch:0': { output: true }, 'switch:1': { output: false }, 'switch:2': { output: true } };
    expect(device.hear(said('P/status', all))).toEqual([relay(1, true), relay(2, false)]);
    expect(device.hear(status({ output: true }, 1))).toEqual([relay(2, true)]);
    expect(device.hear(status({ output: true }, 2))).toEqual([]);
  });

  it('events, inputs and other methods are no states', () => {
    expect(awake().hear(notify({ 'switch:0': { output: true } }, 'NotifyEvent'))).toEqual([]);
    expect(awake().hear(said('P/status/input:0', { id: 0, state: null }))).toEqual([]);
    expect(awake().hear(said('P/status/cover:0', { id: 0, output: true, apower: 3 }))).toEqual([]);
  });

  it('a retained state is somebody else’s doing', () => {
    expect(plug().hear(said('P/status/switch:0', { output: true, apower: 5 }, true))).toEqual([]);
  });

  it('one without a meter tells no power', () => {
    expect(awake({ power: false }).hear(status({ output: true, apower: 0 }))).toEqual([relay(1, true)]);
    expect(plug({ power: false }).powerEveryMs).toBeNull();
  });

  it('a shorter uptime is a start', () => {
    const device = awake();
    const hear = (uptime: number) => device.hear(said('P/status/sys', { uptime }));
    expect([hear(100), hear(130), hear(3)]).toEqual([[], [], [restarted]]);
    // Its last will said all of it.
    device.hear(said('P/online', 'false'));
    device.hear(said('P/online', 'true'));
    expect(hear(1)).toEqual([]);
  });

  it('who speaks is there', () => {
    expect(plug().hear(status({ output: true }))).toEqual([presence(true), relay(1, true)]);
  });
});

describe('protections', () => {
  it('errors that appear are trouble, once until it is on again', () => {
    const device = awake();
    const off = status({ output: false, errors: ['overpower'], source: 'overpower' });
    expect(device.hear(off)).toEqual([relay(1, false), trouble('overpower')]);
    expect(device.hear(off)).toEqual([relay(1, false)]);
    expect(device.hear(status({ output: true }))).toEqual([relay(1, true)]);
    expect(device.hear(notify({ 'switch:0': { errors: ['overtemp'], output: false } }))).toEqual([
      relay(1, false),
      trouble('overheated'),
    ]);
  });

  it('errors alone, and a source alone, are trouble too', () => {
    expect(awake().hear(notify({ 'switch:0': { errors: ['overvoltage'] } }))).toEqual([trouble('overvoltage')]);
    expect(awake().hear(status({ output: false, source: 'overpower' }))).toEqual([
      relay(1, false),
      trouble('overpower'),
    ]);
  });

  it('what is on did not switch itself off, and words that are not known say nothing', () => {
    expect(awake().hear(status({ output: true, source: 'overpower' }))).toEqual([relay(1, true)]);
    expect(awake().hear(status({ output: false, source: 'button', errors: ['x', 7, null] }))).toEqual([
      relay(1, false),
    ]);
  });
});

describe('whatever comes', () => {
  const names = fc.constantFrom(
    'online',
    'status',
    'status/switch:0',
    'status/sys',
    'events/rpc',
    'hub/rpc',
    'hub/rpc',
  );
  const one = fc.record({
    output: fc.jsonValue(),
    apower: fc.jsonValue(),
    errors: fc.jsonValue(),
    source: fc.jsonValue(),
  });
  const shaped = fc.oneof(
    one,
    fc.record({ 'switch:0': one, sys: fc.jsonValue() }),
    fc.record({ method: fc.constant('NotifyStatus'), params: fc.record({ 'switch:0': one }) }),
    fc.record({
      id: fc.oneof(fc.nat(3), fc.jsonValue()),
      result: fc.oneof(fc.record({ 'switch:0': one }), fc.jsonValue()),
    }),
    fc.record({ id: fc.nat(3), error: fc.jsonValue() }),
    fc.jsonValue(),
  );
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    shaped.map((value) => new TextEncoder().encode(JSON.stringify(value))),
  );

  it('nothing throws, and every word is whole', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, payloads, fc.boolean()), { maxLength: 20 }), (messages) => {
        const device = plug();
        const finder = shellyGen2Finder();
        for (const [name, payload, isRetained] of messages) {
          const message = { topic: `P/${name}`, payload, isRetained };
          finder.hear(message);
          for (const word of device.hear(message)) {
            if (word.kind === 'relay') expect(typeof word.isOn).toBe('boolean');
            if (word.kind === 'power') expect(Number.isSafeInteger(word.reading.powerMw)).toBe(true);
            if (word.kind === 'answer') expect((word.detail ?? '').length).toBeLessThan(200);
          }
        }
      }),
      { numRuns },
    );
  });
});
