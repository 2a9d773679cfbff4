import { generate } from 'mqtt-packet';
import { describe, expect, it, vi } from 'vitest';
import { BROKER_LIMITS } from '../../daemon/broker/limits.ts';
import { connectPacket, publishPacket, RawClient, subscribePacket } from './embedded-raw.ts';
import { openRig } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';
import { mqttUser } from './embedded-users.ts';

/** A header that promises so many bytes. */
function header(first: number, length: number): Buffer {
  const bytes = [first];
  let rest = length;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

describe('before a login', () => {
  it('a CONNECT of more than 20 kB ends at its header', async () => {
    const { port, refusals, broker } = await openRig();
    const client = new RawClient(port);
    client.write(header(0x10, BROKER_LIMITS.connectPacketBytes + 1));
    await client.closed();
    expect(refusals).toMatchObject([{ kind: 'malformed', user: null }]);
    expect(broker.counts().heldBytes).toBe(0);
  });

  it('20 kB are collected, in pieces however small', async () => {
    const { port, broker } = await openRig();
    const client = new RawClient(port);
    client.socket.setNoDelay(true);
    client.write(header(0x10, BROKER_LIMITS.connectPacketBytes));
    for (let sent = 0; sent < 2_000; sent += 1) client.write(Buffer.alloc(1));
    client.write(Buffer.alloc(BROKER_LIMITS.connectPacketBytes - 2_001));
    await vi.waitFor(() => expect(broker.counts().heldBytes).toBeGreaterThan(BROKER_LIMITS.connectPacketBytes / 2));
    expect(broker.counts().heldBytes).toBeLessThanOrEqual(2 * BROKER_LIMITS.connectPacketBytes);
    expect(client.isClosed).toBe(false);
    client.write(Buffer.alloc(1));
    await client.closed();
    await vi.waitFor(() => expect(broker.counts()).toMatchObject({ connections: 0, heldBytes: 0 }));
  });

  it('64 kB in all: what comes in one piece with a CONNECT may be more than the CONNECT', async () => {
    const { port, broker, refusals } = await openRig();
    let heard = 0;
    broker.subscribe('plug1/x', ({ payload }) => {
      heard += payload.length;
    });
    const connect = generate(connectPacket('plug1'));
    const publish = generate(publishPacket('plug1/x', Buffer.alloc(30_000)));
    new RawClient(port).write(Buffer.concat([connect, publish]));
    await vi.waitFor(() => expect(heard).toBe(30_000));
    expect(refusals).toEqual([]);
  });

  it('who says no CONNECT within 5 s is cut', async () => {
    const clock = new Steps();
    const { port, broker } = await openRig({ clock });
    const silent = new RawClient(port);
    const slow = new RawClient(port);
    slow.write(header(0x10, 100));
    await vi.waitFor(() => expect(broker.counts().strangers).toBe(2));
    clock.advance(4_000);
    slow.write(Buffer.from([0]));
    const client = await RawClient.login(port, 'plug1');
    expect([silent.isClosed, slow.isClosed]).toEqual([false, false]);
    clock.advance(1_500);
    await Promise.all([silent.closed(), slow.closed()]);
    await client.isAlive();
  });

  it('8 MB of all strangers together', async () => {
    const { port, broker, refusals } = await openRig();
    const packet = Buffer.concat([header(0x10, BROKER_LIMITS.connectPacketBytes), Buffer.alloc(17_000)]);
    const fitting = Math.floor(BROKER_LIMITS.bytesBeforeLoginInAll / (32 * 1024));
    const open = () => new RawClient(port).write(packet);
    for (let count = 0; count < fitting; count += 1) open();
    await vi.waitFor(() => expect(broker.counts().heldBytes).toBe(BROKER_LIMITS.bytesBeforeLoginInAll), 5_000);
    expect(refusals).toEqual([]);
    open();
    await vi.waitFor(() => expect(refusals).toMatchObject([{ reason: 'too many bytes of strangers' }]));
    await RawClient.login(port, 'plug1');
  });

  it('too many strangers: the one that has said nothing for longest goes', async () => {
    const { port, broker, refusals } = await openRig();
    const some = Array.from({ length: BROKER_LIMITS.strangers }, () => new RawClient(port));
    await vi.waitFor(() => expect(broker.counts().strangers).toBe(BROKER_LIMITS.strangers), 10_000);
    const client = await RawClient.login(port, 'plug1');
    await client.isAlive();
    await vi.waitFor(() => expect(some.filter(({ isClosed }) => isClosed)).toHaveLength(1));
    expect(refusals).toMatchObject([{ kind: 'limit', reason: 'too many without a login' }]);
  });

  it.each([
    ['no CONNECT first', generate({ cmd: 'pingreq' })],
    ['a packet for clients', generate({ cmd: 'connack', returnCode: 0, sessionPresent: false })],
    ['a CONNECT too short', Buffer.from([0x10, 2, 0, 0])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a length of five bytes', Buffer.from([0x10, 255, 255, 255, 255, 1])],
    ['another protocol name', Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x58, 4, 2, 0, 60, 0, 0])],
  ])('%s', async (_name, bytes) => {
    const { port, refusals } = await openRig();
    const client = new RawClient(port);
    client.write(bytes);
    await client.closed();
    expect(refusals).toMatchObject([{ kind: 'malformed' }]);
  });
});

describe('after a login', () => {
  it('a packet of 1 MB passes, a larger one ends at its header', async () => {
    const { port, broker, refusals } = await openRig();
    const lengths: number[] = [];
    broker.subscribe('tele/plug1/#', ({ payload }) => lengths.push(payload.length));
    const plug = await RawClient.login(port, 'plug1');
    const bytes = BROKER_LIMITS.packetBytes - 2 - 'tele/plug1/X'.length;
    plug.send(publishPacket('tele/plug1/X', Buffer.alloc(bytes)));
    await vi.waitFor(() => expect(lengths).toEqual([bytes]), 5_000);
    plug.write(header(0x30, BROKER_LIMITS.packetBytes + 1));
    await plug.closed();
    expect(refusals).toMatchObject([{ kind: 'malformed', user: 'plug1', reason: /bytes/ }]);
  });

  it.each([
    ['a topic of 16 levels', `plug1${'/x'.repeat(15)}`, true],
    ['a topic of 17 levels', `plug1${'/x'.repeat(16)}`, false],
    ['a topic of 256 characters', `plug1/${'x'.repeat(250)}`, true],
    ['a topic of 257 characters', `plug1/${'x'.repeat(251)}`, false],
    ['a topic with a control character', 'plug1/\u0001', false],
    ['a topic with a wildcard', 'plug1/+', false],
  ])('%s', async (_name, topic, isFine) => {
    const { port, refusals } = await openRig();
    const plug = await RawClient.login(port, 'plug1');
    plug.send(...wildly(topic));
    if (isFine) await plug.got('puback');
    else await plug.closed();
    expect(refusals.map(({ kind }) => kind)).toEqual(isFine ? [] : ['malformed']);
  });

  it('a device has 200 subscriptions', async () => {
    const { port } = await openRig();
    const plug = await RawClient.login(port, 'plug1');
    const filters = Array.from({ length: BROKER_LIMITS.subscriptionsOfDevice + 2 }, (_, at) => `cmnd/plug1/${at}`);
    plug.send(subscribePacket(filters));
    await plug.got('suback');
    const granted = plug.packets.flatMap((packet) => (packet.cmd === 'suback' ? packet.granted : []));
    expect(granted.filter((code) => code === 128)).toHaveLength(2);
    // Room again.
    plug.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['cmnd/plug1/0'] });
    await plug.got('unsuback');
    plug.send(subscribePacket(['cmnd/plug1/new']));
    await plug.got('suback', 2);
    expect(plug.all('suback')[1]).toMatchObject({ granted: [0] });
  });

  it('a hundred QoS 2 messages in flight, and no more', async () => {
    const { port } = await openRig();
    const plug = await RawClient.login(port, 'plug1');
    for (let id = 1; id <= BROKER_LIMITS.inflightQos2; id += 1) plug.send(publishPacket('plug1/x', 'y', 2, id));
    await plug.got('pubrec', BROKER_LIMITS.inflightQos2);
    plug.send(publishPacket('plug1/x', 'y', 2, 5_000));
    await plug.closed();
  });

  it('a QoS 2 message that is sent twice counts once', async () => {
    const { port, broker } = await openRig();
    let heard = 0;
    broker.subscribe('plug1/x', () => {
      heard += 1;
    });
    const plug = await RawClient.login(port, 'plug1');
    plug.send(publishPacket('plug1/x', 'y', 2, 5), publishPacket('plug1/x', 'y', 2, 5));
    await plug.got('pubrec', 2);
    plug.send({ cmd: 'pubrel', messageId: 5 });
    await plug.got('pubcomp');
    expect(heard).toBe(1);
    plug.send(publishPacket('plug1/x', 'y', 2, 5));
    await vi.waitFor(() => expect(heard).toBe(2));
  });

  it('twenty connections of a user: the oldest goes; a simulated user has more', async () => {
    const simulated = mqttUser('simulated', 'device');
    const { port } = await openRig({ transientUsers: [simulated] });
    const open = (user: string) => (_: unknown, at: number) => RawClient.login(port, user, { clientId: `c${at}` });
    const own = [];
    for (let at = 0; at < BROKER_LIMITS.connectionsPerUser; at += 1) own.push(await open('plug1')(null, at));
    expect(own.some(({ isClosed }) => isClosed)).toBe(false);
    await RawClient.login(port, 'plug1', { clientId: 'one more' });
    await own[0]?.closed();
    await own[1]?.isAlive();
    const many = await Promise.all(Array.from({ length: BROKER_LIMITS.connectionsPerUser + 5 }, open('simulated')));
    for (const client of many) await client.isAlive();
  });

  it('connections in all', async () => {
    const { port, broker, refusals } = await openRig({ transientUsers: [mqttUser('simulated', 'device')] });
    const clients: RawClient[] = [];
    while (clients.length < BROKER_LIMITS.connections) {
      const from = clients.length;
      const next = Array.from({ length: 100 }, (_, at) =>
        RawClient.login(port, 'simulated', { clientId: `c${from + at}` }),
      );
      clients.push(...(await Promise.all(next)));
    }
    expect(broker.counts()).toMatchObject({ connections: BROKER_LIMITS.connections, strangers: 0 });
    const late = new RawClient(port);
    await late.closed();
    expect(refusals).toMatchObject([{ kind: 'limit', reason: 'too many connections' }]);
    clients[0]?.socket.destroy();
    await vi.waitFor(() => expect(broker.counts().connections).toBe(BROKER_LIMITS.connections - 1));
    await RawClient.login(port, 'plug1');
  });

  it.each([
    [60, 89_000, 2_500],
    [0, 449_000, 2_500],
    [3600, 449_000, 2_500],
  ])('silence, with a keep-alive of %d s', async (keepalive, aliveMs, moreMs) => {
    const clock = new Steps();
    const { port, broker } = await openRig({ clock });
    const heard: string[] = [];
    broker.subscribe('tele/plug1/LWT', ({ payload }) => heard.push(String(payload)));
    const will = { topic: 'tele/plug1/LWT', payload: 'Offline' };
    const plug = await RawClient.login(port, 'plug1', { keepalive, will });
    clock.advance(aliveMs);
    await plug.isAlive();
    clock.advance(aliveMs);
    expect(plug.isClosed).toBe(false);
    clock.advance(moreMs);
    await plug.closed();
    // Reset, not ended: nothing that is under way arrives any more (S11).
    expect(plug.error).toBe('ECONNRESET');
    await vi.waitFor(() => expect(heard).toEqual(['Offline']));
  });

  it('messages per second: a flood waits, and nothing of it is lost', async () => {
    const clock = new Steps();
    const { port, broker } = await openRig({ clock });
    let heard = 0;
    broker.subscribe('plug1/x', () => {
      heard += 1;
    });
    const plug = await RawClient.login(port, 'plug1');
    const packet = generate(publishPacket('plug1/x', 'y'));
    plug.write(Buffer.concat(Array.from({ length: BROKER_LIMITS.messagesBurst + 500 }, () => packet)));
    await vi.waitFor(() => expect(heard).toBeGreaterThanOrEqual(BROKER_LIMITS.messagesBurst), 10_000);
    const other = await RawClient.login(port, 'plug2');
    await other.isAlive();
    expect(heard).toBeLessThan(BROKER_LIMITS.messagesBurst + 3);
    while (heard < BROKER_LIMITS.messagesBurst + 500) {
      clock.advance(100);
      await other.isAlive();
    }
    expect(heard).toBe(BROKER_LIMITS.messagesBurst + 500);
  });

  it('messages that are kept: so many of one device, and others still have room', async () => {
    const { port, broker, refusals } = await openRig();
    const keep = (user: string, at: number) =>
      ({ ...publishPacket(`${user}/${at}`, 'x', 0), retain: true }) as ReturnType<typeof publishPacket>;
    for (const clientId of ['a', 'b']) {
      const plug = await RawClient.login(port, 'plug1', { clientId });
      const from = clientId === 'a' ? 0 : BROKER_LIMITS.retainedPerUser / 2;
      for (let at = 0; at < BROKER_LIMITS.retainedPerUser / 2 + 3; at += 1) plug.send(keep('plug1', from + at));
      await plug.isAlive();
    }
    await vi.waitFor(() => expect(broker.counts().retained).toBe(BROKER_LIMITS.retainedPerUser), 5_000);
    const plug = await RawClient.login(port, 'plug2');
    plug.send(keep('plug2', 0));
    await vi.waitFor(() => expect(broker.counts().retained).toBe(BROKER_LIMITS.retainedPerUser + 1));
    expect(refusals.every(({ kind, user }) => kind === 'limit' && user === 'plug1')).toBe(true);
  });
});

/** QoS 1, of a topic that mqtt-packet would not write. */
function wildly(topic: string): Parameters<RawClient['send']> {
  return [publishPacket(topic, 'x', 1, 1)];
}
