import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished, vi } from 'vitest';

export interface HeardMessage {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** The members of what the hub says that tests look at. */
export interface Said {
  readonly [member: string]: unknown;
  readonly phase?: unknown;
  readonly accepted?: unknown;
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly at?: unknown;
  readonly seq?: unknown;
  readonly is_on?: unknown;
  readonly relay_state?: unknown;
  readonly reserved_w?: unknown;
}

/** Somebody else on the broker: mqtt.js as people use it. */
export class TestClient {
  readonly heard: HeardMessage[] = [];
  readonly mqtt: MqttClient;

  constructor(mqtt: MqttClient) {
    this.mqtt = mqtt;
    mqtt.on('message', (topic, payload, { retain }) =>
      this.heard.push({ topic, payload: payload.toString(), isRetained: retain }),
    );
    mqtt.on('error', () => undefined);
  }

  async listen(...filters: string[]): Promise<this> {
    await this.mqtt.subscribeAsync(filters, { qos: 1 });
    return this;
  }

  /** Resolves when the broker has it. */
  async say(topic: string, payload: string | Buffer, retain = false): Promise<void> {
    await this.mqtt.publishAsync(topic, payload, { qos: 1, retain });
  }

  on(topic: string): HeardMessage[] {
    return this.heard.filter((message) => message.topic === topic);
  }

  /** What was heard on a topic, as objects. */
  json(topic: string): Said[] {
    return this.on(topic).map(({ payload }) => JSON.parse(payload));
  }

  until(isSo: () => boolean): Promise<void> {
    return vi.waitFor(() => {
      if (!isSo()) throw new Error(`not so; heard ${JSON.stringify(this.heard.slice(-5))}`);
    }, 10_000);
  }
}

export async function connectClient(url: string, options: IClientOptions): Promise<TestClient> {
  const mqtt = await connectAsync(url, { reconnectPeriod: 200, ...options });
  onTestFinished(async () => {
    await mqtt.endAsync(true);
  });
  return new TestClient(mqtt);
}
