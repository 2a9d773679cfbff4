import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { expect, it, onTestFinished, vi } from 'vitest';
import { EXTERNAL_LIMITS } from '../../daemon/broker/external-limits.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { connectClient } from './client.ts';
import { openOutside, up } from './external-rig.ts';
import { freePort } from './mosquitto.ts';
import { listenTo, requestsOn, textOf } from './suite.ts';

/** Aedes speaks MQTT 3.1.1 and nothing newer. */
async function startOlder(): Promise<string> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  const port = await freePort();
  server.listen(port, 'localhost');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await new Promise<void>((resolve) => aedes.close(resolve));
  });
  return `mqtt://localhost:${port}`;
}

it('speaks 3.1.1 with a broker that knows nothing newer', async () => {
  const url = await startOlder();
  const { broker, troubles } = await openOutside(url);
  const states = listenTo(broker, 'tele/#');
  const twice = listenTo(broker, 'tele/plug1/#');
  const asked = requestsOn(broker);
  await up(broker);
  const client = await connectClient(url, {});
  await client.say('tele/plug1/STATE', 'x');
  await client.say('voltsafe/home/appliance/lamp/set', 'ON');
  await vi.waitFor(() => expect([...states, ...twice, ...asked].map(textOf)).toEqual(['x', 'x', 'ON']));
  expect(troubles).toEqual([]);
});

it('hears nothing of what was asked while it was away', async () => {
  const url = await startOlder();
  const first = await openOutside(url);
  requestsOn(first.broker);
  await up(first.broker);
  await first.broker.close();
  const client = await connectClient(url, {});
  await client.say('voltsafe/home/appliance/lamp/set', 'ON');
  const { broker } = await openOutside(url);
  const heard = requestsOn(broker);
  await up(broker);
  await client.say('voltsafe/home/appliance/lamp/set', 'OFF');
  await vi.waitFor(() => expect(heard.map(textOf)).toEqual(['OFF']));
});

it('does without what is too large there, too', async () => {
  const url = await startOlder();
  const { broker, troubles } = await openOutside(url);
  const heard = listenTo(broker, 'tele/plug1/STATE');
  await up(broker);
  const client = await connectClient(url, {});
  await client.say('tele/plug1/STATE', Buffer.alloc(EXTERNAL_LIMITS.packetBytes + 1));
  await client.say('tele/plug1/STATE', 'small');
  await vi.waitFor(() => expect(heard.map(textOf)).toEqual(['small']));
  expect(troubles.join()).toContain('too large');
  expect(broker.state.isUp).toBe(true);
});

it('is not held up by a port that takes connections and says nothing', async () => {
  const server = createServer((socket) => socket.resume().on('error', () => undefined));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const clock = new VirtualClock();
  const { broker } = await openOutside(`mqtt://localhost:${port}`, { clock });
  await once(server, 'connection');
  await clock.advance(EXTERNAL_LIMITS.connectMs);
  await vi.waitFor(() => expect(broker.state).toMatchObject({ reason: expect.stringContaining('does not answer') }));
});
