import { once } from 'node:events';
import WebSocket from 'ws';
import type { LiveMessage } from '../../daemon/http/wire.ts';
import type { Client } from './client.ts';

export type Message = LiveMessage & { type: 'snapshot' | 'event' };

/** A live feed as a panel has it; what is no event is left out. */
export class Feed {
  readonly messages: Message[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as LiveMessage;
      if (message.type === 'snapshot' || message.type === 'event') this.messages.push(message);
    });
  }

  /** Rejects when the hub does not open it. */
  static async open({ url, token }: Client, query = ''): Promise<Feed> {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live${query}`, { headers });
    const feed = new Feed(socket);
    await once(socket, 'open');
    return feed;
  }

  /** The seqs of the events, in the order in which they came. */
  get seqs(): number[] {
    return this.messages.flatMap((message) => (message.type === 'event' ? message.seq : []));
  }

  /** What the feed said last of an appliance. */
  last(id: string): { readonly is_on: boolean; readonly relay_state: string } | undefined {
    const views = this.messages.flatMap((message) => {
      if (message.type === 'snapshot') return message.appliances.filter((appliance) => appliance.id === id);
      return message.type === 'event' && message.appliance?.id === id ? message.appliance : [];
    });
    return views.at(-1);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.terminate();
  }
}
