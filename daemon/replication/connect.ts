import { readFile, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import { ReplicationError } from './errors.ts';
import type { Timing } from './limits.ts';

/** Where the copy goes: `replication` of the configuration. */
export interface Target {
  readonly url: string;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  readonly tls: 'disable' | 'require' | 'verify-ca' | 'verify-full';
}

export interface Way {
  readonly config: ClientConfig;
  /** Ours to destroy: pg waits for a goodbye that may never come. */
  readonly socket: Socket;
  /** For striking out of what is told. */
  readonly secrets: readonly string[];
  /** Host and port, for telling. */
  readonly place: string;
}

/** Both files are read for each connection: who changes a password does not start the hub anew. */
export async function wayTo(target: Target, timing: Timing): Promise<Way> {
  const url = new URL(target.url);
  const password =
    target.passwordFile === null ? decodeURIComponent(url.password) : await secretIn(target.passwordFile);
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 5432 : Number(url.port);
  const socket = new Socket();
  const config: ClientConfig = {
    host,
    port,
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(password === '' ? {} : { password }),
    database: decodeURIComponent(url.pathname.slice(1)) || 'voltsafe',
    application_name: url.searchParams.get('application_name') ?? 'voltsafe-hub',
    stream: () => socket,
    ssl: await tlsOf(target),
    connectionTimeoutMillis: timing.connectMs,
    query_timeout: timing.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  };
  return { config, socket, secrets: [password, decodeURIComponent(url.password)], place: `${host}:${port}` };
}

/** `require` encrypts for whoever answers; `verify-ca` asks who vouches for it; `verify-full` asks for its name, too. */
async function tlsOf({ tls, caFile }: Target): Promise<false | ConnectionOptions> {
  if (tls === 'disable') return false;
  if (tls === 'require') return { rejectUnauthorized: false };
  const ca = caFile === null ? {} : { ca: await certificatesIn(caFile) };
  return {
    ...ca,
    rejectUnauthorized: true,
    checkServerIdentity: tls === 'verify-ca' ? () => undefined : checkServerIdentity,
  };
}

async function secretIn(path: string): Promise<string> {
  const { mode } = await stat(path).catch((error: Error) => unreadable('password_file', error));
  if ((mode & 0o007) !== 0) {
    throw new ReplicationError('password_file', `${path} is open to every user of this machine (mode ${octal(mode)})`);
  }
  const text = await readFile(path, 'utf8').catch((error: Error) => unreadable('password_file', error));
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || /[\r\n]/.test(secret)) {
    throw new ReplicationError('password_file', `${path} holds no password: expected one line`);
  }
  return secret;
}

async function certificatesIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => unreadable('ca_file', error));
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new ReplicationError('ca_file', `${path} holds no certificate`);
}

/** The message of Node names the path and what is wrong with it. */
function unreadable(code: 'password_file' | 'ca_file', { message }: Error): never {
  throw new ReplicationError(code, message);
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
