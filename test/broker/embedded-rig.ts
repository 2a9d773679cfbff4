import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';
import { type EmbeddedBroker, type EmbeddedParts, openEmbedded } from '../../daemon/broker/embedded/open.ts';
import type { Refusal } from '../../daemon/broker/embedded/refusals.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { HUB, Users } from './embedded-users.ts';

export { HUB, Users } from './embedded-users.ts';

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-mqtt-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Rig {
  readonly broker: EmbeddedBroker;
  readonly users: Users;
  readonly port: number;
  readonly refusals: Refusal[];
  readonly troubles: string[];
  /** A client of mqtt.js that is connected; it does not come back by itself, and ends with the test. */
  connect(user: string, options?: mqtt.IClientOptions): Promise<MqttClient>;
}

/** An embedded broker on a port of its own, with users `plug1` and `plug2` (devices), `ha` (integration), `panel` (viewer). */
export async function openRig(parts: Partial<EmbeddedParts> & { readonly users?: Users } = {}): Promise<Rig> {
  const users = parts.users ?? new Users();
  const refusals: Refusal[] = [];
  const troubles: string[] = [];
  const broker = await openEmbedded({
    host: '127.0.0.1',
    port: 0,
    hubId: HUB,
    dataDir: parts.dataDir ?? folder(),
    clock: systemClock,
    onTrouble: (what, error) => void troubles.push(`${what}: ${error}`),
    onRefused: (refusal) => void refusals.push(refusal),
    ...parts,
    users,
  });
  onTestFinished(() => broker.close());
  const port = Number(new URL(broker.url).port);
  return { broker, users, port, refusals, troubles, connect: (user, options) => connect(broker.url, user, options) };
}

/** Rejects with what CONNACK said. */
export async function connect(url: string, user: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(url, {
    username: user,
    password: Users.passwordOf(user),
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...options,
  });
  client.on('error', () => {});
  onTestFinished(() => void client.end(true));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed before CONNACK')));
  });
  return client;
}

/** What a client gets from now on, as `topic payload`, with `(kept)` behind what is marked retained. */
export async function listen(client: MqttClient, ...filters: string[]): Promise<string[]> {
  const heard: string[] = [];
  client.on('message', (topic, payload, { retain }) => {
    heard.push(`${topic} ${payload}${retain ? ' (kept)' : ''}`);
  });
  await client.subscribeAsync(filters, { qos: 1 });
  return heard;
}
