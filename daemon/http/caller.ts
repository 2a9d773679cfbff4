import type { FastifyRequest } from 'fastify';
import { principalOf } from '../core/locks/revoke.ts';
import type { Role, Source, Token, Who } from '../core/model.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';
import { hashSecret } from './secrets.ts';

/** Who a request comes from. */
export interface Caller {
  readonly token: Token;
  readonly who: Who;
  /** A cookie travels by itself, so what it may change needs a proof of origin. */
  readonly via: 'bearer' | 'cookie';
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** Cookies know no ports: two hubs on one host keep their sessions apart by the hub's id. */
export function cookieName(hub: HubPort): string {
  return `voltsafe_session_${hub.info.id.replace(/[^a-z0-9_-]/gi, '_')}`;
}

/** Finds the caller, or throws 401. A wrong `Authorization` is never made good by a cookie. */
export function identify(hub: HubPort, request: FastifyRequest): Caller {
  const { authorization } = request.headers;
  if (authorization !== undefined) return bearer(hub, authorization);
  const secret = request.cookies[cookieName(hub)];
  const token = secret === undefined ? null : hub.tokenByHash(hashSecret(secret));
  if (token?.use !== 'session') throw unauthorized(secret === undefined ? NO_TOKEN : ENDED);
  return { token, who: whoOf(token, 'panel'), via: 'cookie' };
}

function bearer(hub: HubPort, authorization: string): Caller {
  const secret = BEARER.exec(authorization)?.[1];
  const token = secret === undefined ? null : hub.tokenByHash(hashSecret(secret));
  if (token === null) throw unauthorized(WRONG, 'Bearer realm="voltsafe", error="invalid_token"');
  return { token, who: whoOf(token, 'http'), via: 'bearer' };
}

const NO_TOKEN = 'Send "Authorization: Bearer <token>", or open the panel with the link that the hub printed.';
const WRONG = 'This token is unknown, revoked or expired; "voltsafe token create" makes a new one.';
const ENDED = 'The session has ended; log in again.';

export function unauthorized(detail: string, challenge = 'Bearer realm="voltsafe"'): Problem {
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}

function whoOf(token: Token, source: Source): Who {
  const { name, role } = token;
  return { principal: principalOf(token), name, role, source };
}

export function demandRole(caller: Caller, needed: Role): void {
  if (RANK[caller.token.role] >= RANK[needed]) return;
  throw new Problem('forbidden', `This needs the role ${needed}; ${caller.token.name} is ${caller.token.role}.`);
}

/** A page of another site must not act with the cookie of ours: its browser tells where the request comes from. */
export function demandOwnOrigin(request: FastifyRequest): void {
  if (request.headers.origin !== undefined) return demandMatchingOrigin(request);
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  throw new Problem(
    'forbidden',
    'A change made with a session cookie needs the Origin header of this hub; programs use a token.',
  );
}

/** Absent is fine: then no browser sent it. */
export function demandMatchingOrigin({ headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined || isSameHost(origin, host ?? '')) return;
  throw new Problem('forbidden', 'The request comes from a page of another site.');
}

function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const own = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(own) && new URL(own).host === page.host;
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
