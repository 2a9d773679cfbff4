import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';
import type { HubApi } from '../http/api.ts';
import type { Session } from '../wire.ts';
import type { Failure } from '../words/refusal.ts';
import { isLinkSpent, readSetupSecret, sayLoginFailure, saySetupFailure } from '../words/sign-in.ts';

export type SessionState =
  | { readonly phase: 'checking' }
  /** The hub gave no answer when the page was opened. */
  | { readonly phase: 'unreachable' }
  | { readonly phase: 'signed_out'; readonly message: string | null }
  | { readonly phase: 'signed_in'; readonly session: Session };

export interface SessionControl {
  readonly state: ShallowRef<SessionState>;
  open(): Promise<void>;
  login(token: string): Promise<string | null>;
  logout(): Promise<void>;
  expired(): void;
}

/** Who looks at the panel: by the cookie of a former visit, the one-time link of the address bar, or an access token. */
export function useSession(api: HubApi): SessionControl {
  const state = shallowRef<SessionState>({ phase: 'checking' });

  async function open(): Promise<void> {
    const secret = readSetupSecret(location.hash);
    const failure = secret === null ? null : await useLink(secret);
    if (failure?.kind === 'network') state.value = { phase: 'unreachable' };
    else await check(failure === null ? null : saySetupFailure(failure));
  }

  /** The secret leaves the address bar once the hub has answered, so that nobody copies it along with the address. */
  async function useLink(secret: string): Promise<Failure | null> {
    const outcome = await api.setup(secret);
    if (!outcome.ok && !isLinkSpent(outcome.failure)) return outcome.failure;
    history.replaceState(null, '', location.pathname + location.search);
    return outcome.ok ? null : outcome.failure;
  }

  async function check(message: string | null): Promise<void> {
    const outcome = await api.session();
    if (outcome.ok) state.value = { phase: 'signed_in', session: outcome.value };
    else if (isUnauthorized(outcome.failure)) state.value = { phase: 'signed_out', message };
    else state.value = { phase: 'unreachable' };
  }

  async function login(token: string): Promise<string | null> {
    const outcome = await api.login(token);
    if (!outcome.ok) return sayLoginFailure(outcome.failure);
    await check('Your browser did not keep the session. Allow cookies for this address.');
    return null;
  }

  async function logout(): Promise<void> {
    const outcome = await api.logout();
    if (outcome.ok || isUnauthorized(outcome.failure)) state.value = { phase: 'signed_out', message: null };
  }

  function expired(): void {
    state.value = { phase: 'signed_out', message: 'Your session has ended. Sign in again.' };
  }

  const onLink = () => {
    if (readSetupSecret(location.hash) !== null) void open();
  };
  onMounted(() => window.addEventListener('hashchange', onLink));
  onUnmounted(() => window.removeEventListener('hashchange', onLink));
  return { state, open, login, logout, expired };
}

export function isUnauthorized(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.problem.status === 401;
}
