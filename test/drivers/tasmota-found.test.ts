import { describe, expect, it } from 'vitest';
import { tasmotaFinder } from '../../relay-drivers/tasmota/finder.ts';
import { tasmotaTwin } from '../../relay-drivers/tasmota/twin.ts';
import { capturedMessages, said } from './captured-mqtt.ts';
import { discover, FirmwareRig, wordsOf } from './firmware-rig.ts';
import { plug, relay, spoken } from './tasmota-rig.ts';

describe('Tasmota is found', () => {
  const MAC = '00000049A3BC';
  const [config, sensors] = capturedMessages('tasmota-discovery-and-energy');
  const fixture = JSON.parse(new TextDecoder().decode(config?.payload)) as Record<string, unknown>;
  const at = (what: string) => `tasmota/discovery/${MAC}/${what}`;
  const told = (more: object = {}) => said(at('config'), { ...fixture, rl: [1, 0, 0, 0, 0, 0, 0, 0], ...more }, true);
  const found = (more: object = {}) => tasmotaFinder().hear(told(more));

  it('not without a relay: the one of the recording has none', () => {
    const finder = tasmotaFinder();
    for (const message of [config, sensors]) expect(message && finder.hear(message)).toEqual([]);
  });

  it('with its topics, its words and what it measures', () => {
    const finder = tasmotaFinder();
    const plugFound = {
      id: 'tasmota-00000049a3bc',
      driver: 'tasmota',
      name: 'Tasmota',
      model: 'Sonoff Basic',
      channels: [{ name: 'Test' }],
      measuresPower: false,
      settings: {
        topic: 'tasmota_49A3BC',
        full_topic: '%topic%/%prefix%/',
        prefixes: { cmnd: 'cmnd', stat: 'stat', tele: 'tele' },
        channels: 1,
        states: { off: 'OFF', on: 'ON' },
        lwt: { offline: 'Offline', online: 'Online' },
        power: false,
      },
    };
    expect(finder.hear(told())).toEqual([{ kind: 'found', plug: plugFound }]);
    const measured = { ...plugFound, measuresPower: true, settings: { ...plugFound.settings, power: true } };
    expect(sensors && finder.hear(sensors)).toEqual([{ kind: 'found', plug: measured }]);
  });

  it('in either order', () => {
    const finder = tasmotaFinder();
    if (sensors) finder.hear(sensors);
    expect(finder.hear(told())).toMatchObject([{ plug: { measuresPower: true } }]);
  });

  it.each([
    [[1, 1, 0, 0], 2],
    [[1, 2], 1],
    [[2, 1], 0],
    [[3, 3, 1], 0],
    [[], 0],
    ['1', 0],
    [new Array(33).fill(1), 0],
  ])('relays %j: %i of them', (rl, channels) => {
    expect(found({ rl })).toEqual(channels ? [expect.objectContaining({ kind: 'found' })] : []);
    if (channels)
      expect(found({ rl })).toMatchObject([{ plug: { channels: { length: channels }, settings: { channels } } }]);
  });

  it.each([
    ['a fan', { if: 1 }],
    ['the MAC of another', { mac: '000000000001' }],
    ['a wildcard for a topic', { t: '#' }],
    ['a topic of the hub', { ft: 'voltsafe/%prefix%/%topic%/' }],
    ['FullTopic without a prefix', { ft: '%topic%/' }],
    ['no topic', { t: null }],
  ])('never: %s', (_, more) => {
    expect(found(more)).toEqual([]);
  });

  it('with %%hostname%% and %%id%% filled in', () => {
    expect(found({ ft: '%hostname%/%id%/%prefix%/' })).toMatchObject([
      { plug: { settings: { full_topic: 'tasmota_49A3BC-0956/00000049A3BC/%prefix%/' } } },
    ]);
  });

  it('and gone when its discovery is cleared, or has no relay any more', () => {
    const finder = tasmotaFinder();
    const gone = [{ kind: 'gone', id: 'tasmota-00000049a3bc' }];
    finder.hear(told());
    expect(finder.hear(said(at('config'), ''))).toEqual(gone);
    finder.hear(told());
    expect(config && finder.hear(config)).toEqual(gone);
    expect(config && finder.hear(config)).toEqual([]);
  });

  it('names are shown on one line', () => {
    expect(found({ dn: 'a\nb\u202e' })).toMatchObject([{ plug: { name: 'a b' } }]);
  });
});

describe('the simulated one', () => {
  it.each([1, 3])('is found with %i relays, and what is found works', (channels) => {
    const rig = new FirmwareRig(tasmotaTwin, 'twin', channels);
    const [found] = discover(tasmotaFinder(), rig).slice(-1);
    expect(found).toMatchObject({ kind: 'found', plug: { channels: { length: channels }, measuresPower: true } });
    const made = plug(found?.kind === 'found' ? found.plug.settings : {});
    rig.drawsW[channels - 1] = 60;
    expect(wordsOf(made, rig.tell(made.command(channels, true, 1)))).toContainEqual(relay(channels, true));
    expect(rig.on[channels - 1]).toBe(true);
    // Asked for what it is already, it answers all the same.
    expect(wordsOf(made, rig.tell(made.command(channels, true, 1)))).toContainEqual(relay(channels, true));
    const asked = wordsOf(made, rig.tell(...made.queries(1)));
    expect(asked).toContainEqual(relay(channels, true));
    expect(asked.filter(({ kind }) => kind === 'power')).toHaveLength(channels);
    expect(asked).toContainEqual(
      expect.objectContaining({ channel: channels, reading: expect.objectContaining({ powerMw: 60_000 }) }),
    );
  });

  it('says that it started, at its first connection only', () => {
    const rig = new FirmwareRig(tasmotaTwin, 'T', 1);
    const made = plug();
    expect(spoken(wordsOf(made, rig.connected()))).toContainEqual({ kind: 'restarted' });
    expect(spoken(wordsOf(made, rig.connected()))).not.toContainEqual({ kind: 'restarted' });
  });

  it('its own button is heard', () => {
    const rig = new FirmwareRig(tasmotaTwin, 'T', 2);
    expect(spoken(wordsOf(plug({ channels: 2 }), rig.press(2)))).toEqual([relay(2, true), relay(2, true)]);
  });
});
