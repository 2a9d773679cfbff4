import { fileURLToPath } from 'node:url';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Child } from './child.ts';
import { Client, getRequest } from './client.ts';
import type { HubRequest } from './hub-program.ts';
import type { Place } from './place.ts';

const PROGRAM = fileURLToPath(new URL('./hub-program.ts', import.meta.url));

export interface HubChild {
  readonly url: string;
  readonly token: string;
}

/** A hub in a process of its own: whoever asks it costs its event loop nothing. */
export async function startHubChild(place: Place, more: Partial<HubRequest> = {}): Promise<HubChild> {
  const request: HubRequest = {
    folder: place.newFolder(),
    appliances: 10,
    commitDelayMs: 0,
    boardPath: null,
    locks: 0,
    lockWaiters: 0,
    ...more,
  };
  const child = new Child(place, [PROGRAM, JSON.stringify(request)]);
  return JSON.parse(await child.said(/^hub (.+)$/m)) as HubChild;
}

export async function clientOf(place: Place, url: string): Promise<Client> {
  const client = await Client.open(url);
  place.atEnd(() => client.close());
  return client;
}

/** Resolves when every relay was read. Asked so often that the answer is at most 2 ms old. */
export async function untilReady(client: Client): Promise<void> {
  const request = getRequest('/ready', 'none');
  while ((await client.ask(request)).status !== 200) await pause(systemClock, 2);
}
