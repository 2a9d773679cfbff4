import { describe, expect, it } from 'vitest';
import { PLUG_DRIVERS, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { Discovery, type DiscoveryParts } from '../../relay-drivers/plugs/discovery.ts';
import type { FoundPlug, PlugFinder, Sighting } from '../../relay-drivers/plugs/protocol.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { PLUG_FAMILIES } from '../../relay-drivers/simulator/plug-flavours.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { connectIn } from '../conformance/plug-connect.ts';
import { VirtualClock } from './virtual-clock.ts';

const plug = (id: string, more: Partial<FoundPlug> = {}): FoundPlug => ({
  id,
  driver: 'made-up',
  name: id,
  model: null,
  channels: [{ name: null }],
  measuresPower: false,
  settings: { topic: id },
  ...more,
});

/** A family whose devices say their sightings themselves. */
const finder: PlugFinder = {
  filters: ['made-up/+'],
  calls: [{ topic: 'made-up', payload: 'who is there?' }],
  hear: ({ payload }) => JSON.parse(new TextDecoder().decode(payload)) as Sighting[],
};

function rig(families: DiscoveryParts['families'] = new Map([['made-up', { finder: () => finder }]])) {
  const clock = new VirtualClock();
  const broker = new MemoryBroker();
  const faults: string[] = [];
  const isEntry = (entry: Readonly<Record<string, unknown>>) => entry.topic !== 'bad';
  const onFault = (what: string) => faults.push(what);
  const discovery = new Discovery({ port: broker.port(), clock, families, isEntry, onFault });
  const sent: string[] = [];
  broker.watch(({ from, topic, payload }) => from === 'hub' && sent.push(`${topic} ${payload}`));
  let changes = 0;
  discovery.onChange(() => {
    changes += 1;
  });
  const stranger = broker.client('stranger');
  const say = async (...sightings: Sighting[]) => {
    broker.client().publish('made-up/x', JSON.stringify(sightings));
    await clock.settle();
  };
  const ids = () => discovery.found().map(({ id }) => id);
  return { clock, broker, discovery, sent, say, ids, faults, stranger, changes: () => changes };
}

describe('Discovery', () => {
  it('calls when the broker is reached, each time', () => {
    const { discovery, broker, sent } = rig();
    broker.stop();
    discovery.start();
    expect(sent).toEqual([]);
    broker.start();
    broker.stop();
    broker.start();
    expect(sent).toEqual(['made-up who is there?', 'made-up who is there?']);
  });

  it('keeps what was found until it is gone, and tells what changed and nothing else', async () => {
    const { discovery, say, ids, changes } = rig();
    discovery.start();
    await say({ kind: 'found', plug: plug('a') });
    await say({ kind: 'found', plug: plug('a') });
    expect([ids(), changes()]).toEqual([['a'], 1]);
    await say({ kind: 'found', plug: plug('a', { name: 'Kettle' }) }, { kind: 'found', plug: plug('b') });
    expect([ids(), changes()]).toEqual([['a', 'b'], 3]);
    await say({ kind: 'gone', id: 'a' }, { kind: 'gone', id: 'nobody' });
    expect([ids(), changes()]).toEqual([['b'], 4]);
  });

  it('drops what can be no entry, also where it was one before', async () => {
    const { discovery, say, ids } = rig();
    discovery.start();
    await say({ kind: 'found', plug: plug('ok') });
    const bad = [
      plug('bad', { settings: { topic: 'bad' } }),
      plug('Upper'),
      plug('a/b'),
      plug('other-driver', { driver: 'other' }),
      plug('none', { channels: [] }),
      plug('many', { channels: new Array(65).fill({ name: null }) }),
    ];
    await say(...bad.map((each) => ({ kind: 'found', plug: each }) as const));
    expect(ids()).toEqual(['ok']);
    await say({ kind: 'found', plug: plug('ok', { settings: { topic: 'bad' } }) });
    expect(ids()).toEqual([]);
  });

  it('keeps 500, and of strangers the last ones', async () => {
    const { discovery, say, ids } = rig();
    discovery.start();
    for (let at = 0; at < 600; at += 1) await say({ kind: 'found', plug: plug(`p${at}`) });
    await say({ kind: 'found', plug: plug('p100') });
    expect(ids()).toHaveLength(500);
    expect([ids()[0], ids().at(-1)]).toEqual(['p101', 'p100']);
  });

  it('leaves an id to the family that had it first', async () => {
    const other: PlugFinder = { ...finder, filters: ['other/+'], calls: [] };
    const families = new Map([
      ['made-up', { finder: () => finder }],
      ['other', { finder: () => other }],
    ]);
    const { discovery, say, ids, stranger, clock } = rig(families);
    discovery.start();
    await say({ kind: 'found', plug: plug('a') });
    const stolen: Sighting[] = [
      { kind: 'found', plug: plug('a', { driver: 'other' }) },
      { kind: 'gone', id: 'a' },
    ];
    stranger.publish('other/x', JSON.stringify(stolen));
    await clock.settle();
    expect([ids(), discovery.found()[0]?.driver]).toEqual([['a'], 'made-up']);
  });

  it('asks a few in a second, each once, and forgets them with the broker', async () => {
    const { discovery, say, sent, clock, broker } = rig();
    discovery.start();
    const asks = Array.from({ length: 100 }, (_, at) => ({ topic: `ask/${at % 50}`, payload: '' }));
    await say(...[...asks, { topic: 'a/+', payload: '' }].map((outgoing) => ({ kind: 'ask', outgoing }) as const));
    await clock.advance(1000);
    const asked = () => sent.filter((line) => line.startsWith('ask/'));
    expect(asked().length).toBeGreaterThan(10);
    expect(asked().length).toBeLessThanOrEqual(20);
    broker.stop();
    const before = asked().length;
    broker.start();
    await clock.advance(60_000);
    expect(asked()).toHaveLength(before);
    await say(...asks.map((outgoing) => ({ kind: 'ask', outgoing }) as const));
    await clock.advance(60_000);
    expect(asked()).toHaveLength(before + 50);
    expect(sent.join()).not.toContain('+');
  });

  it('outlives a finder that throws, and says so', async () => {
    const { discovery, stranger, clock, faults } = rig();
    discovery.start();
    stranger.publish('made-up/x', 'no JSON');
    await clock.settle();
    expect(faults).toEqual(['a message on made-up/x broke the finder of made-up']);
  });

  it('hears nothing after it was closed', async () => {
    const { discovery, say, ids, broker, sent } = rig();
    discovery.start();
    discovery.close();
    await say({ kind: 'found', plug: plug('a') });
    broker.stop();
    broker.start();
    expect([ids(), sent]).toEqual([[], ['made-up who is there?']]);
  });
});

describe('the twins of all families', () => {
  it('are found, each with settings that are an entry, and none is switched by that', async () => {
    const clock = new VirtualClock();
    const broker = new MemoryBroker();
    const isEntry = (entry: Readonly<Record<string, unknown>>) => plugSettings.safeParse(entry).success;
    const discovery = new Discovery({ port: broker.port(), clock, families: PLUG_DRIVERS, isEntry });
    const twins = Object.entries(PLUG_FAMILIES).map(([family, { twin }]) => {
      const name = `twin-of-${family}`;
      const parts = { connect: connectIn(broker, name, clock), clock, random: seededRandom(1) };
      return new SimulatedPlug({ name, flavour: twin, channels: 2 }, parts);
    });
    discovery.start();
    for (const twin of twins) twin.start();
    await clock.advance(30_000);
    const drivers = discovery.found().map(({ driver }) => driver);
    const findable = [...PLUG_DRIVERS].flatMap(([driver, { finder: own }]) => (own ? [driver] : []));
    expect(drivers.sort()).toEqual(findable.sort());
    for (const { channels } of discovery.found()) expect(channels).toHaveLength(2);
    expect(twins.flatMap((twin) => twin.log().filter(({ cause }) => cause === 'write'))).toEqual([]);
    for (const twin of twins) twin.close();
    discovery.close();
  });
});
