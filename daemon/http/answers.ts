import type { Figures, Refusal, Standing } from '../core/events.ts';
import type { Answer } from '../core/inputs.ts';
import type { ApplianceView } from '../core/views.ts';
import { toWatts } from '../core/watts.ts';
import { Problem } from './problems.ts';

type Accepted = Answer & { ok: true };
type Refused = Answer & { ok: false };

/** The hub's word as HTTP. A pure function of the answer, so that a replayed answer reads the same, byte by byte (S5). */
export function accepted(answer: Answer): Accepted {
  if (answer.ok) return answer;
  throw refused(answer);
}

export function toggled(answer: Answer) {
  const { changed, decision, ...rest } = accepted(answer);
  const { appliance, load } = shown(rest.standing);
  return { appliance, changed, load, decision: { seq: decision.seq, at: new Date(decision.atWallMs).toISOString() } };
}

export function applianceOf(answer: Answer): ApplianceView {
  return shown(accepted(answer).standing).appliance;
}

function shown(standing: Standing | null): Standing {
  if (standing === null) throw new Error('the hub answered without saying how things stand');
  return standing;
}

function refused({ refusal, standing }: Refused): Problem {
  return new Problem(refusal.code, refusal.detail, { fields: extraFields(refusal, standing) });
}

/** The members that api.md adds to a code. */
function extraFields(
  { code, detail, figures, lock }: Refusal,
  standing: Standing | undefined,
): Record<string, unknown> {
  if (lock !== undefined) return { resource: lock.resource, holder: lock.holder, fencing_token: lock.token };
  if (code === 'invalid_request') return { errors: [{ path: '', message: detail }] };
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
