import { expect } from 'vitest';
import type { Role } from '../../daemon/core/model.ts';
import type { LockReply } from '../../daemon/http/wire.ts';
import { LiveClient, type Told } from './live-client.ts';
import { TOKENS } from './rig.ts';

interface Reached {
  readonly server: { readonly url: string };
}

/** A live feed that asks, too. */
export class Asker {
  readonly feed: LiveClient;
  #serial = 0;

  constructor({ server }: Reached, token: string = TOKENS.operator, query = '') {
    this.feed = new LiveClient(server, query, { authorization: `Bearer ${token}` });
  }

  static async open(opened: Reached, role: Role = 'operator'): Promise<Asker> {
    const asker = new Asker(opened, TOKENS[role]);
    await asker.feed.heard('snapshot');
    return asker;
  }

  /** Sends without waiting for an answer; returns the id. */
  send(verb: string, fields: object): number {
    this.#serial += 1;
    this.raw(JSON.stringify({ type: 'lock', id: this.#serial, verb, ...fields }));
    return this.#serial;
  }

  raw(text: string | Buffer): void {
    this.feed.socket.send(text);
  }

  async ask(verb: string, fields: object): Promise<LockReply> {
    return this.reply(this.send(verb, fields));
  }

  async reply(id: number | string | null): Promise<LockReply> {
    await expect.poll(() => this.#of(id), { timeout: 10_000, interval: 5 }).toBeDefined();
    return this.#of(id) as unknown as LockReply;
  }

  #of(id: number | string | null): Told | undefined {
    return this.feed.of('reply').find((message) => message.id === id);
  }
}
