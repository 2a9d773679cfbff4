import { drawMw, isBelow, isReleased } from './capacity.ts';
import type { Deciding } from './decision.ts';
import type { Input } from './inputs.ts';
import type { Appliance } from './model.ts';
import { shedAround, shedBy } from './shed.ts';
import { MAX_MW, toWatts } from './watts.ts';

type Of<K extends Input['kind']> = Input & { kind: K };

/** More than the standby of a plug and its meter, less than anything that matters to a fuse. */
export const DRAWS_MW = 50_000;

/**
 * What its own meter says of an appliance; null: nothing that decides. Ordinary samples belong to the power history.
 * `peak`: more than it counts, whether it is known to be on or only not known to be off. `draws_while_off`,
 * `draws_no_more`: of a contact that is welded; whoever measures makes sure that the sample is not of before the OFF.
 */
export function meaning(a: Appliance, powerMw: number): 'peak' | 'draws_while_off' | 'draws_no_more' | null {
  if (isReleased(a)) return powerMw > DRAWS_MW ? 'draws_while_off' : null;
  if (a.drawsWhileOff && !a.order.isOn && powerMw < DRAWS_MW) return 'draws_no_more';
  return powerMw > drawMw(a) ? 'peak' : null;
}

export function measured(d: Deciding, input: Of<'measured'>): void {
  const a = d.state.appliances.get(input.appliance);
  if (a === undefined) return;
  const powerMw = bounded(input.powerMw);
  const what = meaning(a, powerMw);
  if (what === null) return;
  if (what !== 'peak') observeByMeter(d, a, what === 'draws_while_off', powerMw);
  if (powerMw > drawMw(a)) d.emit({ kind: 'peak_measured', appliance: a.id, peakMw: powerMw });
  shedAround(d, a.circuit);
}

/** S9: that it draws is a fact, whatever its register reads; it counts at once. */
function observeByMeter(d: Deciding, { id: appliance, relay }: Appliance, draws: boolean, powerMw: number): void {
  const reason = `its meter says ${toWatts(powerMw)} W while it is off`;
  const fault = draws && relay !== null ? 'stuck_on' : null;
  const reading = draws ? 'on' : 'off';
  d.emit({ kind: 'observed', appliance, reading, fault, evidence: null, by: 'meter', reason });
}

/** No meter of a house measures more: sums stay exact (S4) whatever one says. */
function bounded(powerMw: number): number {
  return Math.min(powerMw, MAX_MW);
}

/** Counts from now on, beside the appliances of the circuit; whoever measures holds the peak, so a fall is a fall. */
export function background(d: Deciding, { circuit: id, powerMw: measuredMw }: Of<'background'>): void {
  const powerMw = bounded(measuredMw);
  const circuit = d.state.circuits.get(id);
  const isMetered = d.state.household.metered?.includes(id) === true;
  if (circuit === undefined || !isMetered || circuit.backgroundMw === powerMw) return;
  d.emit({ kind: 'background_measured', circuit: id, powerMw });
  shedAround(d, id);
}

/**
 * Measured over the limit though what is known to be on is not (S1): a relay that nobody can read, or one that lied.
 * OFFs under way take their watts with them, so that one overload sheds once.
 */
export function overload(d: Deciding, { circuit: id, powerMw }: Of<'overload'>): void {
  const circuit = d.state.circuits.get(id);
  if (circuit === undefined || powerMw <= circuit.limitMw) return;
  const going = [...d.state.appliances.values()].filter((a) => isGoingOff(a) && isBelow(d.state, a, id));
  const goingMw = going.reduce((sum, a) => sum + drawMw(a), 0);
  shedBy(d, id, bounded(powerMw) - goingMw - circuit.limitMw);
}

function isGoingOff({ order, retired, drawsWhileOff }: Appliance): boolean {
  return retired === null && !drawsWhileOff && !order.isOn && !order.isSettled && !order.hasFailed;
}
