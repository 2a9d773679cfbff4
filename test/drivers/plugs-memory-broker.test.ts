import { describe, expect, it } from 'vitest';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MemoryClient } from '../../relay-drivers/transport/memory-mqtt-client.ts';
import { topicMatches } from '../../relay-drivers/transport/mqtt-filter.ts';
import { VirtualClock } from './virtual-clock.ts';

const clock = new VirtualClock();

function heardBy(client: MemoryClient, filter: string): string[] {
  const heard: string[] = [];
  client.subscribe(filter, (topic, payload, isRetained) =>
    heard.push(`${topic}=${payload}${isRetained ? ' kept' : ''}`),
  );
  return heard;
}

it.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['+/b', 'a/b', true],
  ['#', 'a', true],
  ['#', '$SYS/load', false],
  ['$SYS/#', '$SYS/load', true],
  ['a/+/c', 'a/b/d', false],
])('filter %s and topic %s: %s', (filter, topic, isFound) => {
  expect(topicMatches(filter, topic)).toBe(isFound);
});

describe('MemoryBroker', () => {
  it('hands on in the order of the publisher, never inside its call', async () => {
    const broker = new MemoryBroker();
    const heard = heardBy(broker.client(), 'a/+');
    const client = broker.client();
    for (const payload of ['1', '2', '3']) client.publish('a/b', payload);
    expect(heard).toEqual([]);
    await clock.settle();
    expect(heard).toEqual(['a/b=1', 'a/b=2', 'a/b=3']);
  });

  it('keeps what is retained, marks it for who comes later, and drops it with an empty payload', async () => {
    const broker = new MemoryBroker();
    const early = heardBy(broker.client(), '#');
    const client = broker.client();
    client.publish('a', 'x', { retain: true });
    client.publish('b', 'y', { retain: true });
    await clock.settle();
    client.publish('b', '', { retain: true });
    await clock.settle();
    broker.stop();
    broker.start();
    const late = heardBy(broker.client(), '#');
    await clock.settle();
    expect(early).toEqual(['a=x', 'b=y', 'b=']);
    expect(late).toEqual(['a=x kept']);
  });

  it('tells the will of who is gone without a word, and of nobody else', async () => {
    const broker = new MemoryBroker();
    const heard = heardBy(broker.client(), '#');
    const will = (payload: string) => ({ will: { topic: 'will', payload, isRetained: true } });
    broker.client('polite', will('1')).close(true);
    broker.client('dead', will('2')).close(false);
    broker.client('twice', will('3'));
    broker.client('twice', will('4'));
    await clock.settle();
    expect(heard).toEqual(['will=2', 'will=3']);
    broker.stop();
    broker.start();
    expect(heardBy(broker.client(), '#')).toEqual([]);
    await clock.settle();
    expect(heard).toEqual(['will=2', 'will=3']);
  });

  it('sends nothing while it is stopped, keeps nothing, and tells the hub of both', async () => {
    const broker = new MemoryBroker();
    const port = broker.port();
    const states: boolean[] = [];
    port.onStateChange(({ isUp }) => states.push(isUp));
    const lost: string[] = [];
    broker.client('plug').onLost((reason) => lost.push(reason));
    expect(port.send('a', 'lost under way')).toBe(true);
    broker.stop();
    expect(port.send('a', 'late')).toBe(false);
    broker.client('plug').onLost((reason) => lost.push(reason));
    broker.start();
    const heard = heardBy(broker.client('plug'), '#');
    await clock.settle();
    expect({ heard, states, lost }).toEqual({
      heard: [],
      states: [false, true],
      lost: ['the broker stopped', 'the broker is not reached'],
    });
  });

  it('tells the hub what is retained at first, after a reconnect, and when it is recalled', async () => {
    const broker = new MemoryBroker();
    broker.client().publish('a', 'x', { retain: true });
    await clock.settle();
    const port = broker.port();
    const heard: boolean[] = [];
    const end = port.subscribe('a', ({ isRetained }) => heard.push(isRetained));
    await clock.settle();
    broker.stop();
    broker.start();
    await clock.settle();
    port.recall('a');
    port.recall('b');
    await clock.settle();
    broker.client().publish('a', 'y');
    await clock.settle();
    end();
    broker.client().publish('a', 'z');
    await clock.settle();
    expect(heard).toEqual([true, true, true, false]);
  });

  it('delays and loses as it is told', async () => {
    const broker = new MemoryBroker();
    const ticking = new VirtualClock();
    let dice = 0;
    const slow = broker.client('slow', { clock: ticking, delayMs: 50, random: () => dice });
    const heard: number[] = [];
    slow.subscribe('a', () => heard.push(ticking.nowMs()));
    await ticking.advance(50);
    slow.publish('a', '');
    await ticking.advance(200);
    expect(heard).toEqual([150]);
    slow.lossRate = 0.5;
    slow.publish('a', '');
    dice = 0.6;
    broker.client().publish('a', '');
    await ticking.advance(200);
    expect(heard).toEqual([150, 300]);
  });

  it('owes a frozen client what it missed, and forgets that when it is cut', async () => {
    const broker = new MemoryBroker();
    const port = broker.port();
    const [kept, cut] = [broker.client('kept'), broker.client('cut')];
    const [heardByKept, heardByCut] = [heardBy(kept, 'kept/#'), heardBy(cut, 'cut/#')];
    const lost: string[] = [];
    cut.onLost((reason) => lost.push(reason));
    kept.freeze();
    cut.freeze();
    for (const name of ['kept', 'cut']) port.send(`${name}/on`, '1');
    kept.publish('said', 'late');
    await clock.settle();
    expect([heardByKept, heardByCut]).toEqual([[], []]);
    port.cut('cut/on');
    expect([kept.isConnected, cut.isConnected, lost]).toEqual([true, false, []]);
    kept.thaw();
    cut.thaw();
    await clock.settle();
    expect([heardByKept, heardByCut, lost]).toEqual([['kept/on=1'], [], ['the broker cut it']]);
  });
});
