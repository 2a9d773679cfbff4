import { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access.ts';
import type { App } from '../app-type.ts';
import { HTTP_LIMITS } from '../limits.ts';
import type { LockDesk } from '../lock-desk.ts';
import { failures } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import * as wire from '../wire.ts';

/** Leases on named resources. `:resource` is URL-encoded. */
export function lockRoutes(app: App, hub: HubPort, desk: LockDesk): void {
  reading(app, hub);
  acquiring(app, desk);
  holding(app, desk);
  forcing(app, desk);
}

function reading(app: App, hub: HubPort): void {
  app.get(
    '/api/locks',
    {
      config: { access: 'viewer' },
      schema: { summary: 'What is locked or waited for', response: { 200: wire.resourceList, ...failures } },
    },
    async () => ({ locks: hub.locks() }),
  );
  app.get(
    '/api/locks/:resource',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One resource; free with token 0 when nobody ever locked it',
        params: wire.resourceParams,
        response: { 200: wire.resource, ...failures },
      },
    },
    async ({ params: { resource } }) => hub.lock(resource),
  );
}

function acquiring(app: App, desk: LockDesk): void {
  app.post(
    '/api/locks/:resource/acquire',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'Lock a resource: now, or within wait_ms (then 408); metadata.lockout needs the role admin',
        params: wire.resourceParams,
        headers: wire.lockHeaders,
        body: wire.acquireBody,
        response: { 200: wire.locked, ...failures },
      },
    },
    async (request, reply) =>
      desk.acquire({ resources: [request.params.resource], terms: request.body, ...asker(request, reply) }),
  );
  app.post(
    '/api/locks/acquire',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'Lock several resources: all or none',
        headers: wire.lockHeaders,
        body: wire.acquireAllBody,
        response: { 200: wire.lockedAll, ...failures },
      },
    },
    async (request, reply) => {
      const { resources, ...terms } = request.body;
      return desk.acquireAll({ resources, terms, ...asker(request, reply) });
    },
  );
}

function holding(app: App, desk: LockDesk): void {
  app.post(
    '/api/locks/:resource/renew',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'Keep a lock for its TTL from now, or another; never shortens it, keeps the token',
        params: wire.resourceParams,
        body: wire.renewBody,
        response: { 200: wire.locked, ...failures },
      },
    },
    async (request) => desk.renew({ ...request.params, ...request.body, who: callerOf(request).who }),
  );
  app.post(
    '/api/locks/:resource/downgrade',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'From exclusive to shared at once, with a new token',
        params: wire.resourceParams,
        body: wire.downgradeBody,
        response: { 200: wire.locked, ...failures },
      },
    },
    async (request) => desk.downgrade({ ...request.params, ...request.body, who: callerOf(request).who }),
  );
}

function forcing(app: App, desk: LockDesk): void {
  app.post(
    '/api/locks/:resource/release',
    {
      config: { access: 'operator' },
      schema: {
        summary:
          "Give a lock back; a second time says already_released. With a reason, an admin ends another's lockout",
        params: wire.resourceParams,
        body: wire.releaseBody,
        response: { 200: wire.released, ...failures },
      },
    },
    async (request) => desk.release({ ...request.params, ...request.body, who: callerOf(request).who }),
  );
  app.post(
    '/api/locks/:resource/force-release',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Take a lock away from all of its holders',
        params: wire.resourceParams,
        body: wire.forceReleaseBody,
        response: { 200: wire.forced, ...failures },
      },
    },
    async (request) => desk.forceRelease({ ...request.params, ...request.body, who: callerOf(request).who }),
  );
}

type Acquiring = FastifyRequest<{ Headers: { 'idempotency-key'?: string | undefined }; Body: { wait_ms: number } }>;

function asker(request: Acquiring, reply: FastifyReply) {
  keepOpen(request.raw.socket, request.body.wait_ms);
  return { key: request.headers['idempotency-key'], who: callerOf(request).who, gone: goneSignal(reply) };
}

function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = () => gone.abort();
  raw.once('close', abort).once('finish', () => raw.off('close', abort));
  return gone.signal;
}

/** It is silent for as long as it waits, and must show that it is there. Node sets the next request's own time again. */
function keepOpen(socket: unknown, waitMs: number): void {
  if (waitMs === 0 || !(socket instanceof Socket)) return;
  socket.setKeepAlive(true, HTTP_LIMITS.waitProbeMs);
  socket.setTimeout(waitMs + HTTP_LIMITS.silentSocketMs);
}
