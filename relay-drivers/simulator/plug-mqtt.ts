import type { MqttClient } from 'mqtt';
import type { ConnectPlug, PlugClient } from './plug-client.ts';

export interface PlugBroker {
  /** `mqtt://host:port`, `mqtts://host:port`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Of a broker whose certificate no common authority signed: PEM. */
  readonly ca?: string;
}

/** Shorter than any broker's patience, long enough that a thousand plugs are quiet. */
const KEEPALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 10_000;

/** The way of a simulated plug to a real broker. What speaks MQTT is loaded here: who simulates boards only goes without. */
export async function mqttPlug(broker: PlugBroker, clientId: string): Promise<ConnectPlug> {
  const { connect } = await import('mqtt');
  const { url, username, password, ca } = broker;
  return ({ topic, payload, isRetained = false, qos = 0 }) =>
    clientOf(
      connect(url, {
        clientId,
        username,
        password,
        ...(ca === undefined ? {} : { ca }),
        clean: true,
        keepalive: KEEPALIVE_S,
        connectTimeout: CONNECT_TIMEOUT_MS,
        // The plug itself comes back: what was said is gone with the connection, and nothing is sent late.
        reconnectPeriod: 0,
        queueQoSZero: false,
        resubscribe: false,
        will: { topic, payload: Buffer.from(payload), retain: isRetained, qos },
      }),
    );
}

function clientOf(client: MqttClient): PlugClient {
  let isOver = false;
  let why = 'the connection was closed';
  // An error is followed by `close`; without a listener it would end the process.
  client.on('error', (error) => {
    why = error.message;
  });
  return {
    onUp: (listener) => void client.on('connect', listener),
    onMessage: (listener) => void client.on('message', (topic, payload) => listener(topic, payload.toString('utf8'))),
    onLost: (listener) =>
      void client.on('close', () => {
        if (isOver) return;
        isOver = true;
        client.end(true);
        listener(why);
      }),
    subscribe: (filter) => void client.subscribe(filter, { qos: 0 }, ignore),
    publish: ({ topic, payload, isRetained = false, qos = 0 }) =>
      void client.publish(topic, payload, { retain: isRetained, qos }, ignore),
    end: (isGraceful) => {
      isOver = true;
      client.end(!isGraceful);
    },
  };
}

/** What the broker did not take is a message lost, as with a real plug. */
function ignore(): void {}
