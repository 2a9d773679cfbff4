import type { IncomingMessage } from 'node:http';
import { sep } from 'node:path';
import helmet from '@fastify/helmet';
import staticFiles from '@fastify/static';
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
  await app.register(staticFiles, {
    root: panelDir,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => void reply.header('cache-control', cacheFor(path)),
  });
}

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
