import type {
  Adoption,
  ApplianceView,
  BrokerView,
  BusView,
  DecisionView,
  EnergyView,
  HistoryStateView,
  LockTerms,
  PowerView,
  Problem,
  ReplicationView,
  Session,
  ToggleAnswer,
} from '../wire.ts';
import type { Failure } from '../words/refusal.ts';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Longer than a hub needs to give up on a silent relay. */
const TIMEOUT_MS = 20_000;

interface Call {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How long an answer to an acquire may take, and what gives it up. */
export interface Patience {
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface HistoryQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** `all`, or some divided by commas. */
  readonly source: string;
  readonly group?: string;
  readonly resolution?: string;
  readonly format?: string;
}

/** Also for the address of a file to be saved. */
export function queryOf({ fromMs, toMs, ...rest }: HistoryQuery): string {
  const times = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return new URLSearchParams({ ...times, ...rest }).toString();
}

/** The hub's HTTP routes, as the panel uses them. `baseUrl` is empty in a browser: the panel's own origin. */
export class HubApi {
  readonly #baseUrl: string;

  constructor(baseUrl = '') {
    this.#baseUrl = baseUrl;
  }

  session(): Promise<Outcome<Session>> {
    return this.#call<Session>('/api/session');
  }

  setup(secret: string): Promise<Outcome<unknown>> {
    return this.#call('/api/setup', { method: 'POST', body: { secret } });
  }

  login(token: string): Promise<Outcome<unknown>> {
    return this.#call('/api/auth/login', { method: 'POST', body: { token } });
  }

  logout(): Promise<Outcome<unknown>> {
    return this.#call('/api/auth/logout', { method: 'POST' });
  }

  /** `claims`: the fencing tokens of the locks that whoever asks holds above it. */
  toggle(id: string, isOn: boolean, key: string, claims: string | null = null): Promise<Outcome<ToggleAnswer>> {
    return this.#call<ToggleAnswer>(`/api/appliances/${encodeURIComponent(id)}/toggle`, {
      method: 'POST',
      body: { is_on: isOn },
      headers: { 'idempotency-key': key, ...(claims === null ? {} : { 'x-fencing-token': claims }) },
    });
  }

  /**
   * Giving up ends the connection, and with it the wait. No idempotency key: a lock that could not be handed over is
   * released at once, where a key would keep it for somebody who has left.
   */
  acquireLock(resource: string, terms: LockTerms, { waitMs, signal }: Patience): Promise<Outcome<unknown>> {
    return this.#lock(resource, 'acquire', terms, { timeoutMs: waitMs + TIMEOUT_MS, signal });
  }

  renewLock(resource: string, token: number): Promise<Outcome<unknown>> {
    return this.#lock(resource, 'renew', { fencing_token: token });
  }

  /** `reason`: why an admin ends a lockout of somebody else. */
  releaseLock(resource: string, token: number, reason: string | null = null): Promise<Outcome<unknown>> {
    return this.#lock(resource, 'release', { fencing_token: token, ...(reason === null ? {} : { reason }) });
  }

  downgradeLock(resource: string, token: number): Promise<Outcome<unknown>> {
    return this.#lock(resource, 'downgrade', { fencing_token: token });
  }

  forceReleaseLock(resource: string, reason: string): Promise<Outcome<unknown>> {
    return this.#lock(resource, 'force-release', { reason });
  }

  #lock(resource: string, verb: string, body: unknown, more: Call = {}): Promise<Outcome<unknown>> {
    return this.#call(`/api/locks/${encodeURIComponent(resource)}/${verb}`, { method: 'POST', body, ...more });
  }

  decisions(afterSeq: number, limit: number): Promise<Outcome<{ readonly decisions: readonly DecisionView[] }>> {
    return this.#call(`/api/decisions?after=${afterSeq}&limit=${limit}`);
  }

  buses(): Promise<Outcome<{ readonly buses: readonly BusView[] }>> {
    return this.#call('/api/buses');
  }

  broker(): Promise<Outcome<BrokerView>> {
    return this.#call('/api/mqtt');
  }

  adopt(id: string, adoption: Adoption): Promise<Outcome<ApplianceView>> {
    return this.#call(`/api/discovered/${encodeURIComponent(id)}/adopt`, { method: 'POST', body: adoption });
  }

  power(asked: HistoryQuery, signal: AbortSignal): Promise<Outcome<PowerView>> {
    return this.#call(`/api/power?${queryOf(asked)}`, { signal });
  }

  energy(
    asked: HistoryQuery & { readonly group: EnergyView['group'] },
    signal?: AbortSignal,
  ): Promise<Outcome<EnergyView>> {
    return this.#call(`/api/energy?${queryOf(asked)}`, signal === undefined ? {} : { signal });
  }

  history(): Promise<Outcome<HistoryStateView>> {
    return this.#call('/api/history');
  }

  replication(): Promise<Outcome<ReplicationView>> {
    return this.#call('/api/replication');
  }

  async #call<T>(
    path: string,
    { method = 'GET', body, headers = {}, timeoutMs = TIMEOUT_MS, signal }: Call = {},
  ): Promise<Outcome<T>> {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    try {
      const response = await fetch(this.#baseUrl + path, {
        method,
        headers: { accept: 'application/json', ...content, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        cache: 'no-store',
        signal: untilEither(AbortSignal.timeout(timeoutMs), signal),
      });
      return await read<T>(response);
    } catch {
      return { ok: false, failure: { kind: 'network' } };
    }
  }
}

function untilEither(timeout: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
}

/** Throws only on a broken or unreadable success: then nobody knows what was done, as with no answer at all. */
async function read<T>(response: Response): Promise<Outcome<T>> {
  if (response.ok) {
    const value = response.status === 204 ? null : await response.json();
    return { ok: true, value: value as T };
  }
  const problem = readProblem(await response.text(), response.status);
  return {
    ok: false,
    failure: { kind: 'problem', problem, retryAfterS: readSeconds(response.headers.get('retry-after')) },
  };
}

/** A proxy between panel and hub may answer in HTML: then the status is all there is. */
function readProblem(text: string, status: number): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    if (isProblem(problem)) return { ...problem, status };
  } catch {
    // Not JSON: told below.
  }
  return { code: `http_${status}`, title: 'The hub gave no usable answer', status };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

function readSeconds(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}
