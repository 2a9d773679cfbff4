import { once } from 'node:events';
import WebSocket from 'ws';
import type { LiveMessage, LockReply, LockVerbSent } from '../../daemon/http/wire.ts';
import type { Client } from './client.ts';

/** What somebody is told of a verb, however it was sent. */
export interface Said {
  readonly status: number;
  readonly body: {
    readonly lock?: { readonly fencing_token: number; readonly mode: string };
    readonly already_released?: boolean;
    readonly code?: string;
    readonly holder?: string | null;
    readonly fencing_token?: number;
    readonly [more: string]: unknown;
  };
}

type Fields<V extends LockVerbSent['verb']> = Omit<LockVerbSent & { verb: V }, 'type' | 'id' | 'verb' | 'resource'>;

/** The verbs of locks, over one way or the other. */
export interface Locks {
  acquire(resource: string, fields: Fields<'acquire'>): Promise<Said>;
  renew(resource: string, fields: Fields<'renew'>): Promise<Said>;
  release(resource: string, fields: Fields<'release'>): Promise<Said>;
  downgrade(resource: string, fields: Fields<'downgrade'>): Promise<Said>;
  close(): void;
}

export function httpLocks(client: Client): Locks {
  const ask = (verb: string) => (resource: string, body: object) =>
    client.ask<Said['body']>(`/api/locks/${encodeURIComponent(resource)}/${verb}`, { method: 'POST', body });
  return {
    acquire: ask('acquire'),
    renew: ask('renew'),
    release: ask('release'),
    downgrade: ask('downgrade'),
    close: () => client.close(),
  };
}

/** Rejects when the hub does not open the feed. */
export async function liveLocks({ url, token }: Client): Promise<Locks> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, { headers });
  await once(socket, 'open');
  const waiting = new Map<number, (reply: LockReply) => void>();
  let serial = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.type !== 'reply') return;
    waiting.get(Number(message.id))?.(message);
    waiting.delete(Number(message.id));
  });
  const ask = (verb: string) => async (resource: string, fields: object) => {
    serial += 1;
    const { promise, resolve } = Promise.withResolvers<LockReply>();
    waiting.set(serial, resolve);
    socket.send(JSON.stringify({ type: 'lock', id: serial, verb, resource, ...fields }));
    return saidIn(await promise);
  };
  return {
    acquire: ask('acquire'),
    renew: ask('renew'),
    release: ask('release'),
    downgrade: ask('downgrade'),
    close: () => socket.terminate(),
  };
}

function saidIn({ ok, problem, ...body }: LockReply): Said {
  return ok
    ? { status: 200, body: body as Said['body'] }
    : { status: problem?.status ?? 0, body: problem as Said['body'] };
}
