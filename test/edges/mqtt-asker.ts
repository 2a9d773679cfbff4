import { vi } from 'vitest';
import type { TestClient } from '../broker/client.ts';

/** The hub's word on one request, as it came. */
export interface SetResult {
  readonly request_id: string | null;
  readonly phase: 'decided' | 'confirmed' | 'failed';
  readonly accepted: boolean;
  readonly changed?: boolean;
  readonly code?: string;
  readonly detail?: string;
  readonly seq: number | null;
}

export interface SetTold {
  readonly actor: string;
  readonly appliance: string;
  readonly isOn: boolean;
  readonly results: readonly SetResult[];
}

const TOPIC = 'voltsafe/home/appliance';
/** Longer than three attempts at a plug that does not answer, on a machine with other things to do. */
const ANSWERED = { timeout: 30_000, interval: 20 } as const;

/** An integration: asks over MQTT, and knows which answers are its own. */
export class Asker {
  readonly name: string;
  readonly #client: TestClient;
  readonly #heard = new Map<string, SetResult[]>();
  #serial = 0;

  private constructor(name: string, client: TestClient) {
    this.name = name;
    this.#client = client;
    client.mqtt.on('message', (topic, payload) => {
      if (!topic.endsWith('/result')) return;
      const result = JSON.parse(payload.toString()) as SetResult;
      this.#heard.get(result.request_id ?? '')?.push(result);
    });
  }

  static async of(name: string, client: TestClient): Promise<Asker> {
    const asker = new Asker(name, client);
    await client.listen(`${TOPIC}/+/result`);
    return asker;
  }

  /** Resolves with all answers, once the last one is there. */
  async set(appliance: string, isOn: boolean, qos: 0 | 1 = 1, more: object = {}): Promise<SetTold> {
    const request_id = `${this.name}-${this.#serial++}`;
    const results: SetResult[] = [];
    this.#heard.set(request_id, results);
    const payload = JSON.stringify({ is_on: isOn, request_id, ...more });
    void this.#client.mqtt.publishAsync(`${TOPIC}/${appliance}/set`, payload, { qos }).catch(() => undefined);
    await vi.waitFor(() => {
      if (!isComplete(results)) throw new Error(`${request_id}, ${appliance} was told ${JSON.stringify(results)}`);
    }, ANSWERED);
    return { actor: this.name, appliance, isOn, results };
  }
}

/** Refused, or accepted and then confirmed or failed. */
function isComplete(results: readonly SetResult[]): boolean {
  const last = results.at(-1);
  return last !== undefined && (last.phase !== 'decided' || !last.accepted);
}
