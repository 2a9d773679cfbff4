import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { liveMessage } from '../../daemon/http/wire.ts';
import { bearer } from './rig.ts';

export interface Told {
  readonly type: string;
  readonly seq: number;
  readonly kind: string;
  readonly [more: string]: unknown;
}

/** A live feed as a client has it; each message is held against the contract. */
export class LiveClient {
  readonly socket: WebSocket;
  readonly told: Told[] = [];
  readonly ended: Promise<number>;

  constructor(server: { readonly url: string }, query = '', headers: Record<string, string> = bearer('viewer')) {
    this.socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/live${query}`, { headers });
    this.socket.on('message', (bytes) =>
      this.told.push(liveMessage.parse(JSON.parse(String(bytes))) as unknown as Told),
    );
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.socket.once('close', resolve));
    onTestFinished(() => this.socket.terminate());
  }

  /** The status with which the upgrade was refused, and the problem. */
  async refused(): Promise<{ status: number | undefined; body: Record<string, unknown> }> {
    const [, response] = await once(this.socket, 'unexpected-response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, body: JSON.parse(text) };
  }

  async heard(type: string, count = 1): Promise<Told[]> {
    await expect.poll(() => this.of(type).length).toBeGreaterThanOrEqual(count);
    return this.of(type);
  }

  of(type: string): Told[] {
    return this.told.filter((message) => message.type === type);
  }
}
