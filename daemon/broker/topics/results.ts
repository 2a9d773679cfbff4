import type { Figures, Refusal, Standing } from '../../core/events.ts';
import type { Answer } from '../../core/inputs.ts';
import type { LoadView } from '../../core/views.ts';
import { toWatts } from '../../core/watts.ts';
import type { Decided } from './port.ts';

/** The hub's word on one request, twice where a relay has to obey: `decided`, then `confirmed` or `failed`. */
export interface Result {
  readonly request_id: string | null;
  readonly phase: 'decided' | 'confirmed' | 'failed';
  readonly accepted: boolean;
  readonly changed?: boolean;
  readonly code?: string;
  readonly detail?: string;
  readonly seq: number | null;
  readonly at: string | null;
  readonly load: LoadView;
  /** The members that api.md adds to a code. */
  readonly [extra: string]: unknown;
}

/** Why a request came to nothing before it was decided: beside the hub's own refusals. */
export interface Rejection {
  readonly code: 'invalid_request' | 'forbidden' | 'rate_limited';
  readonly detail: string;
  readonly retry_after_ms?: number;
}

export function rejected(requestId: string | null, why: Rejection, load: LoadView): Result {
  return { request_id: requestId, phase: 'decided', accepted: false, ...why, seq: null, at: null, load };
}

export function decided(requestId: string | null, { seq, atWallMs, changed }: Decided, load: LoadView): Result {
  return { request_id: requestId, phase: 'decided', accepted: true, changed, seq, at: timeOf(atWallMs), load };
}

/** What is left to say when the hub has answered: `isTold` that it was decided. */
export function settled(requestId: string | null, answer: Answer, isTold: boolean, loadNow: LoadView): Result[] {
  const load = answer.standing?.load ?? loadNow;
  if (!answer.ok) return [refused(requestId, answer, isTold ? 'failed' : 'decided', load)];
  const { changed, decision } = answer;
  const said = { accepted: true, changed, seq: decision.seq, at: timeOf(decision.atWallMs), load };
  const first: Result[] = isTold ? [] : [{ request_id: requestId, phase: 'decided', ...said }];
  return [...first, { request_id: requestId, phase: 'confirmed', ...said }];
}

/** Where a relay did not obey, the request was accepted all the same: its watts are counted. */
function refused(
  requestId: string | null,
  { refusal, decision, standing }: Answer & { ok: false },
  phase: 'decided' | 'failed',
  load: LoadView,
): Result {
  const { code, detail } = refusal;
  return {
    request_id: requestId,
    phase,
    accepted: phase === 'failed',
    code,
    detail,
    ...extraFields(refusal, standing),
    seq: decision?.seq ?? null,
    at: decision === null ? null : timeOf(decision.atWallMs),
    load,
  };
}

/** As over HTTP (daemon/http/answers.ts). */
function extraFields({ code, figures, lock }: Refusal, standing: Standing | undefined): Record<string, unknown> {
  if (lock !== undefined) return { resource: lock.resource, holder: lock.holder, fencing_token: lock.token };
  if (code === 'relay_unreachable') return { relay_state: standing?.appliance.relay_state ?? 'unknown' };
  return code === 'capacity_exceeded' && figures !== undefined ? inWatts(figures) : {};
}

function inWatts(figures: Figures) {
  return {
    circuit: figures.circuit,
    limit_w: toWatts(figures.limitMw),
    reserved_w: toWatts(figures.reservedMw),
    requested_w: toWatts(figures.requestedMw),
    exceeded_by_w: toWatts(figures.exceededByMw),
  };
}

function timeOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
