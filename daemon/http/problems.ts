/** The catalogue of everything that can go wrong for a client (RFC 9457); the upper part is the contract of api.md. */

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Sent as `Retry-After`. */
  readonly retryAfterS?: number;
}

export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  too_large: { status: 413, title: 'The body is too large' },
  unauthorized: { status: 401, title: 'A valid token or session is needed' },
  forbidden: { status: 403, title: 'This role may not do that' },
  capacity_exceeded: { status: 403, title: 'The supply cannot carry it' },
  not_found: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'It conflicts with the present state' },
  superseded: { status: 409, title: 'A later OFF overtook this ON' },
  lock_held: { status: 409, title: 'The lock is held by someone else' },
  already_held: { status: 409, title: 'The lock is yours already' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  wait_timeout: { status: 408, title: 'The lock was not granted in time' },
  locked: { status: 423, title: 'The appliance is locked' },
  rate_limited: { status: 429, title: 'Too many attempts', retryAfterS: 60 },
  relay_unreachable: { status: 502, title: 'The relay did not obey' },
  queue_full: { status: 503, title: 'Too many requests are waiting', retryAfterS: 1 },
  ledger_unavailable: { status: 503, title: 'The ledger cannot record now', retryAfterS: 2 },

  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  stopping: { status: 503, title: 'The hub stops', retryAfterS: 5 },
  not_ready: { status: 503, title: 'The relays are still being read', retryAfterS: 1 },
  too_many_clients: { status: 503, title: 'Too many live clients', retryAfterS: 5 },
  history_unavailable: { status: 503, title: 'The power history cannot be read now', retryAfterS: 5 },
  internal: { status: 500, title: 'The hub made a mistake' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

interface Extras {
  /** Members of the body beside the five of RFC 9457. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the catalogue. */
  readonly retryAfterS?: number;
}

/** Thrown by handlers and hooks; the error handler sends it. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extras: Extras;

  constructor(code: ProblemCode, detail: string, extras: Extras = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.extras = extras;
  }

  static invalid(errors: readonly FieldError[], detail?: string): Problem {
    const first = errors[0];
    const told = first === undefined ? 'The request is not valid.' : `${first.path || 'request'}: ${first.message}`;
    return new Problem('invalid_request', detail ?? told, { fields: { errors } });
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  body(): string {
    const { status, title } = PROBLEMS[this.code];
    const type = `urn:voltsafe:problem:${this.code}`;
    return JSON.stringify({ type, title, status, code: this.code, detail: this.message, ...this.extras.fields });
  }

  headers(): Record<string, string> {
    const kind: ProblemKind = PROBLEMS[this.code];
    const retryAfterS = this.extras.retryAfterS ?? kind.retryAfterS;
    return {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) }),
      ...this.extras.headers,
    };
  }
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
