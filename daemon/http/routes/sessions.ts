import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role, Token } from '../../core/model.ts';
import { callerOf } from '../access.ts';
import { accepted } from '../answers.ts';
import type { App, AppParts } from '../app.ts';
import { cookieName, unauthorized } from '../caller.ts';
import { FailedLogins } from '../failures.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { failures, nothing } from '../openapi.ts';
import { Problem } from '../problems.ts';
import { hashSecret, newSecret, newTokenId } from '../secrets.ts';
import { sessionsOf } from '../token-family.ts';
import * as wire from '../wire.ts';

/** What a session comes from: the one-time link, or a token that was pasted into the panel. */
interface Parent {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The id that the sessions of the one-time link carry in front. */
const LINK: Parent = { id: 'link', name: 'One-time link', role: 'admin' };

/** How a person at the panel becomes someone. */
export function sessionRoutes(app: App, { hub, clock, link, log }: AppParts): void {
  const failed = new FailedLogins(clock);
  const enter = async (request: FastifyRequest, reply: FastifyReply, parent: Parent | null) => {
    if (parent === null) throw refuseLogin(request);
    await openSession(request, reply, parent);
    return { name: parent.name, role: parent.role };
  };

  app.post(
    '/api/setup',
    {
      config: { access: 'open' },
      schema: {
        summary: 'Trade the one-time link for a session',
        body: wire.setupBody,
        response: { 200: wire.session, ...failures },
      },
    },
    async (request, reply) => {
      demandPatience(request);
      const isTaken = link.take(request.body.secret);
      try {
        return await enter(request, reply, isTaken ? LINK : null);
      } catch (error) {
        if (isTaken) link.giveBack();
        throw error;
      }
    },
  );
  app.post(
    '/api/auth/login',
    {
      config: { access: 'open' },
      schema: {
        summary: 'Trade a token for a session',
        body: wire.loginBody,
        response: { 200: wire.session, ...failures },
      },
    },
    async (request, reply) => {
      demandPatience(request);
      const token = hub.tokenByHash(hashSecret(request.body.token));
      return enter(request, reply, token?.use === 'api' ? token : null);
    },
  );
  app.post(
    '/api/auth/logout',
    { config: { access: 'viewer' }, schema: { summary: 'End this session', response: { 204: nothing, ...failures } } },
    async (request, reply) => {
      const { token, who } = callerOf(request);
      if (token.use === 'session') accepted(await hub.ask({ kind: 'revoke_token', id: token.id, who }));
      return reply.clearCookie(cookieName(hub), cookieOptions(request)).code(204).send();
    },
  );
  app.get(
    '/api/session',
    {
      config: { access: 'viewer' },
      schema: { summary: 'Who is asking', response: { 200: wire.session, ...failures } },
    },
    async (request) => {
      const { name, role } = callerOf(request).token;
      return { name, role };
    },
  );

  function demandPatience(request: FastifyRequest): void {
    const blockedMs = failed.blockedMs(request.ip);
    if (blockedMs > 0)
      throw new Problem('rate_limited', 'Too many failed logins from this address; wait a little.', {
        retryAfterS: blockedMs / 1000,
      });
  }

  function refuseLogin(request: FastifyRequest): Problem {
    failed.failed(request.ip);
    log.warn({ address: request.ip, route: request.routeOptions.url }, 'a login failed');
    return unauthorized(
      'This token or link is unknown, used or expired; start the hub again or use "voltsafe token create".',
    );
  }

  async function openSession(request: FastifyRequest, reply: FastifyReply, parent: Parent): Promise<void> {
    const who = { principal: `token:${parent.id}`, name: parent.name, role: parent.role, source: 'panel' } as const;
    const [oldest, ...others] = sessionsOf(hub, parent.id);
    if (oldest !== undefined && others.length + 1 >= HTTP_LIMITS.sessionsPerToken)
      await hub.ask({ kind: 'revoke_token', id: oldest.id, who });
    const secret = newSecret();
    accepted(await hub.ask({ kind: 'create_token', token: sessionToken(parent, secret), who }));
    reply.setCookie(cookieName(hub), secret, { ...cookieOptions(request), maxAge: HTTP_LIMITS.sessionMs / 1000 });
  }

  function sessionToken({ id, name, role }: Parent, secret: string): Token {
    return {
      id: `${id}.${newTokenId()}`,
      name,
      role,
      secretHash: hashSecret(secret),
      use: 'session',
      createdWallMs: clock.wallMs(),
      expiresUpMs: hub.upMs() + HTTP_LIMITS.sessionMs,
    };
  }
}

/** `Secure` where the browser came by https (through a proxy): over plain http it would drop the cookie. */
function cookieOptions({ headers: { origin } }: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: origin?.startsWith('https:') ?? false } as const;
}
