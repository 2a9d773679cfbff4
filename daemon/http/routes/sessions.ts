import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access.ts';
import { accepted } from '../answers.ts';
import type { App, AppParts } from '../app-type.ts';
import { cookieName } from '../caller.ts';
import { cookieOptions, Doorkeeper, LINK } from '../doorkeeper.ts';
import type { OneTimeLink } from '../link.ts';
import { failures, nothing } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { hashSecret } from '../secrets.ts';
import * as wire from '../wire.ts';

const opened = { 200: wire.session, ...failures };

/** How a person at the panel becomes someone, and no one again. */
export function sessionRoutes(app: App, { hub, clock, link, log }: AppParts): void {
  const door = new Doorkeeper(hub, clock, log);
  entering(app, hub, link, door);
  leaving(app, hub);
  app.get(
    '/api/session',
    {
      config: { access: 'viewer' },
      schema: { summary: 'Who is asking', response: { 200: wire.sessionNow, ...failures } },
    },
    async (request) => {
      const { principal, name, role } = callerOf(request).who;
      return { name, role, principal };
    },
  );
}

function entering(app: App, hub: HubPort, link: OneTimeLink, door: Doorkeeper): void {
  app.post(
    '/api/setup',
    {
      config: { access: 'open' },
      schema: { summary: 'Trade the one-time link for a session', body: wire.setupBody, response: opened },
    },
    async (request, reply) => {
      door.demandPatience(request);
      return link.take(request.body.secret)
        ? admitByLink(request, reply, link, door)
        : door.admit(request, reply, null);
    },
  );
  app.post(
    '/api/auth/login',
    {
      config: { access: 'open' },
      schema: { summary: 'Trade a token for a session', body: wire.loginBody, response: opened },
    },
    async (request, reply) => {
      door.demandPatience(request);
      const token = hub.tokenByHash(hashSecret(request.body.token));
      return door.admit(request, reply, token?.use === 'api' ? token : null);
    },
  );
}

/** A link that opened nothing, because the ledger is down, is not used up. */
async function admitByLink(request: FastifyRequest, reply: FastifyReply, link: OneTimeLink, door: Doorkeeper) {
  try {
    return await door.admit(request, reply, LINK);
  } catch (error) {
    link.giveBack();
    throw error;
  }
}

function leaving(app: App, hub: HubPort): void {
  app.post(
    '/api/auth/logout',
    { config: { access: 'viewer' }, schema: { summary: 'End this session', response: { 204: nothing, ...failures } } },
    async (request, reply) => {
      const { token, who } = callerOf(request);
      if (token.use === 'session') accepted(await hub.ask({ kind: 'revoke_token', id: token.id, who }));
      return reply.clearCookie(cookieName(hub), cookieOptions(request)).code(204).send();
    },
  );
}
