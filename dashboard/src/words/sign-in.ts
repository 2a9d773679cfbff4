import type { Failure } from './refusal.ts';

/** The secret of a one-time link, `http://hub/#setup=...`: behind the `#` it never travels in a request line or a log. */
export function readSetupSecret(hash: string): string | null {
  const secret = new URLSearchParams(hash.replace(/^#/, '')).get('setup');
  return secret === null || secret === '' ? null : secret;
}

export function saySetupFailure(failure: Failure): string {
  if (failure.kind === 'problem' && failure.problem.code === 'rate_limited') return 'Too many attempts. Wait a minute.';
  return 'This link was used already or is too old. Take a new one from the hub, or sign in with an access token.';
}

export function sayLoginFailure(failure: Failure): string {
  if (failure.kind === 'network') return 'The hub does not answer. Is it running, and is this device in its network?';
  const { code, status, detail } = failure.problem;
  if (code === 'rate_limited') return `Too many attempts. Try again in ${failure.retryAfterS ?? 60} s.`;
  if (status === 400 || status === 401) return 'The hub does not know this access token.';
  return detail ?? 'The hub could not sign you in. Try again in a moment.';
}
