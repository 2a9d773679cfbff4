import { connectClient } from './client.ts';
import { openRig } from './embedded-rig.ts';
import { Users } from './embedded-users.ts';
import { clientOf, openOutside, startMosquitto, up } from './external-rig.ts';
import { homeAssistantSuite, type Place } from './home-assistant-suite.ts';

homeAssistantSuite('the embedded broker', openOwn);
homeAssistantSuite('an external broker', openMosquitto);

async function openOwn(): Promise<Place> {
  const { broker } = await openRig({ hubId: 'home' });
  const credentials = { username: 'ha', password: Users.passwordOf('ha') };
  return { broker, client: () => connectClient(broker.url, credentials) };
}

/** As config/mosquitto.acl tells people to set it up: else it holds each answer back for 40 ms, twice. */
async function openMosquitto(): Promise<Place> {
  const mosquitto = await startMosquitto({ more: ['set_tcp_nodelay true'] });
  const { broker } = await openOutside(mosquitto.url);
  await up(broker);
  return { broker, client: (name) => clientOf(mosquitto, name) };
}
