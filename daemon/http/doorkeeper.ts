import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { Role, Token } from '../core/model.ts';
import { accepted } from './answers.ts';
import { cookieName, unauthorized } from './caller.ts';
import { FailedLogins } from './failures.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { HttpLog } from './log.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';
import { hashSecret, newSecret, newTokenId } from './secrets.ts';
import { sessionsOf } from './token-family.ts';
import type { Session } from './wire.ts';

/** What a session comes from: the one-time link, or a token that was pasted into the panel. */
export interface Parent {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The id that the sessions of the one-time link carry in front. */
export const LINK: Parent = { id: 'link', name: 'One-time link', role: 'admin' };

const REFUSED = 'This token or link is unknown, used or expired; start the hub again or use "voltsafe token create".';
const PATIENCE = 'Too many failed logins from this address; wait a little.';

/** Turns secrets into sessions, and slows down those who guess. */
export class Doorkeeper {
  readonly #hub: HubPort;
  readonly #clock: Clock;
  readonly #log: HttpLog;
  readonly #failed: FailedLogins;

  constructor(hub: HubPort, clock: Clock, log: HttpLog) {
    this.#hub = hub;
    this.#clock = clock;
    this.#log = log;
    this.#failed = new FailedLogins(clock);
  }

  /** Before a secret is even looked at. */
  demandPatience({ ip }: FastifyRequest): void {
    const blockedMs = this.#failed.blockedMs(ip);
    if (blockedMs > 0) throw new Problem('rate_limited', PATIENCE, { retryAfterS: blockedMs / 1000 });
  }

  /** `parent` is what the secret belongs to; null: to nothing. */
  async admit(request: FastifyRequest, reply: FastifyReply, parent: Parent | null): Promise<Session> {
    if (parent === null) throw this.#refused(request);
    const secret = await this.#openSession(parent);
    reply.setCookie(cookieName(this.#hub), secret, {
      ...cookieOptions(request),
      maxAge: HTTP_LIMITS.sessionMs / 1000,
    });
    return { name: parent.name, role: parent.role };
  }

  #refused({ ip, routeOptions }: FastifyRequest): Problem {
    this.#failed.failed(ip);
    this.#log.warn({ address: ip, route: routeOptions.url }, 'a login failed');
    return unauthorized(REFUSED);
  }

  async #openSession(parent: Parent): Promise<string> {
    const who = { principal: `token:${parent.id}`, name: parent.name, role: parent.role, source: 'panel' } as const;
    const open = sessionsOf(this.#hub, parent.id);
    const oldest = open.length >= HTTP_LIMITS.sessionsPerToken ? open[0] : undefined;
    if (oldest !== undefined) await this.#hub.ask({ kind: 'revoke_token', id: oldest.id, who });
    const secret = newSecret();
    accepted(await this.#hub.ask({ kind: 'create_token', token: this.#tokenOf(parent, secret), who }));
    return secret;
  }

  #tokenOf({ id, name, role }: Parent, secret: string): Token {
    return {
      id: `${id}.${newTokenId()}`,
      name,
      role,
      secretHash: hashSecret(secret),
      use: 'session',
      createdWallMs: this.#clock.wallMs(),
      expiresUpMs: this.#hub.upMs() + HTTP_LIMITS.sessionMs,
    };
  }
}

/** `Secure` where the browser came by https (through a proxy): over plain http it would drop the cookie. */
export function cookieOptions({ headers: { origin } }: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: origin?.startsWith('https:') ?? false } as const;
}
