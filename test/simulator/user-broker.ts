import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { onTestFinished } from 'vitest';

export interface UserBroker {
  readonly url: string;
  /** `user topic payload`, as they came; the will of a lost client has no user. */
  readonly heard: { readonly line: string; readonly retain: boolean }[];
  send(topic: string, payload: string): void;
  cutAll(): void;
}

/** A real broker on loopback that knows these users and their passwords; no rule says who may say what. */
export async function userBroker(passwords: Readonly<Record<string, string>>): Promise<UserBroker> {
  const names = new Map<string, string>();
  const aedes = await Aedes.createBroker({
    authenticate: (client, username, password, done) => {
      names.set(client.id, username ?? '');
      done(null, username !== undefined && password !== undefined && passwords[username] === password.toString());
    },
  });
  const clients = new Set<{ close(): void }>();
  aedes.on('client', (client) => clients.add(client));
  const server = createServer(aedes.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });
  const heard: { line: string; retain: boolean }[] = [];
  aedes.on('publish', ({ topic, payload, retain }, client) => {
    if (topic.startsWith('$SYS')) return;
    heard.push({ line: `${names.get(client?.id ?? '') ?? '-'} ${topic} ${payload.toString()}`, retain });
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    send: (topic, payload) =>
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => undefined),
    cutAll: () => {
      for (const client of clients) client.close();
    },
  };
}
