import type { Deciding } from './decision.ts';
import type { Input } from './inputs.ts';
import type { Appliance, Evidence, Fault } from './model.ts';
import { follow, order } from './order.ts';
import { hearReadings } from './readings.ts';
import { shedAround } from './shed.ts';
import { busOf, channelKey } from './state.ts';

type Of<K extends Input['kind']> = Input & { kind: K };

/** The appliance, if the observation belongs to its standing order: older ones confirm nothing. */
export function current(d: Deciding, id: string, generation: number): Appliance | null {
  const a = d.state.appliances.get(id);
  return a !== undefined && a.order.generation === generation ? a : null;
}

export function relayConfirmed(d: Deciding, input: Of<'relay_confirmed'>): void {
  const a = current(d, input.appliance, input.generation);
  if (a === null || a.order.isSettled || a.order.isOn !== input.isOn) return;
  const evidence = a.disobeyed && !input.isOn ? afterDisobeying(input.evidence) : input.evidence;
  if (evidence === null) return;
  const { appliance, generation, isOn } = input;
  d.emit({ kind: 'confirmed', appliance, generation, isOn, evidence });
  shedAround(d, a.circuit);
}

/**
 * A board that acknowledged an OFF and still read on is believed only when it reads off, whatever came in between;
 * where it cannot be read any more, its OFF proves nothing.
 */
function afterDisobeying(evidence: Evidence): Evidence | null {
  if (evidence === 'ack') return null;
  return evidence === 'assumed' ? 'unproven' : evidence;
}

/** An ON that was not confirmed becomes an OFF order; an OFF stays ordered. The watts stay counted either way (S2). */
export function relayFailed(d: Deciding, input: Of<'relay_failed'>): void {
  const a = current(d, input.appliance, input.generation);
  if (a === null || a.order.isSettled) return;
  const { appliance, generation, reading } = input;
  const fault = faultOf(a, input);
  if (a.order.hasFailed && a.fault === fault) return;
  d.emit({ kind: 'failed', appliance, generation, isOn: a.order.isOn, reading, fault });
  if (a.order.isOn) orderOffAgain(d, appliance);
  shedAround(d, a.circuit);
}

function faultOf(a: Appliance, input: Of<'relay_failed'>): Fault {
  if (input.reading === 'unknown') return 'unreachable';
  return a.order.isOn ? 'stuck_off' : 'stuck_on';
}

function orderOffAgain(d: Deciding, id: string): void {
  const a = d.state.appliances.get(id);
  if (a !== undefined) order(d, a, false, 'on_failed');
}

export function readings(d: Deciding, input: Of<'readings'>): void {
  const heard = input.readings.flatMap(({ appliance, generation, isOn }) => {
    const a = current(d, appliance, generation);
    return a === null ? [] : [{ appliance: a, isOn }];
  });
  hearReadings(d, heard, input.evidence ?? 'read');
}

/** Nothing is forgotten but what was seen: the orders stand, the watts stay counted. */
export function busLost(d: Deciding, input: Of<'bus_lost'>): void {
  const bus = busOf(d.state, input.bus);
  for (let channel = 1; channel <= (bus?.channels ?? 0); channel++) {
    const a = d.state.appliances.get(d.state.channels.get(channelKey(input.bus, channel)) ?? '');
    if (a === undefined || (a.observed === 'unknown' && a.fault === 'unreachable')) continue;
    d.emit({
      kind: 'observed',
      appliance: a.id,
      reading: 'unknown',
      fault: 'unreachable',
      evidence: null,
      reason: input.reason,
    });
  }
}

export function withdraw(d: Deciding, input: Of<'withdraw'>): void {
  const a = current(d, input.appliance, input.generation);
  if (a === null || !a.order.isOn || (a.order.isSettled && a.relay !== null)) return;
  d.emit({ kind: 'withdrawn', appliance: a.id, generation: input.generation });
  order(d, a, false, 'withdrawn');
}

/**
 * The lock was lost before the bytes left, and nothing was sent. An ON that was never sent is off; an OFF that was never
 * sent leaves on what was seen on, and goes out after all where nobody knows.
 */
export function lapsed(d: Deciding, input: Of<'lapsed'>): void {
  const a = current(d, input.appliance, input.generation);
  if (a === null || a.order.isSettled) return;
  if (!a.order.isOn && a.observed !== 'on') return void order(d, a, false, 'request');
  d.emit({ kind: 'withdrawn', appliance: a.id, generation: input.generation, lock: input.lock });
  if (a.order.isOn) order(d, a, false, 'withdrawn');
  else follow(d, a, true, 'withdrawn');
  shedAround(d, a.circuit);
}
