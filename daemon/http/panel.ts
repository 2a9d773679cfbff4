import type { IncomingMessage } from 'node:http';
import { sep } from 'node:path';
import helmet from '@fastify/helmet';
import { send } from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';

/** The built panel: static files, and the headers that keep foreign scripts, frames and hosts out of it. */
export async function panel(app: App, panelDir: string): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
    // The hub speaks plain http at home: these would only break it there, or warn in every console.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: { hide: true },
    handler: (request, reply) => file(request, reply, panelDir),
  });
}

/** What is no file is answered as any other address that nothing lies at. */
async function file({ raw }: FastifyRequest, reply: FastifyReply, root: string): Promise<FastifyReply> {
  const path = (raw.url ?? '/').split('?', 1)[0] ?? '/';
  const found = await send(raw, path, { root, dotfiles: 'ignore', cacheControl: false });
  const { statusCode, headers, stream } = found;
  if (found.type === 'file')
    return reply.code(statusCode).headers(headers).header('cache-control', cacheFor(found.metadata.path)).send(stream);
  stream.destroy();
  if (found.type === 'error' && statusCode >= 500) throw found.metadata.error;
  if (UNMET.has(statusCode))
    return reply.code(statusCode).headers({ 'content-range': headers['Content-Range'] }).send();
  reply.callNotFound();
  return reply;
}

/** If-Match, and a Range that lies outside. */
const UNMET = new Set([412, 416]);

const DIRECTIVES = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'", liveSource],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** Older browsers do not count a WebSocket to the same host as 'self'. */
function liveSource({ headers: { host = '' } }: IncomingMessage): string {
  return /^[a-z0-9.:[\]-]{1,255}$/i.test(host) ? `ws://${host} wss://${host}` : "'self'";
}

/** The build puts a hash of the content into the names under assets/. */
function cacheFor(path: string): string {
  return path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Asked for the panel where there is none. */
export function isPanelMissing({ method, url }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/(index\.html)?(\?|$)/.test(url);
}

export function sendPanelMissing(reply: FastifyReply): void {
  void reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(MISSING);
}

const MISSING = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>VoltSafe Hub</title>
<h1>The hub runs; its panel has not been built.</h1>
<p>Run <code>npm run build</code> where the hub is installed, then reload this page.</p>
<p>Programs can use the API now: <a href="/api/docs">/api/docs</a> describes it.</p>
</html>
`;
