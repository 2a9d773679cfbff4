import { buildApp } from './app.ts';
import type { App, AppParts } from './app-type.ts';
import { HTTP_LIMITS } from './limits.ts';

export interface HttpParts extends AppParts {
  readonly host: string;
  readonly port: number;
  /** A taken port is no failure: the next free one is used. */
  readonly portRetry: boolean;
}

export interface HttpServer {
  /** For people: opens on this machine. */
  readonly url: string;
  readonly port: number;
  /** Ends the open connections too; answers under way get two seconds. */
  close(): Promise<void>;
}

const PORTS_TRIED = 50;

/** Opens the HTTP edge of a hub. Rejects with an error that names the setting to change. */
export async function startHttp(parts: HttpParts): Promise<HttpServer> {
  const app = await buildApp(parts);
  app.server.maxConnections = HTTP_LIMITS.sockets;
  try {
    const port = await listen(app, parts);
    return { url: urlOf(parts.host, port), port, close: () => close(app, parts) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function listen(app: App, parts: HttpParts): Promise<number> {
  const last = parts.portRetry && parts.port !== 0 ? Math.min(parts.port + PORTS_TRIED, 65_535) : parts.port;
  for (let port = parts.port; ; port += 1) {
    try {
      await app.listen({ host: parts.host, port });
      if (port !== parts.port)
        parts.log.warn({ wanted: parts.port, port }, `port ${parts.port} is taken: using ${port}`);
      return portOf(app, port);
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || port >= last) throw explain(error, parts);
    }
  }
}

function portOf(app: App, asked: number): number {
  const address = app.server.address();
  return address !== null && typeof address === 'object' ? address.port : asked;
}

async function close(app: App, { clock }: HttpParts): Promise<void> {
  const cancel = clock.after(HTTP_LIMITS.closeMs, () => app.server.closeAllConnections());
  await app.close();
  cancel();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: set "http.port" to a free port',
  EACCES: 'this user may not listen there: set "http.port" to 1024 or above',
  EADDRNOTAVAIL: 'this machine has no such address: set "http.host" to 0.0.0.0 or to an address of its own',
  ENOTFOUND: 'this name has no address: set "http.host" to 0.0.0.0 or to an address of this machine',
};

function explain(error: unknown, { host, port }: HttpParts): Error {
  const advice = ADVICE[codeOf(error)] ?? 'check "http.host" and "http.port"';
  return new Error(`cannot listen on ${host}, port ${port}: ${advice}`, { cause: error });
}

/** Where a browser on this machine finds it. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
