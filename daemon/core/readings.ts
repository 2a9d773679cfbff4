import { isAssumed, overflow, reservedMw } from './capacity.ts';
import type { Deciding } from './decision.ts';
import { isLockedOut } from './locks/lockout.ts';
import { type Appliance, type Evidence, HUB } from './model.ts';
import { follow, order } from './order.ts';
import { shedAround } from './shed.ts';

export interface HeardReading {
  readonly appliance: Appliance;
  readonly isOn: boolean;
}

/** `read`, or what a board that cannot be read back was last told: that is never against an order. */
type Proof = Exclude<Evidence, 'ack'>;

/** Readings of a board: what it confirms first, what nobody asked for last and by worth, so that it meets free watts. */
export function hearReadings(d: Deciding, heard: readonly HeardReading[], proof: Proof): void {
  if (proof !== 'read') return hearAssumed(d, heard, proof);
  const byWorth = [...heard].sort((x, y) => y.appliance.priority - x.appliance.priority);
  for (const reading of byWorth) if (!isUnasked(reading)) hear(d, reading);
  for (const reading of byWorth) if (isUnasked(reading)) hearUnasked(d, reading.appliance);
}

function hearAssumed(d: Deciding, heard: readonly HeardReading[], proof: Proof): void {
  for (const { appliance, isOn } of heard) {
    if (appliance.order.isOn !== isOn) continue;
    if (isOn) hearOnAsOrdered(d, appliance, proof);
    else hearOffAsOrdered(d, appliance, appliance.disobeyed ? 'unproven' : proof);
  }
}

function isUnasked({ appliance: a, isOn }: HeardReading): boolean {
  return isOn && !a.order.isOn && a.order.isSettled;
}

function hear(d: Deciding, { appliance: a, isOn }: HeardReading): void {
  if (a.order.isOn) return isOn ? hearOnAsOrdered(d, a, 'read') : hearOffAgainstOrder(d, a);
  return isOn ? hearOnAgainstOrder(d, a) : hearOffAsOrdered(d, a, 'read');
}

function hearOnAsOrdered(d: Deciding, a: Appliance, proof: Proof): void {
  if (!a.order.isSettled) confirm(d, a, true, proof);
  else if (a.observed !== 'on' || a.fault !== null || (isAssumed(a) && proof === 'read'))
    observe(d, a, 'on', wordsFor(proof, 'reads on, as ordered'), null, proof);
  else return;
  shedAround(d, a.circuit);
}

/**
 * Ordered on, reads off. While the ON is under way this says nothing: it may be about to leave. Otherwise the board lost
 * power or was switched off by hand: it stays off, and comes back only where it is asked to (`restore`), as an ordinary
 * request.
 */
function hearOffAgainstOrder(d: Deciding, a: Appliance): void {
  const isUnderWay = !a.order.isSettled && a.order.generation > d.state.bootSeq;
  if (isUnderWay) return;
  if (!a.order.isSettled) failUnsent(d, a);
  follow(d, d.state.appliances.get(a.id) ?? a, false, 'read_off');
  if (a.order.isSettled && a.observed === 'unknown' && a.onPowerLoss === 'restore') {
    d.followUps.push({ kind: 'toggle', appliance: a.id, want: 'on', who: HUB });
  }
}

/** The hub was gone between the decision and the relay: an order is never sent late (S11). */
function failUnsent(d: Deciding, a: Appliance): void {
  const { generation } = a.order;
  d.emit({ kind: 'failed', appliance: a.id, generation, isOn: true, reading: 'off', fault: 'unreachable' });
}

/** An OFF is under way or failed before: the board is heard again, the OFF is repeated until it reads off. */
function hearOnAgainstOrder(d: Deciding, a: Appliance): void {
  if (a.observed === 'on') return;
  observe(d, a, 'on', 'reads on while it is ordered off', heardAgain(a));
  shedAround(d, a.circuit);
}

/** The first reading after an acknowledgement is recorded: from then on an ON is a hand, not an OFF that was not obeyed. */
function hearOffAsOrdered(d: Deciding, a: Appliance, proof: Proof): void {
  if (!a.order.isSettled) confirm(d, a, false, proof);
  else if (a.observed !== 'off' || isProvenAtLast(a, proof) || a.fault === 'unreachable')
    observe(d, a, 'off', wordsFor(proof, 'reads off'), heardAgain(a), proof);
}

/** An OFF that was acknowledged or assumed so far, and now was read. */
function isProvenAtLast(a: Appliance, proof: Proof): boolean {
  return proof === 'read' && a.evidence !== 'read';
}

/** A board that answers is reachable; what else is wrong with the relay stays said. */
function heardAgain(a: Appliance): Appliance['fault'] {
  return a.fault === 'unreachable' ? null : a.fault;
}

/**
 * S9: it counts at once, and goes off again if it does not fit. What was acknowledged or assumed and never since read
 * off was not obeyed: no clock tells the two apart, for a reading may wait long for a slow disk.
 */
function hearUnasked(d: Deciding, before: Appliance): void {
  const isStuck = before.evidence !== null && before.evidence !== 'read';
  const reason = isStuck ? 'acknowledged the OFF but reads on' : 'reads on though nobody asked';
  observe(d, before, 'on', reason, isStuck ? 'stuck_on' : null);
  const a = d.state.appliances.get(before.id) ?? before;
  const fits = overflow(d.state, a.circuit, reservedMw(a), reservedMw(a)) === null;
  if (fits && !isStuck && !isLockedOut(d.state, a)) follow(d, a, true, 'adopted');
  else order(d, a, false, 'unasked');
  shedAround(d, a.circuit);
}

function observe(
  d: Deciding,
  a: Appliance,
  reading: 'on' | 'off',
  reason: string,
  fault: Appliance['fault'] = null,
  evidence: Proof = 'read',
): void {
  d.emit({ kind: 'observed', appliance: a.id, reading, fault, evidence, reason });
}

/** The order under way is obeyed. */
function confirm(
  d: Deciding,
  { id: appliance, order: { generation } }: Appliance,
  isOn: boolean,
  evidence: Proof,
): void {
  d.emit({ kind: 'confirmed', appliance, generation, isOn, evidence });
}

export const ASSUMED = 'assumed: this board cannot be read back';

function wordsFor(proof: Proof, words: string): string {
  return proof === 'read' ? words : ASSUMED;
}
