import { expect } from 'vitest';
import type { Role } from '../../daemon/core/model.ts';
import type { App } from '../../daemon/http/app-type.ts';
import type { Lock, Resource } from '../../daemon/http/wire.ts';
import { type Asked, ask } from './rig.ts';

/** What a client does with locks over HTTP, without a socket. */

export const EXCLUSIVE = { mode: 'exclusive', ttl_ms: 10_000 } as const;
export const LOCKOUT = { mode: 'exclusive', metadata: { lockout: true } } as const;

export type Verb = 'acquire' | 'renew' | 'release' | 'downgrade' | 'force-release';

export function pathOf(resource: string, verb: Verb | null = null): string {
  return `/api/locks/${encodeURIComponent(resource)}${verb === null ? '' : `/${verb}`}`;
}

export function lockVerb(
  app: App,
  role: Role | null,
  verb: Verb,
  resource: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Asked> {
  return ask(app, role, 'POST', pathOf(resource, verb), body, headers);
}

/** What must be granted at once. */
export async function locked(app: App, role: Role, resource: string, more: object = {}): Promise<Lock> {
  const { status, text, body } = await lockVerb(app, role, 'acquire', resource, { ...EXCLUSIVE, ...more });
  expect(status, text).toBe(200);
  return body.lock as Lock;
}

export async function look(app: App, resource: string): Promise<Resource> {
  const { status, text, body } = await ask(app, 'viewer', 'GET', pathOf(resource));
  expect(status, text).toBe(200);
  return body as unknown as Resource;
}
