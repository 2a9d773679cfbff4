import { drawMw, isConfirmedOff, overflow, reservedMw } from './capacity.ts';
import type { Deciding, Reply } from './decision.ts';
import type { Event, Figures, Refusal, Request } from './events.ts';
import type { Input } from './inputs.ts';
import { forgetOld, KEPT_AT_MOST, KEPT_FOR_MS, overtakenBy } from './kept.ts';
import { expireDue } from './locks/due.ts';
import { locksAbove } from './locks/lockout.ts';
import type { LockTrouble } from './locks/model.ts';
import { lockAgainst, lockedRefusal, sharesFate } from './locks/permit.ts';
import type { Appliance } from './model.ts';
import { order } from './order.ts';
import { standing } from './show.ts';
import { type Kept, keptId } from './state.ts';
import { toWatts } from './watts.ts';

type Toggle = Input & { kind: 'toggle' };

export function toggle(d: Deciding, input: Toggle): Reply {
  const found = d.state.appliances.get(input.appliance);
  if (found === undefined)
    return d.refuse({ code: 'not_found', detail: `There is no appliance "${input.appliance}".` });
  const kept = keptFor(d, input);
  if (kept !== undefined) return replay(d, input, kept, wantsOn(found, input));
  const a = asLocksAre(d, found, input);
  const isOn = wantsOn(a, input);
  if (input.isOvertaken && isOn) return refuse(d, a, input, isOn, overtakenBy(false));
  const lock = locked(d, a, isOn, input);
  if (lock !== null) return refuse(d, a, input, isOn, lockedRefusal(a, lock));
  const isFull = input.key !== undefined && isMemoryFull(d);
  const asked = isFull ? withoutKey(input) : input;
  // S7: an OFF is carried out even where its key cannot be kept.
  if (isFull && isOn) return refuse(d, a, asked, isOn, TOO_MANY_KEYS);
  return isOn ? turnOn(d, a, asked) : turnOff(d, a, asked);
}

function wantsOn(a: Appliance, { want }: Toggle): boolean {
  return want === 'flip' ? isConfirmedOff(a) : want === 'on';
}

/** A lease that ends just now may let a lockout in, which switches it off. */
function asLocksAre(d: Deciding, a: Appliance, { claims = [] }: Toggle): Appliance {
  const named = claims.flatMap(({ resource }) => resource ?? []);
  expireDue(d, [...locksAbove(d.state, a), ...named]);
  return d.state.appliances.get(a.id) ?? a;
}

function locked(d: Deciding, a: Appliance, isOn: boolean, { who, claims = [] }: Toggle): LockTrouble | null {
  const { principal, source } = who;
  return lockAgainst(d.state, a, isOn, { principal, source, claims }, d.now.askedUpMs ?? d.now.upMs);
}

const TOO_MANY_KEYS: Refusal = { code: 'rate_limited', detail: 'Too many idempotency keys within 24 hours.' };

function isMemoryFull(d: Deciding): boolean {
  if (d.state.keptCount >= KEPT_AT_MOST) forgetOld(d.state, d.now.upMs);
  return d.state.keptCount >= KEPT_AT_MOST;
}

function withoutKey({ key: _, hash: __, ...input }: Toggle): Toggle {
  return input;
}

function keptFor(d: Deciding, input: Toggle): Kept | undefined {
  if (input.key === undefined) return undefined;
  const kept = d.state.kept.get(keptId(input.who.principal, input.key));
  return kept !== undefined && d.now.upMs - kept.atUpMs < KEPT_FOR_MS ? kept : undefined;
}

/** Same request, same answer (S5); while the relay has not answered, the retry waits with the first. */
function replay(d: Deciding, input: Toggle, kept: Kept, isOn: boolean): Reply {
  if (kept.hash !== input.hash) {
    const refusal: Refusal = {
      code: 'idempotency_key_reused',
      detail: 'This key was used for another request; take a new one.',
    };
    d.emit({ kind: 'refused', appliance: input.appliance, refusal, request: { isOn } }, input.who);
    return d.refuse(refusal);
  }
  if (kept.answer !== null) return { kind: 'answered', answer: kept.answer };
  const { appliance, seq, atWallMs, changed } = kept;
  const generation = d.state.appliances.get(appliance)?.order.generation ?? 0;
  return { kind: 'awaiting', appliance, generation, seq, atWallMs, changed };
}

function turnOn(d: Deciding, a: Appliance, input: Toggle): Reply {
  if (a.retired !== null || a.fault === 'unreachable') return refuseUnreachable(d, a, input);
  if (a.order.isOn) return turnOnAgain(d, a, input);
  // The order of before is still under way, or the relay was never read: its word comes first (design.md 6).
  if (a.observed === 'unknown' || !(a.order.isSettled || a.order.hasFailed))
    return { kind: 'deferred', appliance: a.id };
  const figures = overflow(d.state, a.circuit, drawMw(a), reservedMw(a));
  if (figures !== null) return refuse(d, a, input, true, tooMuch(a, figures));
  return ordered(d, a, input, true);
}

function turnOnAgain(d: Deciding, a: Appliance, input: Toggle): Reply {
  if (a.order.isSettled && a.observed === 'unknown') return { kind: 'deferred', appliance: a.id };
  return unchanged(d, a, input, true);
}

/** Never refused (S7). An OFF whose attempts are used up is ordered anew, so that this caller gets its own attempt. */
function turnOff(d: Deciding, a: Appliance, input: Toggle): Reply {
  const isUnderWay = !a.order.isOn && !a.order.isSettled && !a.order.hasFailed;
  if ((isUnderWay && sharesFate(a.order.asker, input)) || isConfirmedOff(a)) return unchanged(d, a, input, false);
  return ordered(d, a, input, false);
}

function ordered(d: Deciding, a: Appliance, input: Toggle, isOn: boolean): Reply {
  const event = order(d, a, isOn, 'request', { who: input.who, request: requestOf(input, isOn) });
  return a.relay === null ? d.done(event, a.id, true) : awaiting(event, a.id, event.seq, true);
}

/** It is so already, or the same order is under way. */
function unchanged(d: Deciding, a: Appliance, input: Toggle, isOn: boolean): Reply {
  const joins = a.order.isSettled ? null : a.order.generation;
  const event = d.emit({ kind: 'unchanged', appliance: a.id, joins, request: requestOf(input, isOn) }, input.who);
  return joins === null ? d.done(event, a.id, false) : awaiting(event, a.id, joins, false);
}

function awaiting(event: Event, appliance: string, generation: number, changed: boolean): Reply {
  return { kind: 'awaiting', appliance, generation, seq: event.seq, atWallMs: event.wallMs, changed };
}

function refuseUnreachable(d: Deciding, a: Appliance, input: Toggle): Reply {
  const detail =
    a.retired === null
      ? `The relay of ${a.name} does not answer; check its board and cable.`
      : `The relay of ${a.name} was declared disconnected: ${a.retired}`;
  return refuse(d, a, input, true, { code: 'relay_unreachable', detail });
}

/** A refusal is recorded like a grant (S8). */
function refuse(d: Deciding, a: Appliance, input: Toggle, isOn: boolean, refusal: Refusal): Reply {
  const event = d.emit({ kind: 'refused', appliance: a.id, refusal, request: requestOf(input, isOn) }, input.who);
  const shown = standing(d.state, a.id);
  const decision = { seq: event.seq, atWallMs: event.wallMs };
  return { kind: 'answered', answer: { ok: false, refusal, decision, ...(shown === null ? {} : { standing: shown }) } };
}

function requestOf({ key, hash, claims }: Toggle, isOn: boolean): Request {
  const shown = claims === undefined || claims.length === 0 ? {} : { claims };
  return key === undefined || hash === undefined ? { isOn, ...shown } : { isOn, key, hash, ...shown };
}

function tooMuch(a: Appliance, figures: Figures): Refusal {
  const { circuit, limitMw, reservedMw: reserved, requestedMw, exceededByMw } = figures;
  const detail =
    `${a.name} needs ${toWatts(requestedMw)} W; on circuit ${circuit} ${toWatts(reserved)} W of ${toWatts(limitMw)} W ` +
    `are taken: ${toWatts(exceededByMw)} W too much.`;
  return { code: 'capacity_exceeded', detail, figures };
}
