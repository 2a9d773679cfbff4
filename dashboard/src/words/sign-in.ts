import type { Failure } from './refusal.ts';

/** The secret of a one-time link, `http://hub/#setup=...`: behind the `#` it never travels in a request line or a log. */
export function readSetupSecret(hash: string): string | null {
  const secret = new URLSearchParams(hash.replace(/^#/, '')).get('setup');
  return secret === null || secret === '' ? null : secret;
}

/** A hub that is in trouble has not used the link up: it stays in the address bar, and reloading tries it again. */
export function isLinkSpent(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.problem.status < 500 && failure.problem.code !== 'rate_limited';
}

export function saySetupFailure(failure: Failure): string {
  if (!isLinkSpent(failure)) return 'The hub cannot let anyone in at the moment. Wait a minute, then reload this page.';
  return 'This link was used already or is too old. Take a new one from the hub, or sign in with an access token.';
}

export function sayLoginFailure(failure: Failure): string {
  if (failure.kind === 'network') return 'The hub does not answer. Is it running, and is this device in its network?';
  const { code, status, detail } = failure.problem;
  if (code === 'rate_limited') return `Too many attempts. Try again in ${failure.retryAfterS ?? 60} s.`;
  if (status === 400 || status === 401) return 'The hub does not know this access token.';
  return detail ?? 'The hub could not sign you in. Try again in a moment.';
}
