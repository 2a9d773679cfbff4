import type { Clock } from '../../relay-drivers/clock.ts';
import type { ConnectPlug } from '../../relay-drivers/simulator/plug-client.ts';
import type { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';

/** How a simulated plug comes to a broker in memory. */
export function connectIn(broker: MemoryBroker, name: string, clock: Clock): ConnectPlug {
  return (will) => {
    const client = broker.client(name, { will, clock });
    let isEnded = false;
    let tell = (_topic: string, _payload: string): void => undefined;
    const heard = (topic: string, payload: string): void => tell(topic, payload);
    return {
      onUp: (listener) =>
        queueMicrotask(() => {
          if (client.isConnected && !isEnded) listener();
        }),
      onLost: (listener) =>
        client.onLost((why) => {
          if (!isEnded) listener(why);
        }),
      onMessage: (listener) => {
        tell = listener;
      },
      subscribe: (filter) => void client.subscribe(filter, heard),
      publish: ({ topic, payload, isRetained = false }) => client.publish(topic, payload, { retain: isRetained }),
      end: (isGraceful) => {
        isEnded = true;
        client.close(isGraceful);
      },
    };
  };
}
