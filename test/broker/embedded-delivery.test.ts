import { generate } from 'mqtt-packet';
import { describe, expect, it, vi } from 'vitest';
import { BROKER_LIMITS } from '../../daemon/broker/limits.ts';
import { publishPacket, RawClient, subscribePacket } from './embedded-raw.ts';
import { listen, openRig } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';

const EACH = 500;

/** QoS 1, QoS 0 kept, QoS 0: all in one piece, which is where aedes alone loses messages. */
function mixed(user: string): Buffer {
  const packets = Array.from({ length: EACH }, (_, at) => {
    const number = String(at);
    if (at % 3 === 0) return publishPacket(`tele/${user}/n`, number, 1, at + 1);
    const packet = publishPacket(`tele/${user}/n`, number);
    return at % 3 === 1 ? ({ ...packet, retain: true } as typeof packet) : packet;
  });
  return Buffer.concat(packets.map((packet) => generate(packet)));
}

describe('delivery', () => {
  it('loses nothing of mixed QoS from several clients, and keeps the order of each', async () => {
    const { port, broker } = await openRig();
    const users = ['plug1', 'plug2'];
    const heard = new Map(users.map((user) => [user, [] as number[]]));
    broker.subscribe('tele/+/n', ({ topic, payload }) => heard.get(topic.split('/')[1] ?? '')?.push(Number(payload)));
    const reader = await RawClient.login(port, 'plug1', { clientId: 'reader', clean: false });
    reader.send(subscribePacket(['tele/plug1/#'], 1));
    const clients = await Promise.all(users.map((user) => RawClient.login(port, user)));
    for (const [at, client] of clients.entries()) client.write(mixed(users[at] ?? ''));
    for (let at = 0; at < 200; at += 1) broker.send('cmnd/plug1/x', String(at));
    await vi.waitFor(() => expect([...heard.values()].map(({ length }) => length)).toEqual([EACH, EACH]), 10_000);
    const expected = Array.from({ length: EACH }, (_, at) => at);
    for (const numbers of heard.values()) expect(numbers).toEqual(expected);
    await reader.got('publish', EACH);
    const got = reader.packets.flatMap((packet) => (packet.cmd === 'publish' ? [Number(packet.payload)] : []));
    expect(got).toEqual(expected);
    for (const client of clients) await client.got('puback', Math.ceil(EACH / 3));
  });

  it('what the hub publishes beside commands reaches who subscribed at QoS 1', async () => {
    const { broker, connect } = await openRig();
    const ha = await listen(await connect('ha'), 'voltsafe/home-1/#', 'homeassistant/#');
    const said = Array.from({ length: 300 }, (_, at) => {
      broker.send('homeassistant/x', String(at));
      return broker.publish('voltsafe/home-1/load', String(at), { qos: 1, retain: at % 2 === 0 });
    });
    await Promise.all(said);
    await vi.waitFor(() => expect(ha).toHaveLength(600));
    const loads = ha.filter((line) => line.startsWith('voltsafe/home-1/load'));
    expect(loads).toEqual(loads.map((_, at) => `voltsafe/home-1/load ${at}`));
  });

  it('loses nothing of QoS 1, whatever goes out while it is being stored', async () => {
    const { broker, port } = await openRig();
    const ha = await RawClient.login(port, 'ha', { clean: false });
    ha.send(subscribePacket(['homeassistant/#'], 1));
    await ha.got('suback');
    for (let turns = 0; turns < 12; turns += 1) {
      const stored = broker.publish('homeassistant/stored', String(turns), { qos: 1, retain: true });
      for (let left = turns; left > 0; left -= 1) await null;
      broker.send('homeassistant/sent', String(turns));
      await stored;
    }
    await ha.got('publish', 24);
    const stored = ha.packets.flatMap((one) => (one.cmd === 'publish' && one.qos === 1 ? [String(one.payload)] : []));
    expect(stored).toEqual(Array.from({ length: 12 }, (_, at) => String(at)));
  });

  it.each(['$SYS/x', '$share/x', 'voltsafe/home-1/status', 'cmnd/plug1/POWER'])(
    'what may not be said (%s) is dropped, and nothing behind it is held up',
    async (topic) => {
      const { broker, connect, refusals } = await openRig();
      const heard: string[] = [];
      broker.subscribe('stat/plug1/#', ({ payload }) => heard.push(String(payload)));
      const plug = await connect('plug1');
      await plug.publishAsync(topic, 'ON', { qos: 1 });
      await plug.publishAsync('stat/plug1/POWER', 'OFF', { qos: 1 });
      expect(heard).toEqual(['OFF']);
      expect(refusals).toMatchObject([{ kind: 'publish', topic }]);
    },
  );

  it('the hub does not hear itself', async () => {
    const { broker, connect } = await openRig();
    await broker.publish('homeassistant/x', 'kept', { qos: 1, retain: true });
    const heard: string[] = [];
    broker.subscribe('#', ({ topic }) => heard.push(topic));
    broker.onRequest('#', ({ topic }) => heard.push(topic));
    await broker.publish('homeassistant/x', 'new', { qos: 1, retain: true });
    broker.send('cmnd/plug1/POWER', 'ON');
    broker.recall('#');
    await (await connect('plug1')).publishAsync('plug1/x', 'y', { qos: 1 });
    await vi.waitFor(() => expect(heard).toEqual(['plug1/x', 'plug1/x']));
  });

  it('what came before DISCONNECT and the end of the connection counts', async () => {
    const { port, broker } = await openRig();
    const heard: string[] = [];
    broker.subscribe('plug1/x', ({ payload }) => heard.push(String(payload)));
    const plug = await RawClient.login(port, 'plug1', { will: { topic: 'plug1/x', payload: 'will' } });
    const packets = Array.from({ length: 100 }, (_, at) => generate(publishPacket('plug1/x', String(at))));
    plug.socket.end(Buffer.concat([...packets, generate({ cmd: 'disconnect' })]));
    await plug.closed();
    await vi.waitFor(() => expect(heard).toHaveLength(100));
    await vi.waitFor(() => expect(broker.counts().connections).toBe(0));
    expect(heard).toHaveLength(100);
  });

  it('no client gets what it was granted less for, nor a duplicate', async () => {
    const { port, broker } = await openRig();
    await broker.publish('homeassistant/a', 'kept', { qos: 1, retain: true });
    const reader = await RawClient.login(port, 'ha');
    reader.send(subscribePacket(['homeassistant/#', 'homeassistant/+'], 0));
    await reader.got('publish');
    await broker.publish('homeassistant/a', 'new', { qos: 1, retain: true });
    await reader.got('publish', 2);
    await reader.isAlive();
    const got = reader.packets.flatMap((one) =>
      one.cmd === 'publish' ? [[String(one.payload), one.qos, one.retain]] : [],
    );
    expect(got).toEqual([
      ['kept', 0, true],
      ['new', 0, false],
    ]);
  });
});

describe('commands', () => {
  it('are not kept for who is away, also with a session', async () => {
    const { port, broker } = await openRig();
    const plug = await RawClient.login(port, 'plug1', { clean: false });
    plug.send(subscribePacket(['cmnd/plug1/#'], 1));
    await plug.got('suback');
    plug.send({ cmd: 'disconnect' });
    await plug.closed();
    broker.send('cmnd/plug1/POWER', 'ON');
    const again = await RawClient.login(port, 'plug1', { clean: false });
    expect(again.packets[0]).toMatchObject({ sessionPresent: true });
    broker.send('cmnd/plug1/POWER', 'OFF');
    await again.got('publish');
    expect(again.all('publish')).toMatchObject([{ payload: Buffer.from('OFF'), qos: 0, retain: false }]);
  });

  it('that are cut off do not arrive: who subscribed to the topic is reset, nobody else', async () => {
    const { port, broker } = await openRig();
    const exact = await subscribed(port, 'plug1', 'a', 'cmnd/plug1/POWER');
    const wide = await subscribed(port, 'plug1', 'b', 'cmnd/plug1/#');
    const other = await subscribed(port, 'plug1', 'c', 'cmnd/plug1/POWER2');
    const left = await subscribed(port, 'plug1', 'd', 'cmnd/plug1/POWER');
    left.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['cmnd/plug1/POWER'] });
    await left.got('unsuback');
    // Sent, and cut before it left this process.
    broker.send('cmnd/plug1/POWER', 'ON');
    broker.cut('cmnd/plug1/POWER');
    await Promise.all([exact.closed(), wide.closed()]);
    expect([exact.error, wide.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect([...exact.all('publish'), ...wide.all('publish')]).toEqual([]);
    await other.isAlive();
    await left.isAlive();
  });
});

describe('slow readers', () => {
  it('are cut, and nobody waits for them', async () => {
    const { port, broker, refusals } = await openRig();
    const slow = await subscribed(port, 'plug1', 'slow', 'tele/plug1/#');
    const fine = await subscribed(port, 'plug1', 'fine', 'tele/plug1/#');
    slow.socket.pause();
    const speaker = await RawClient.login(port, 'plug2');
    const payload = 'x'.repeat(8_000);
    let sent = 0;
    while (refusals.length === 0 && sent < 5_000) {
      for (let more = 0; more < 50; more += 1) broker.send('tele/plug1/x', payload);
      sent += 50;
      await fine.got('publish', sent);
    }
    expect(refusals).toMatchObject([{ kind: 'limit', reason: 'reads too slowly', user: 'plug1' }]);
    await speaker.isAlive();
    await fine.isAlive();
    await vi.waitFor(() => expect(broker.counts().connections).toBe(2));
  });

  it('that read nothing at all are cut after half a minute', async () => {
    const clock = new Steps();
    const { port, broker, refusals } = await openRig({ clock });
    const payload = 'x'.repeat(100_000);
    // More than the buffers of both kernels.
    for (let at = 0; at < 200; at += 1) await broker.publish(`homeassistant/${at}`, payload, { qos: 0, retain: true });
    const stuck = await RawClient.login(port, 'ha', { keepalive: 300 });
    stuck.socket.pause();
    stuck.send(subscribePacket(['homeassistant/#']));
    const fine = await RawClient.login(port, 'plug1', { keepalive: 300 });
    for (let turns = 0; turns < 100; turns += 1) await fine.isAlive();
    clock.advance(BROKER_LIMITS.stalledMs - 1_000);
    expect(refusals).toEqual([]);
    clock.advance(2_000);
    await vi.waitFor(() => expect(refusals).toMatchObject([{ reason: 'reads nothing', user: 'ha' }]));
    await fine.isAlive();
  });

  it('get all that is kept, however much: it waits for them', async () => {
    const { port, broker } = await openRig();
    const payload = 'x'.repeat(20_000);
    for (let at = 0; at < 400; at += 1) await broker.publish(`homeassistant/${at}`, payload, { qos: 1, retain: true });
    const reader = await RawClient.login(port, 'ha');
    reader.socket.pause();
    reader.send(subscribePacket(['homeassistant/#'], 1));
    // More than it may have on its way.
    expect(400 * payload.length).toBeGreaterThan(BROKER_LIMITS.backlogBytesOfReader);
    const other = await RawClient.login(port, 'plug1');
    for (let turns = 0; turns < 50; turns += 1) await other.isAlive();
    reader.socket.resume();
    await reader.got('publish', 400);
  });
});

async function subscribed(port: number, user: string, clientId: string, filter: string, more = {}): Promise<RawClient> {
  const client = await RawClient.login(port, user, { clientId, ...more });
  client.send(subscribePacket([filter], 1));
  await client.got('suback');
  return client;
}

it('nobody announces a device under the address of another one', async () => {
  const { broker, connect, refusals } = await openRig();
  const topic = 'tasmota/discovery/02005E6BCB72/config';
  const found: string[] = [];
  broker.subscribe('tasmota/discovery/#', ({ payload }) => found.push(Buffer.from(payload).toString()));
  const [own, other] = [await connect('plug1'), await connect('plug2')];
  await own.publishAsync(topic, 'mine', { qos: 1, retain: true });
  await other.publishAsync(topic, 'spoofed', { qos: 1, retain: true });
  await own.publishAsync(topic, 'mine again', { qos: 1, retain: true });
  await vi.waitFor(() => expect(found).toEqual(['mine', 'mine again']));
  expect(refusals.map(({ reason }) => reason)).toContain('another device announced itself there');
});
