import { connect as connectTcp, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openEmbedded } from '../../daemon/broker/embedded/open.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { CERTIFICATE, KEY } from './embedded-certificate.ts';
import { connectPacket, subscribePacket } from './embedded-raw.ts';
import { connect, folder, HUB, listen, openRig, Users } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';

const TLS = { tls: { cert: CERTIFICATE, key: KEY, port: 0 } };
const TRUST = { ca: CERTIFICATE };

describe('TLS', () => {
  it('carries the same, beside the plain port', async () => {
    const { broker } = await openRig(TLS);
    const url = broker.tlsUrl ?? '';
    expect(url).toMatch(/^mqtts:\/\/127\.0\.0\.1:\d+$/);
    const heard = await listen(await connect(url, 'plug1', TRUST), 'cmnd/plug1/#');
    const plain = await connect(broker.url, 'ha');
    broker.send('cmnd/plug1/POWER', 'ON');
    await vi.waitFor(() => expect(heard).toEqual(['cmnd/plug1/POWER ON']));
    expect(plain.connected).toBe(true);
    await expect(connect(url, 'plug1', { ...TRUST, password: 'wrong' })).rejects.toThrow(/Not authorized/);
  });

  it('does not pass for a certificate that nobody trusts', async () => {
    const { broker } = await openRig(TLS);
    await expect(connect(broker.tlsUrl ?? '', 'plug1')).rejects.toThrow(/certificate/);
    await vi.waitFor(() => expect(broker.counts().connections).toBe(0));
  });

  it('who does not shake hands counts as a stranger, and is cut in time', async () => {
    const clock = new Steps();
    const { broker } = await openRig({ ...TLS, clock });
    const { port } = new URL(broker.tlsUrl ?? '');
    const silent = connectTcp(Number(port), '127.0.0.1');
    const plain = connectTcp(Number(port), '127.0.0.1', () => plain.write(generate(connectPacket('plug1'))));
    const closed: string[] = [];
    for (const [name, socket] of Object.entries({ silent, plain })) {
      socket.on('error', () => {});
      socket.on('close', () => closed.push(name));
      onTestFinished(() => void socket.destroy());
    }
    await vi.waitFor(() => expect(closed).toEqual(['plain']));
    await vi.waitFor(() => expect(broker.counts().strangers).toBe(1));
    clock.advance(6_000);
    await vi.waitFor(() => expect(closed).toEqual(['plain', 'silent']));
  });

  it('a cut resets the connection below TLS', async () => {
    const { broker } = await openRig(TLS);
    const { port } = new URL(broker.tlsUrl ?? '');
    const socket = connectTls({ port: Number(port), host: '127.0.0.1', ca: CERTIFICATE });
    const seen: string[] = [];
    socket.on('data', (bytes) => seen.push(bytes.toString('hex')));
    socket.on('error', (error) => seen.push('code' in error ? String(error.code) : error.message));
    onTestFinished(() => void socket.destroy());
    socket.write(Buffer.concat([generate(connectPacket('plug1')), generate(subscribePacket(['cmnd/plug1/#']))]));
    await vi.waitFor(() => expect(seen.join('')).toBe('200200009003000700'));
    broker.cut('cmnd/plug1/POWER');
    await vi.waitFor(() => expect(seen.at(-1)).toBe('ECONNRESET'));
  });
});

describe('the port', () => {
  it('that is taken is told as such, and nothing is left open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const parts = { hubId: HUB, users: new Users(), clock: systemClock, onTrouble: () => {}, host: '127.0.0.1' };
    const refused = openEmbedded({ ...parts, port, dataDir: folder() });
    await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE', message: expect.stringMatching(/mqtt\.port/) });
    const tls = { ...TLS.tls, port };
    await expect(openEmbedded({ ...parts, port: 0, tls, dataDir: folder() })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('is free again after a close, which ends all', async () => {
    const dataDir = folder();
    const first = await openRig({ dataDir });
    const plug = await first.connect('plug1');
    const states: boolean[] = [];
    first.broker.onStateChange(({ isUp }) => states.push(isUp));
    await first.broker.close();
    await first.broker.close();
    await vi.waitFor(() => expect(plug.connected).toBe(false));
    expect(states).toEqual([false]);
    expect(first.broker.send('cmnd/plug1/POWER', 'ON')).toBe(false);
    await expect(first.broker.publish('voltsafe/x', '', { qos: 0, retain: false })).rejects.toThrow(/closed/);
    const second = await openRig({ dataDir, port: first.port });
    expect(second.port).toBe(first.port);
  });
});
