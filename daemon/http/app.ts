import type { IncomingMessage } from 'node:http';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { guardRoutes } from './access.ts';
import type { App, AppParts } from './app-type.ts';
import { clientErrorHandler, errorHandler, sendProblem } from './errors.ts';
import { readJson } from './json-body.ts';
import { HTTP_LIMITS } from './limits.ts';
import { LiveFeed } from './live.ts';
import { LockDesk } from './lock-desk.ts';
import type { HttpLog } from './log.ts';
import { openApiOptions } from './openapi.ts';
import { isPanelMissing, panel, sendPanelMissing } from './panel.ts';
import { Problem } from './problems.ts';
import { applianceRoutes } from './routes/appliances.ts';
import { discoveredRoutes } from './routes/discovered.ts';
import { docsRoutes } from './routes/docs.ts';
import { historyRoutes } from './routes/history.ts';
import { houseRoutes } from './routes/house.ts';
import { liveRoute } from './routes/live.ts';
import { lockRoutes } from './routes/locks.ts';
import { probeRoutes } from './routes/probes.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { schemaController } from './validation.ts';

/** The whole edge, not yet listening. */
export async function buildApp(parts: AppParts): Promise<App> {
  const app = bareApp(parts.log);
  const live = new LiveFeed(parts.hub, parts.clock);
  const desk = new LockDesk(parts.hub);
  await app.register(swagger, openApiOptions(parts.hub.info.version));
  await app.register(websocket, {
    options: { maxPayload: HTTP_LIMITS.liveInboundBytes, perMessageDeflate: false },
    preClose: (done) => {
      desk.stop();
      live.close();
      app.websocketServer.close();
      done();
    },
  });
  await app.register(async (api: App) => apiRoutes(api, parts, live, desk));
  await app.register(async (pages: App) => panel(pages, parts.panelDir));
  app.setNotFoundHandler((request, reply) =>
    isPanelMissing(request) ? sendPanelMissing(reply) : sendProblem(reply, noRoute(request.method)),
  );
  return app;
}

async function apiRoutes(api: App, parts: AppParts, live: LiveFeed, desk: LockDesk): Promise<void> {
  await api.register(cookie);
  guardRoutes(api, parts.hub);
  api.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done();
  });
  probeRoutes(api, parts.hub, live);
  houseRoutes(api, parts.hub);
  historyRoutes(api, parts.hub, parts.clock);
  applianceRoutes(api, parts.hub);
  discoveredRoutes(api, parts.hub);
  sessionRoutes(api, parts);
  tokenRoutes(api, parts.hub, parts.clock);
  lockRoutes(api, parts.hub, desk);
  liveRoute(api, live, { hub: parts.hub, log: parts.log, desk });
  docsRoutes(api);
}

function bareApp(log: HttpLog): App {
  const app = fastify({
    logger: false,
    bodyLimit: HTTP_LIMITS.bodyBytes,
    requestTimeout: HTTP_LIMITS.requestMs,
    connectionTimeout: HTTP_LIMITS.silentSocketMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    // Requests that arrive while the hub stops are still answered as problems, by the queue.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: HTTP_LIMITS.paramChars },
    http: {
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      headersTimeout: HTTP_LIMITS.headersMs,
      shouldUpgradeCallback: isLiveUpgrade,
    },
    schemaController,
    frameworkErrors: (error, request, reply) => errorHandler(log)(error, request, reply),
    clientErrorHandler,
  }).withTypeProvider<ZodTypeProvider>();
  app.setErrorHandler(errorHandler(log));
  readOnlyJson(app);
  return app;
}

/** Other upgrades (`h2c`) are ignored, as HTTP allows: the request is answered in HTTP/1.1. */
function isLiveUpgrade({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && /^\/api\/live(\?|$)/.test(url);
}

function readOnlyJson(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, readJson(String(text)));
    } catch (error) {
      done(error instanceof Error ? error : new Error('unreadable'));
    }
  });
}

function noRoute(method: string): Problem {
  return new Problem('not_found', `There is no ${method} route at this address; /api/docs lists them.`);
}
