import { onTestFinished } from 'vitest';
import { openEmbedded } from '../../daemon/broker/embedded/open.ts';
import type { Broker } from '../../daemon/broker/port.ts';
import { realClock } from '../drivers/real-clock.ts';
import { connectClient } from './client.ts';
import { folder, Users } from './embedded-rig.ts';
import { freePort } from './mosquitto.ts';
import type { BrokerRig } from './suite.ts';

/** The hub's own broker: when it is stopped, what comes back is another one in the same folder. */
export async function openEmbeddedRig(): Promise<BrokerRig> {
  const users = new Users();
  users.add('home-assistant', 'integration');
  const fixed = { host: '127.0.0.1', port: await freePort(), hubId: 'home', dataDir: folder(), clock: realClock };
  const onTrouble = () => undefined;
  const open = () => openEmbedded({ ...fixed, users, onTrouble, onRefused: onTrouble });
  let broker: Broker = await open();
  onTestFinished(() => broker.close());
  return {
    get broker() {
      return broker;
    },
    client: (username) => connectClient(broker.url, { username, password: Users.passwordOf(username) }),
    stop: () => broker.close(),
    start: async () => {
      broker = await open();
    },
    asker: 'mqtt:home-assistant',
  };
}
