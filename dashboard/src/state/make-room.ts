import type { ApplianceView, LoadView } from '../wire.ts';
import { toMw } from '../words/watts.ts';
import { HOUSE, limitsAbove } from './circuits.ts';

/** What could be switched off for a refused appliance. `any`: each alone is enough; `all`: only together. */
export interface Room {
  readonly kind: 'any' | 'all';
  readonly appliances: readonly ApplianceView[];
}

const MAX_OFFERED = 3;

/**
 * What can be offered is known to be on, not protected, and hangs under the circuit that is too small. A board that cannot
 * be read back may hold its watts although they are off: an offer that frees nothing is none.
 */
function candidates(load: LoadView, appliances: readonly ApplianceView[], circuit: string, refused: string) {
  const hangsUnder = (a: ApplianceView) => limitsAbove(load, a.circuit).some((limit) => limit.circuit === circuit);
  return appliances.filter(
    (a) =>
      a.id !== refused && a.relay_state === 'on' && a.verified && a.fault === null && !a.protected && hangsUnder(a),
  );
}

/** Least important first, as the hub itself would shed; of equals, the one that frees least beyond the need. */
function byImportance(a: ApplianceView, b: ApplianceView): number {
  return a.priority - b.priority || a.reserved_w - b.reserved_w;
}

export function makeRoom(
  load: LoadView,
  appliances: readonly ApplianceView[],
  refusal: { readonly appliance: string; readonly circuit: string; readonly missingW: number },
): Room | null {
  const able = candidates(load, appliances, refusal.circuit || HOUSE, refusal.appliance);
  const missingMw = toMw(refusal.missingW);
  const enough = able.filter((a) => toMw(a.reserved_w) >= missingMw).sort(byImportance);
  if (enough.length > 0) return { kind: 'any', appliances: enough.slice(0, MAX_OFFERED) };
  return together(able, missingMw);
}

/** The largest first, so that as few as possible have to go; null when even all of them would not do. */
function together(able: readonly ApplianceView[], missingMw: number): Room | null {
  const chosen: ApplianceView[] = [];
  let freedMw = 0;
  for (const a of [...able].sort((x, y) => y.reserved_w - x.reserved_w)) {
    if (freedMw >= missingMw) break;
    chosen.push(a);
    freedMw += toMw(a.reserved_w);
  }
  return freedMw >= missingMw && chosen.length > 0 ? { kind: 'all', appliances: chosen } : null;
}
