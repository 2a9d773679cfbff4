import { expect, onTestFinished, vi } from 'vitest';
import { type ExternalParts, openExternal } from '../../daemon/broker/external.ts';
import type { Broker } from '../../daemon/broker/port.ts';
import { statusWill } from '../../daemon/broker/topics/hub-topics.ts';
import { realClock } from '../drivers/real-clock.ts';
import { connectClient, type TestClient } from './client.ts';
import { Mosquitto, type MosquittoOptions, PASSWORDS } from './mosquitto.ts';
import type { BrokerRig } from './suite.ts';

export interface Outside {
  readonly broker: Broker;
  readonly troubles: string[];
}

/** The hub's way to a broker that is somebody else's. */
export async function openOutside(url: string, more: Partial<ExternalParts> = {}): Promise<Outside> {
  const troubles: string[] = [];
  const broker = await openExternal({
    url,
    username: 'voltsafe',
    password: PASSWORDS.voltsafe,
    hubId: 'home',
    will: statusWill('home'),
    clock: realClock,
    onTrouble: (what) => troubles.push(what),
    ...more,
  });
  onTestFinished(() => broker.close());
  return { broker, troubles };
}

export async function startMosquitto(options?: MosquittoOptions): Promise<Mosquitto> {
  const mosquitto = await Mosquitto.start(options);
  onTestFinished(() => mosquitto.remove());
  return mosquitto;
}

export async function up(broker: Broker): Promise<void> {
  await vi.waitFor(() => expect(broker.state).toEqual({ isUp: true }), 10_000);
}

export async function openExternalRig(): Promise<BrokerRig & { readonly mosquitto: Mosquitto }> {
  const mosquitto = await startMosquitto();
  const { broker } = await openOutside(mosquitto.url);
  await up(broker);
  return {
    mosquitto,
    broker,
    client: (name) => clientOf(mosquitto, name),
    stop: () => mosquitto.stop(),
    start: () => mosquitto.start(),
    asker: 'mqtt:localhost',
  };
}

export function clientOf(mosquitto: Mosquitto, username: keyof typeof PASSWORDS): Promise<TestClient> {
  const tls = mosquitto.ca === undefined ? {} : { ca: mosquitto.ca };
  return connectClient(mosquitto.url, { username, password: PASSWORDS[username], ...tls });
}
