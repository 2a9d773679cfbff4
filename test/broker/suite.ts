import { describe, expect, it, vi } from 'vitest';
import type { Broker, Request } from '../../daemon/broker/port.ts';
import type { MqttMessage, MqttState } from '../../relay-drivers/transport/mqtt.ts';
import type { TestClient } from './client.ts';

/** A broker, embedded or external, and others on it. */
export interface BrokerRig {
  /** After `start` it may be another one. */
  readonly broker: Broker;
  /** `plug1` is a device, `home-assistant` an integration. */
  client(name: 'plug1' | 'home-assistant'): Promise<TestClient>;
  /** The broker goes away. */
  stop(): Promise<void>;
  /** It is back, with what it was to keep. */
  start(): Promise<void>;
  /** Who the hub says asked, when `home-assistant` asks. */
  readonly asker: string;
}

const SET = 'voltsafe/home/appliance/lamp/set';
const SETS = 'voltsafe/home/appliance/+/set';

/** What every broker does for the hub; run on both kinds. */
export function brokerSuite(name: string, open: () => Promise<BrokerRig>): void {
  describe(name, () => {
    hearing(open);
    speaking(open);
    requests(open);
    outages(open);
  });
}

function hearing(open: () => Promise<BrokerRig>): void {
  it('hears what devices say, in the order of each, and each listener once', async () => {
    const { broker, client } = await open();
    const all = listenTo(broker, 'tele/#');
    const one = listenTo(broker, 'tele/plug1/STATE');
    const plug = await client('plug1');
    const said = Array.from({ length: 300 }, (_, number) => String(number));
    await Promise.all(said.map((payload) => plug.say('tele/plug1/STATE', payload)));
    await vi.waitFor(() => expect(one.length).toBeGreaterThanOrEqual(said.length));
    expect(one.map(textOf)).toEqual(said);
    expect(all.map(textOf)).toEqual(said);
    expect(one.some(({ isRetained }) => isRetained)).toBe(false);
  });

  it('tells what is kept first, and marks it', async () => {
    const { broker, client } = await open();
    const plug = await client('plug1');
    await plug.say('tele/plug1/LWT', 'Online', true);
    const heard = listenTo(broker, 'tele/+/LWT');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    // Kept, too, but said just now.
    await plug.say('tele/plug1/LWT', 'Offline', true);
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard.map((one) => [textOf(one), one.isRetained])).toEqual([
      ['Online', true],
      ['Offline', false],
    ]);
  });

  it('recalls what is kept', async () => {
    const { broker, client } = await open();
    const plug = await client('plug1');
    await plug.say('tele/plug1/LWT', 'Online', true);
    const heard = listenTo(broker, 'tele/+/LWT');
    const other = listenTo(broker, 'stat/#');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    broker.recall('tele/+/LWT');
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard.map(({ isRetained }) => isRetained)).toEqual([true, true]);
    expect(other).toEqual([]);
  });

  it('no longer hears what it does not listen to', async () => {
    const { broker, client } = await open();
    const heard: MqttMessage[] = [];
    const end = broker.subscribe('tele/plug1/STATE', (message) => heard.push(message));
    const others = listenTo(broker, 'stat/plug1/RESULT');
    end();
    const plug = await client('plug1');
    await plug.say('tele/plug1/STATE', 'x');
    await plug.say('stat/plug1/RESULT', 'y');
    await vi.waitFor(() => expect(others).toHaveLength(1));
    expect(heard).toEqual([]);
  });
}

function speaking(open: () => Promise<BrokerRig>): void {
  it('sends commands that are not kept', async () => {
    const { broker, client } = await open();
    const plug = await (await client('plug1')).listen('cmnd/plug1/#');
    expect(broker.send('cmnd/plug1/POWER', 'ON')).toBe(true);
    await plug.until(() => plug.heard.length === 1);
    expect(plug.heard).toEqual([{ topic: 'cmnd/plug1/POWER', payload: 'ON', isRetained: false }]);
    const later = await (await client('plug1')).listen('cmnd/plug1/#');
    expect(broker.send('cmnd/plug1/POWER', 'OFF')).toBe(true);
    await later.until(() => later.heard.length > 0);
    expect(later.heard.map(({ payload }) => payload)).toEqual(['OFF']);
  });

  it('publishes, in order, what others keep and what they do not', async () => {
    const { broker, client } = await open();
    const ha = await (await client('home-assistant')).listen('voltsafe/home/#');
    await broker.publish('voltsafe/home/load', '1', { qos: 1, retain: true });
    await broker.publish('voltsafe/home/appliance/lamp/result', '2', { qos: 1, retain: false });
    await broker.publish('voltsafe/home/load', '3', { qos: 1, retain: true });
    await ha.until(() => ha.heard.length === 3);
    expect(ha.heard.map(({ payload }) => payload)).toEqual(['1', '2', '3']);
    const later = await (await client('home-assistant')).listen('voltsafe/home/#');
    await later.until(() => later.heard.length > 0);
    expect(later.heard).toEqual([{ topic: 'voltsafe/home/load', payload: '3', isRetained: true }]);
  });

  it('forgets what is published empty', async () => {
    const { broker, client } = await open();
    await broker.publish('voltsafe/home/load', '1', { qos: 1, retain: true });
    await broker.publish('voltsafe/home/load', '', { qos: 1, retain: true });
    await broker.publish('voltsafe/home/status', 'online', { qos: 1, retain: true });
    const later = await (await client('home-assistant')).listen('voltsafe/home/#');
    await later.until(() => later.heard.length > 0);
    expect(later.heard.map(({ topic }) => topic)).toEqual(['voltsafe/home/status']);
  });
}

function requests(open: () => Promise<BrokerRig>): void {
  it('says who asks, and whether it was to be kept', async () => {
    const rig = await open();
    const heard = requestsOn(rig.broker);
    const ha = await rig.client('home-assistant');
    await ha.say(SET, 'ON');
    await ha.say(SET, 'OFF', true);
    await ha.say(SET, 'TOGGLE');
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    expect(heard.map((one) => [textOf(one), one.isRetained])).toEqual([
      ['ON', false],
      ['OFF', true],
      ['TOGGLE', false],
    ]);
    expect(heard[0]?.from).toMatchObject({ principal: rig.asker, role: 'integration' });
  });

  it('hears no request of its own', async () => {
    const { broker, client } = await open();
    const heard = requestsOn(broker);
    await broker.publish(SET, '', { qos: 1, retain: true });
    await (await client('home-assistant')).say(SET, 'ON');
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0));
    expect(heard.map(textOf)).toEqual(['ON']);
  });
}

function outages(open: () => Promise<BrokerRig>): void {
  it('says so when it is away, takes nothing then, and is back with what is kept', async () => {
    const rig = await open();
    const gone = rig.broker;
    const states: MqttState[] = [];
    gone.onStateChange((state) => states.push(state));
    await (await rig.client('plug1')).say('tele/plug1/LWT', 'kept', true);
    await rig.stop();
    await vi.waitFor(() => expect(gone.state.isUp).toBe(false));
    expect(states.at(-1)).toMatchObject({ isUp: false, reason: expect.stringMatching(/./) });
    expect(gone.send('cmnd/plug1/POWER', 'ON')).toBe(false);
    await expect(gone.publish('voltsafe/home/load', 'late', { qos: 1, retain: true })).rejects.toThrow();
    await rig.start();
    await vi.waitFor(() => expect(rig.broker.state.isUp).toBe(true), 10_000);
    const heard = listenTo(rig.broker, 'tele/+/LWT');
    await vi.waitFor(() => expect(heard.map((one) => [textOf(one), one.isRetained])).toEqual([['kept', true]]));
    const ha = await (await rig.client('home-assistant')).listen('voltsafe/home/load');
    const plug = await (await rig.client('plug1')).listen('cmnd/plug1/#');
    expect(rig.broker.send('cmnd/plug1/POWER', 'now')).toBe(true);
    await rig.broker.publish('voltsafe/home/load', 'now', { qos: 1, retain: true });
    await plug.until(() => plug.heard.length > 0);
    await ha.until(() => ha.heard.length > 0);
    expect([...plug.heard, ...ha.heard].map(({ payload }) => payload)).toEqual(['now', 'now']);
  });
}

export function listenTo(broker: Broker, filter: string): MqttMessage[] {
  const heard: MqttMessage[] = [];
  broker.subscribe(filter, (message) => heard.push(message));
  return heard;
}

export function requestsOn(broker: Broker): Request[] {
  const heard: Request[] = [];
  broker.onRequest(SETS, (request) => heard.push(request));
  return heard;
}

export function textOf({ payload }: { readonly payload: Uint8Array }): string {
  return new TextDecoder().decode(payload);
}
