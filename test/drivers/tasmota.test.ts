import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { tasmotaFinder } from '../../relay-drivers/tasmota/finder.ts';
import { tasmotaSettings } from '../../relay-drivers/tasmota/settings.ts';
import { said } from './captured-mqtt.ts';
import { heard, plug, relay, spoken } from './tasmota-rig.ts';

describe('topics of Tasmota are what its user made of them', () => {
  it.each([
    ['%prefix%/%topic%/', 'cmnd/T/POWER1', ['stat/T/+', 'tele/T/+']],
    ['%topic%/%prefix%/', 'T/cmnd/POWER1', ['T/stat/+', 'T/tele/+']],
    [
      'home/%prefix%/elektronik/%topic%',
      'home/cmnd/elektronik/T/POWER1',
      ['home/stat/elektronik/T/+', 'home/tele/elektronik/T/+'],
    ],
    ['home//%topic%/%prefix%', 'home/T/cmnd/POWER1', ['home/T/stat/+', 'home/T/tele/+']],
  ])('%s', (full_topic, command, filters) => {
    const made = plug({ full_topic });
    expect(made.command(1, true, 7)).toEqual({ topic: command, payload: 'ON' });
    expect(made.filters).toEqual(filters);
  });

  it('and so are the prefixes', () => {
    const made = plug({ prefixes: { cmnd: 'do', stat: 'is', tele: 'says' } });
    expect(made.command(3, false, 7)).toEqual({ topic: 'do/T/POWER3', payload: 'OFF' });
    expect(spoken(made.hear(said('is/T/POWER', 'ON')))).toEqual([relay(1, true)]);
    expect(made.hear(said('stat/T/POWER', 'ON'))).toEqual([]);
  });

  it.each([
    ['no prefix in FullTopic', { full_topic: '%topic%/' }],
    ['a wildcard in FullTopic', { full_topic: '%prefix%/+/%topic%/' }],
    ['a topic of the hub', { full_topic: 'voltsafe/%prefix%/%topic%/' }],
    ['commands where states are', { prefixes: { cmnd: 'stat', stat: 'stat', tele: 'tele' } }],
    ['one word for both states', { states: { off: 'X', on: 'X' } }],
  ])('refused: %s', (_, entry) => {
    expect(tasmotaSettings.safeParse({ id: 'plug', driver: 'tasmota', topic: 'T', ...entry }).success).toBe(false);
  });
});

describe('questions to Tasmota', () => {
  it('an empty POWER0 for the relays, STATUS 8 for power', () => {
    const relays = { topic: 'cmnd/T/POWER0', payload: '' };
    expect(plug().queries(1)).toEqual([relays, { topic: 'cmnd/T/STATUS', payload: '8' }]);
    expect(plug({ power: false }).queries(1)).toEqual([relays]);
    expect(plug().powerEveryMs).toBe(60_000);
    expect(plug({ power: false }).powerEveryMs).toBeNull();
  });
});

describe('states of Tasmota (wire-formats C1)', () => {
  it.each([
    ['stat/T/RESULT', '{"POWER":"ON"}', 1, [relay(1, true)]],
    ['stat/T/RESULT', '{"POWER1":"OFF"}', 1, [relay(1, false)]],
    ['stat/T/RESULT', '{"POWER2":"ON"}', 2, [relay(2, true)]],
    ['stat/T/POWER', 'ON', 1, [relay(1, true)]],
    ['stat/T/POWER2', 'OFF', 2, [relay(2, false)]],
    ['stat/T/POWER', '1', 1, [relay(1, true)]],
    // SetOption4: the answer as JSON where the text is.
    ['stat/T/POWER2', '{"POWER2":"ON"}', 2, [relay(2, true)]],
    ['tele/T/STATE', '{"Time":"x","UptimeSec":66972,"POWER":"OFF","Wifi":{}}', 1, [relay(1, false)]],
    ['stat/T/STATUS11', '{"StatusSTS":{"POWER1":"ON","POWER2":"OFF"}}', 2, [relay(1, true), relay(2, false)]],
    ['stat/T/STATUS0', '{"Status":{"Power":"11"},"StatusSTS":{"POWER":"ON"}}', 1, [relay(1, true)]],
    // Not ours, or nothing.
    ['stat/T/RESULT', '{"POWER3":"ON"}', 2, []],
    ['stat/T/RESULT', '{"POWER0":"ON"}', 2, []],
    ['stat/T/POWER9', 'ON', 2, []],
    ['stat/T/RESULT', '{"POWER":"BLINK ON"}', 1, []],
    ['stat/T/RESULT', '{"Command":"Unknown"}', 1, []],
    ['stat/T/RESULT', '{"PowerOnState":3}', 1, []],
    ['stat/T/RESULT', 'ON', 1, []],
    ['stat/T/STATUS', '{"Status":{"Power":1}}', 1, []],
    ['cmnd/T/POWER', 'ON', 1, []],
    ['stat/T/', 'ON', 1, []],
    ['stat/other/POWER', 'ON', 1, []],
  ])('%s %s', (topic, payload, channels, words) => {
    expect(heard(topic, payload, { channels })).toEqual(words);
  });

  it.each([
    ['An', true],
    ['Aus', false],
    ['ON', true],
    ['an', null],
  ])('StateText: %s', (payload, isOn) => {
    const words = isOn === null ? [] : [relay(1, isOn)];
    expect(heard('stat/T/POWER', payload, { states: { off: 'Aus', on: 'An' } })).toEqual(words);
  });

  it('a StateText that means the contrary counts', () => {
    expect(heard('stat/T/POWER', 'ON', { states: { off: 'ON', on: 'OFF' } })).toEqual([relay(1, false)]);
  });

  it.each([
    ['Online', true],
    ['Offline', false],
  ])('its will, kept by the broker: %s', (payload, isOnline) => {
    expect(plug().hear(said('tele/T/LWT', payload, true))).toEqual([{ kind: 'presence', isOnline }]);
  });

  it('a will that says something else says nothing', () => {
    expect(plug().hear(said('tele/T/LWT', 'online'))).toEqual([]);
    expect(plug({ lwt: { offline: 'weg', online: 'da' } }).hear(said('tele/T/LWT', 'da'))).toHaveLength(1);
  });

  it('who speaks is there, even if its will says otherwise', () => {
    const made = plug();
    made.hear(said('tele/T/LWT', 'Offline', true));
    expect(made.hear(said('stat/T/POWER', 'ON'))).toEqual([{ kind: 'presence', isOnline: true }, relay(1, true)]);
    expect(made.hear(said('stat/T/POWER', 'OFF'))).toEqual([relay(1, false)]);
    expect(plug().hear(said('stat/T/POWER', 'ON', true))).toEqual([relay(1, true)]);
  });
});

describe('a Tasmota that started anew', () => {
  const state = (uptime: object) => said('tele/T/STATE', { ...uptime, POWER: 'ON' });

  it('says so with INFO1, once', () => {
    const made = plug();
    made.hear(state({ UptimeSec: 500 }));
    expect(spoken(made.hear(said('tele/T/INFO1', { Info1: { Module: 'x' } })))).toEqual([{ kind: 'restarted' }]);
    expect(spoken(made.hear(said('tele/T/INFO2', {})))).toEqual([]);
    expect(spoken(made.hear(state({ UptimeSec: 15 })))).toEqual([relay(1, true)]);
    expect(spoken(made.hear(said('tele/T/INFO1', {}, true)))).toEqual([]);
  });

  it.each([
    [{ UptimeSec: 500 }, { UptimeSec: 15 }, true],
    [{ Uptime: '9T09:29:01' }, { Uptime: '0T00:00:15' }, true],
    [{ Uptime: '1T00:00:00' }, { Uptime: '0T23:59:00' }, true],
    [{ UptimeSec: 500 }, { UptimeSec: 800 }, false],
    [{ UptimeSec: 500 }, { UptimeSec: 498 }, false],
    [{ UptimeSec: 500 }, {}, false],
  ])('%o, then %o', (before, after, hasRestarted) => {
    const made = plug();
    made.hear(state(before));
    const restarted: PlugWord[] = hasRestarted ? [{ kind: 'restarted' }] : [];
    expect(spoken(made.hear(state(after)))).toEqual([...restarted, relay(1, true)]);
  });

  it('what was kept by the broker is older, and no restart', () => {
    const made = plug();
    made.hear(state({ UptimeSec: 500 }));
    expect(made.hear({ ...state({ UptimeSec: 15 }), isRetained: true })).toEqual([relay(1, true)]);
    expect(spoken(made.hear(state({ UptimeSec: 510 })))).toEqual([relay(1, true)]);
  });

  it('switched off by itself, and says why', () => {
    const what = 'overpower: its MaxPower was reached';
    expect(heard('stat/T/WARNING', '{"Time":"x","MaxPowerReached":2350}')).toEqual([
      { kind: 'trouble', channel: null, what },
    ]);
    expect(heard('stat/T/WARNING', '{"Else":1}')).toEqual([]);
  });
});

describe('whatever comes', () => {
  const topic = fc.constantFrom(
    'stat/T/RESULT',
    'stat/T/POWER1',
    'tele/T/STATE',
    'tele/T/SENSOR',
    'tele/T/LWT',
    'stat/T/STATUS8',
    'stat/T/WARNING',
  );

  it('nothing is thrown', () => {
    const made = plug({ channels: 3 });
    const finder = tasmotaFinder();
    const discovery = fc.constantFrom(
      'tasmota/discovery/00000049A3BC/config',
      'tasmota/discovery/00000049A3BC/sensors',
    );
    fc.assert(
      fc.property(
        topic,
        discovery,
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (to, of, payload) => {
          made.hear({ topic: to, payload, isRetained: false });
          finder.hear({ topic: of, payload, isRetained: true });
        },
      ),
    );
  });
});
