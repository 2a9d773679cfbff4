import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Appliance, Decision, Load } from '../../daemon/http/wire.ts';

export type { Appliance, Decision, Load } from '../../daemon/http/wire.ts';

export interface Reply<T = unknown> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined where the answer is no JSON. */
  readonly body: T;
}

/** What a toggle is answered: the upper members with 200, the lower ones of a problem. */
export interface Toggled {
  readonly appliance: Appliance;
  readonly changed: boolean;
  readonly load: Load;
  readonly decision: { readonly seq: number | null; readonly at: string };
  readonly code?: string;
  readonly detail?: string;
  readonly [extra: string]: unknown;
}

export interface Sent {
  readonly method?: string;
  /** Text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One who asks the hub over HTTP, with as many connections as there are questions at once. */
export class Client {
  readonly url: string;
  readonly token: string | null;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Rejects only when there is no answer at all. */
  ask<T = unknown>(path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Reply<T>> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const about = {
      ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, { method, agent: this.#agent, headers: about }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: parse(text) as T }),
        );
      });
      sent.once('error', reject);
      sent.end(payload);
    });
  }

  /** What must be answered with 200. */
  async get<T>(path: string): Promise<T> {
    const { status, text, body } = await this.ask<T>(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return body;
  }

  /** What must be accepted. */
  async post<T = unknown>(path: string, body: unknown): Promise<T> {
    const reply = await this.ask<T>(path, { method: 'POST', body });
    if (reply.status >= 300) throw new Error(`POST ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  }

  toggle(id: string, isOn: boolean, key?: string): Promise<Reply<Toggled>> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return this.ask(`/api/appliances/${id}/toggle`, { method: 'POST', body: { is_on: isOn }, headers });
  }

  load(): Promise<Load> {
    return this.get('/api/load');
  }

  appliance(id: string): Promise<Appliance> {
    return this.get(`/api/appliances/${id}`);
  }

  async appliances(): Promise<Appliance[]> {
    return (await this.get<{ appliances: Appliance[] }>('/api/appliances')).appliances;
  }

  /** The whole audit trail behind `after`. */
  async decisions(after = 0): Promise<Decision[]> {
    const path = `/api/decisions?after=${after}&limit=1000`;
    const { decisions, next_after } = await this.get<{ decisions: Decision[]; next_after: number }>(path);
    return decisions.length < 1000 ? decisions : [...decisions, ...(await this.decisions(next_after))];
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
