import { describe, expect, it, vi } from 'vitest';
import { connectPacket, publishPacket, RawClient, subscribePacket } from './embedded-raw.ts';
import { connect, listen, openRig, type Users } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';
import { mqttUser } from './embedded-users.ts';

describe('who is let in', () => {
  it('nobody without a name and a password', async () => {
    const { port } = await openRig();
    for (const more of [{ username: undefined, password: undefined }, { password: undefined }])
      expect(await returnCode(port, connectPacket('plug1', more))).toBe(5);
  });

  it('nobody with a wrong name or a wrong password, and both get the same answer', async () => {
    const { port, refusals } = await openRig();
    expect(await returnCode(port, connectPacket('nobody'))).toBe(5);
    expect(await returnCode(port, connectPacket('plug1', { password: Buffer.from('wrong') }))).toBe(5);
    expect(await returnCode(port, connectPacket('plug1', { password: Buffer.alloc(0) }))).toBe(5);
    expect(new Set(refusals.map(({ reason }) => reason)).size).toBe(1);
    expect(JSON.stringify(refusals)).not.toMatch(/nobody|plug1|wrong"/);
  });

  it('a simulated user, who is in no ledger', async () => {
    const { port } = await openRig({ transientUsers: [mqttUser('simulated', 'device')] });
    expect(await returnCode(port, connectPacket('simulated'))).toBe(0);
  });

  it('nobody from an address that fails ten times in a minute, for a minute', async () => {
    const clock = new Steps();
    const { port, refusals } = await openRig({ clock });
    for (let failures = 0; failures < 9; failures += 1) expect(await returnCode(port, connectPacket('x'))).toBe(5);
    expect(await returnCode(port, connectPacket('plug1'))).toBe(0);
    expect(await returnCode(port, connectPacket('x'))).toBe(5);
    expect(await returnCode(port, connectPacket('plug1'))).toBe('closed');
    expect(refusals.at(-1)).toMatchObject({ kind: 'login', reason: expect.stringMatching(/too many failed/) });
    clock.advance(59_000);
    expect(await returnCode(port, connectPacket('plug1'))).toBe('closed');
    clock.advance(1_001);
    expect(await returnCode(port, connectPacket('plug1'))).toBe(0);
  });

  it('forgets failures that are more than a minute old', async () => {
    const clock = new Steps();
    const { port } = await openRig({ clock });
    for (let failures = 0; failures < 20; failures += 1) {
      expect(await returnCode(port, connectPacket('x'))).toBe(5);
      if (failures % 9 === 8) clock.advance(60_001);
    }
  });

  it.each([
    ['MQTT 5', { protocolVersion: 5 }, 1],
    ['MQTT 3.1', { protocolVersion: 3, protocolId: 'MQIsdp' }, 0],
    ['an empty client id with clean=1', { clientId: '', clean: true }, 0],
    ['an empty client id with clean=0', { clientId: '', clean: false }, 2],
    ['a client id with NUL', { clientId: 'a\u0000b' }, 2],
    ['a client id with a line break', { clientId: 'a\nb' }, 2],
    ['a client id of 128 characters', { clientId: 'x'.repeat(128) }, 0],
    ['a client id of 129 characters', { clientId: 'x'.repeat(129) }, 2],
    ['a client id that objects have anyway', { clientId: '__proto__' }, 0],
    ['a user name with a control character', { username: 'plug1\u0007' }, 2],
    ['a user name that is too long', { username: 'x'.repeat(65) }, 'closed'],
    ['a password that is too long', { password: Buffer.alloc(257) }, 'closed'],
    ['a will with control characters', { will: { topic: 'a\u0000', payload: 'x' } }, 'closed'],
    ['a will with a wildcard', { will: { topic: 'a/#', payload: 'x' } }, 'closed'],
    ['a will of 16 kB', { will: { topic: 'tele/plug1/LWT', payload: Buffer.alloc(16384) } }, 0],
    ['a will of more', { will: { topic: 'tele/plug1/LWT', payload: Buffer.alloc(16385) } }, 'closed'],
  ])('%s', async (_name, more, expected) => {
    const { port } = await openRig();
    expect(await returnCode(port, connectPacket('plug1', more))).toBe(expected);
  });

  it('tells an MQTT 5 client of mqtt.js so', async () => {
    const { broker } = await openRig();
    await expect(connect(broker.url, 'plug1', { protocolVersion: 5 })).rejects.toThrow(/protocol version/i);
  });
});

describe('sessions belong to users', () => {
  it('nobody ends or takes over the session of another by naming its client id', async () => {
    const { port, broker } = await openRig();
    const victim = await RawClient.login(port, 'plug1', { clientId: 'same', clean: false });
    victim.send(subscribePacket(['cmnd/plug1/#'], 1));
    await victim.got('suback');
    const thief = await RawClient.login(port, 'plug2', { clientId: 'same', clean: false });
    expect(thief.packets[0]).toMatchObject({ sessionPresent: false });
    expect(await returnCode(port, connectPacket('plug1', { clientId: 'same', password: Buffer.from('guess') }))).toBe(
      5,
    );
    await victim.isAlive();
    broker.send('cmnd/plug1/POWER', 'ON');
    await victim.got('publish');
    expect(thief.all('publish')).toEqual([]);
  });

  it('a client takes over from itself', async () => {
    const { port } = await openRig();
    const before = await RawClient.login(port, 'plug1', { clientId: 'same' });
    const after = await RawClient.login(port, 'plug1', { clientId: 'same' });
    await before.closed();
    await after.isAlive();
  });
});

describe('a user that changes', () => {
  it.each([
    ['removed', (users: Users) => users.remove('plug1')],
    ['made anew', (users: Users) => users.add('plug1', 'device')],
  ])('%s: its connections end, those of others do not', async (_name, change) => {
    const { port, users } = await openRig();
    const clients = [await RawClient.login(port, 'plug1', { clientId: 'a' }), await RawClient.login(port, 'plug1')];
    const other = await RawClient.login(port, 'plug2');
    change(users);
    for (const client of clients) await client.closed();
    await other.isAlive();
  });

  it('leaves nothing kept when it is removed, and cannot come back', async () => {
    const { port, users, broker } = await openRig();
    const will = { topic: 'tele/plug1/LWT', payload: 'Offline', qos: 1, retain: true };
    const plug = await RawClient.login(port, 'plug1', { will });
    plug.send({ ...publishPacket('tele/plug1/STATE', 'x', 1), retain: true } as ReturnType<typeof publishPacket>);
    await plug.got('puback');
    await vi.waitFor(() => expect(broker.counts().retained).toBe(1));
    const heard: string[] = [];
    broker.subscribe('tele/plug1/LWT', ({ payload }) => heard.push(String(payload)));
    users.remove('plug1');
    await plug.closed();
    // The hub hears that it is gone.
    await vi.waitFor(() => expect(heard).toEqual(['Offline']));
    expect(broker.counts().retained).toBe(0);
    expect(await returnCode(port, connectPacket('plug1'))).toBe(5);
  });
});

describe('what is not allowed', () => {
  it('is dropped, acknowledged and told; the device stays', async () => {
    const { port, connect: open, refusals, broker } = await openRig();
    const ha = await listen(await open('ha'), 'homeassistant/#');
    const plug = await RawClient.login(port, 'plug1');
    plug.send(publishPacket('homeassistant/status', 'online', 0));
    plug.send(publishPacket('voltsafe/home-1/load', '{}', 1, 3));
    plug.send(publishPacket('homeassistant/status', 'online', 2, 4));
    plug.send({ cmd: 'pubrel', messageId: 4 });
    await plug.got('puback');
    await plug.got('pubcomp');
    await plug.isAlive();
    await broker.publish('homeassistant/device/x/config', 'last', { qos: 1, retain: false });
    await vi.waitFor(() => expect(ha).toEqual(['homeassistant/device/x/config last']));
    expect(refusals.map(({ kind, user, topic }) => [kind, user, topic])).toEqual([
      ['publish', 'plug1', 'homeassistant/status'],
      ['publish', 'plug1', 'voltsafe/home-1/load'],
      ['publish', 'plug1', 'homeassistant/status'],
    ]);
  });

  it('is not granted; other filters of the same packet are, also in the session', async () => {
    const { port, connect: open, broker } = await openRig();
    const plug = await RawClient.login(port, 'plug1', { clean: false });
    plug.send(subscribePacket(['cmnd/plug1/#', 'cmnd/plug2/#', 'voltsafe/home-1/load', 'shellies/command'], 1));
    await plug.got('suback');
    expect(plug.all('suback')[0]).toMatchObject({ granted: [1, 128, 128, 1] });
    plug.socket.destroy();
    await vi.waitFor(() => expect(broker.counts().connections).toBe(0));
    await broker.publish('voltsafe/home-1/load', 'secret', { qos: 1, retain: false });
    await broker.publish('shellies/command', 'announce', { qos: 1, retain: false });
    const again = await listen(await open('plug1', { clientId: 'raw-plug1', clean: false }), 'cmnd/plug1/x');
    await vi.waitFor(() => expect(again).toEqual(['shellies/command announce']));
  });

  it('a will goes the same way', async () => {
    const { port, broker, refusals } = await openRig();
    const heard: string[] = [];
    broker.subscribe('#', ({ topic }) => heard.push(topic));
    const will = { topic: 'cmnd/plug2/POWER', payload: 'ON', qos: 0, retain: true };
    (await RawClient.login(port, 'plug1', { will })).socket.destroy();
    await vi.waitFor(() => expect(refusals).toHaveLength(1));
    expect(heard).toEqual([]);
    expect(broker.counts().retained).toBe(0);
  });

  it('tells a flood of refusals once, and counts the rest', async () => {
    const clock = new Steps();
    const { port, broker, refusals } = await openRig({ clock });
    const plug = await RawClient.login(port, 'plug1');
    for (let count = 0; count < 100; count += 1) plug.send(publishPacket('cmnd/plug2/POWER', 'ON'));
    await plug.isAlive();
    expect(refusals).toHaveLength(20);
    expect(broker.counts().refused.publish).toBe(100);
    clock.advance(60_000);
    plug.send(publishPacket('cmnd/plug2/POWER', 'ON'));
    await plug.isAlive();
    expect(refusals.at(-1)).toMatchObject({ untold: 80 });
  });
});

/** What CONNACK says; `closed` without one. */
async function returnCode(port: number, packet: ReturnType<typeof connectPacket>): Promise<unknown> {
  const client = new RawClient(port);
  client.send(packet);
  await vi.waitFor(() => expect(client.isClosed || client.packets.length > 0).toBe(true));
  const [connack] = client.packets;
  if (connack?.cmd !== 'connack') return 'closed';
  if (connack.returnCode !== 0) await client.closed();
  return connack.returnCode;
}
