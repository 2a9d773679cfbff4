import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DriverError } from '../../relay-drivers/driver.ts';
import { plugProtocol, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { Plug } from '../../relay-drivers/plugs/plug.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MemoryClient } from '../../relay-drivers/transport/memory-mqtt-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const PING = 'esphome/ping/garden';
const DISCOVER = 'esphome/discover';
const ANNOUNCEMENT = 'esphome/discover/garden';
const STATUS = 'yard/status';
const STATE = 'yard/switch/pump/state';
const KEPT = { retain: true };

let clock: VirtualClock;
let broker: MemoryBroker;
let node: MemoryClient;
let plug: Plug;
let asked: string[];

/** The broker keeps that the node is there, and off. */
beforeEach(async () => {
  clock = new VirtualClock();
  broker = new MemoryBroker();
  asked = [];
  broker.watch(({ topic, from }) => from === 'hub' && asked.push(topic));
  node = broker.client('garden');
  node.publish(STATUS, 'online', KEPT);
  node.publish(STATE, 'OFF', KEPT);
  await clock.settle();
  await startHub();
});
afterEach(() => plug.close());

async function startHub(): Promise<void> {
  const fields = { id: 'n', driver: 'esphome', prefix: 'yard', name: 'garden', switches: [{ switch: 'pump' }] };
  const protocol = plugProtocol(plugSettings.parse(fields));
  plug = new Plug({ id: 'n', port: broker.port('hub'), clock, protocol });
  plug.start();
  await clock.settle();
}

function announce(): void {
  node.publish(ANNOUNCEMENT, '{"name":"garden"}', KEPT);
}

async function read(): Promise<boolean | string> {
  const reading = plug.readCoils({ priority: 'read', stillValid: () => true });
  const outcome = reading.then(
    ([isOn]) => isOn ?? 'nothing',
    ({ code }: DriverError) => code,
  );
  return clock.settled(outcome);
}

describe('what the broker keeps of a node that cannot be asked for its states', () => {
  it('is nothing of a node that answers nothing; the one of old firmware is asked with all others', async () => {
    for (const _ of [1, 2, 3]) expect(await read()).toBe('timeout');
    expect(asked).toEqual([PING, PING, PING, DISCOVER]);
  });

  it('is what the node is that answers, twice: once when it is asked, once when it had time to say more', async () => {
    node.subscribe(PING, announce);
    expect(await read()).toBe(false);
    expect(asked).toEqual([PING, PING]);
    expect(await read()).toBe(false);
    expect(asked).toEqual([PING, PING]);
  });

  it('is what the node of old firmware is, that answers all', async () => {
    node.subscribe(DISCOVER, announce);
    for (const _ of [1, 2]) expect(await read()).toBe('timeout');
    expect(await read()).toBe(false);
  });

  it('is nothing of a node that comes: it announces itself before it tells its states, however long those take', async () => {
    announce();
    await clock.settle();
    expect(await read()).toBe('timeout');
    node.publish(STATUS, 'online', KEPT);
    node.publish(STATE, 'ON', KEPT);
    await clock.settle();
    expect(await read()).toBe(true);
  });

  it('is nothing between its birth and its states, also where no status is kept', async () => {
    plug.close();
    node.publish(STATUS, '', KEPT);
    await clock.settle();
    await startHub();
    announce();
    await clock.advance(1000);
    node.publish(STATUS, 'online', KEPT);
    await clock.settle();
    expect(await read()).toBe('timeout');
    node.publish(STATE, 'ON', KEPT);
    await clock.settle();
    expect(await read()).toBe(true);
  });

  it('is nothing after the next loss of the broker, until it answers again', async () => {
    node.subscribe(PING, announce);
    expect(await read()).toBe(false);
    broker.stop();
    broker.start();
    expect(await read()).toBe('timeout');
    node = broker.client('garden');
    node.subscribe(PING, announce);
    expect(await read()).toBe(false);
  });

  it('is no answer itself, where it is a kept announcement', async () => {
    announce();
    await clock.settle();
    broker.stop();
    broker.start();
    expect(await read()).toBe('timeout');
    expect(await read()).toBe('timeout');
  });
});
