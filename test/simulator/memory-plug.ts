import type { ConnectPlug, PlugClient } from '../../relay-drivers/simulator/plug-client.ts';
import type { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MemoryClientOptions } from '../../relay-drivers/transport/memory-mqtt-client.ts';

/** The way of a simulated plug to a broker in memory. */
export function memoryPlug(
  broker: MemoryBroker,
  name: string,
  options: Omit<MemoryClientOptions, 'will'> = {},
): ConnectPlug {
  return (will) => {
    const { topic, payload, isRetained = false } = will;
    const client = broker.client(name, { ...options, will: { topic, payload, isRetained } });
    let hear = (_topic: string, _payload: string): void => undefined;
    const listener = (at: string, text: string) => hear(at, text);
    return {
      onUp: (listen) => queueMicrotask(() => client.isConnected && listen()),
      onLost: (listen) => void client.onLost(listen),
      onMessage: (listen) => {
        hear = listen;
      },
      subscribe: (filter) => void client.subscribe(filter, listener),
      publish: (said) => client.publish(said.topic, said.payload, { retain: said.isRetained ?? false }),
      end: (isGraceful) => client.close(isGraceful),
    } satisfies PlugClient;
  };
}
