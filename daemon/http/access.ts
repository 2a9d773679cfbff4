import type { FastifyRequest } from 'fastify';
import type { Role } from '../core/model.ts';
import type { App } from './app-type.ts';
import { type Caller, demandMatchingOrigin, demandOwnOrigin, demandRole, identify, isLoopback } from './caller.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';

/**
 * Who may use a route: a role and above; `open`: anyone; `probe`: anyone on this machine, a viewer from elsewhere.
 * Every route under the API says so, or the hub does not start.
 */
export type Access = Role | 'open' | 'probe';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export function guardRoutes(app: App, hub: HubPort): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.access === undefined) throw new Error(`the route ${url} does not say who may use it`);
  });
  // Before the body is read: a stranger's body is not worth parsing.
  app.addHook('onRequest', (request, _reply, done) => {
    admit(hub, request);
    done();
  });
}

function admit(hub: HubPort, request: FastifyRequest): void {
  const { access = 'admin' } = request.routeOptions.config;
  if (access === 'open') return demandMatchingOrigin(request);
  if (access === 'probe' && isLoopback(request.socket.remoteAddress)) return;
  const caller = identify(hub, request);
  if (caller.via === 'cookie' && changes(request)) demandOwnOrigin(request);
  if (request.ws) demandLiveOrigin(caller, request);
  demandRole(caller, access === 'probe' ? 'viewer' : access);
  request.caller = caller;
}

function changes({ method }: FastifyRequest): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Browsers send Origin with every WebSocket, and obey no same-origin rule there. */
function demandLiveOrigin(caller: Caller, request: FastifyRequest): void {
  demandMatchingOrigin(request);
  if (caller.via === 'cookie' && request.headers.origin === undefined)
    throw new Problem('forbidden', 'A live feed with a session cookie needs Origin.');
}

/** For handlers behind the guard. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('a handler that needs a caller stands outside the guard');
  return request.caller;
}
