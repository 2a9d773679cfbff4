import { channelOf, newAppliance, unseen } from './appliance.ts';
import { dropAppliance, isReleased, layCircuits, putAppliance } from './capacity.ts';
import type { Event } from './events.ts';
import { keepAnswer } from './kept.ts';
import { applyLock, restartLocks } from './locks/apply.ts';
import { raiseTokens } from './locks/floor.ts';
import type { Asker } from './locks/model.ts';
import type { Appliance, Evidence } from './model.ts';
import { channelKey, type State } from './state.ts';
import { putBackground } from './unmanaged.ts';

/** Replays one event: the same state follows from the same events, at a decision and at a restart. */
export function apply(state: State, event: Event): void {
  applyFact(state, event);
  keepAnswer(state, event);
}

/** What happened, without the answers that are kept for it. */
export function applyFact(state: State, event: Event): void {
  state.seq = event.seq;
  switch (event.kind) {
    case 'configured':
      return configure(state, event);
    case 'appliance_added':
      return addAppliance(state, newAppliance(event.settings, event.seq, event.wallMs));
    case 'appliance_changed':
      return changeAppliance(state, event);
    case 'appliance_removed':
      return removeAppliance(state, event.appliance);
    case 'lock_queued':
    case 'lock_wait_ended':
    case 'lock_acquired':
    case 'lock_confirmed':
    case 'lock_renewed':
    case 'lock_downgraded':
    case 'lock_released':
    case 'lock_expired':
    case 'lock_forced':
    case 'lock_delay_over':
      return applyLock(state, event);
    case 'uptime_noted':
      return;
    case 'background_measured':
      return putBackground(state, event.circuit, event.powerMw);
    case 'token_created':
      dropExpiredSessions(state, event.upMs);
      state.tokens.set(event.token.id, event.token);
      return;
    case 'token_revoked':
      state.tokens.delete(event.id);
      return;
    case 'device_adopted':
      state.devices.set(event.device.id, event.device);
      return;
    case 'device_forgotten':
      state.devices.delete(event.id);
      return;
    case 'mqtt_user_added':
      state.mqttUsers.set(event.user.name, event.user);
      return;
    case 'mqtt_user_removed':
      state.mqttUsers.delete(event.name);
      return;
    case 'restored':
      return raiseTokens(state, event.tokenFloor);
    default:
      return applyToAppliance(state, event);
  }
}

function configure(state: State, event: Event & { kind: 'configured' }): void {
  state.household = event.household;
  state.bootId = event.bootId;
  state.bootSeq = event.seq;
  for (const a of [...state.appliances.values()]) state.appliances.set(a.id, atStart(a));
  layCircuits(state, event.household);
  restartLocks(state, event.upMs);
}

/** Nobody can retire a declared load: its meter says again what it draws, or left the configuration. */
function atStart(a: Appliance): Appliance {
  return a.relay === null ? { ...a, drawsWhileOff: false } : unseen(a);
}

function addAppliance(state: State, a: Appliance): void {
  putAppliance(state, a);
  const channel = channelOf(a);
  if (channel !== null) state.channels.set(channel, a.id);
}

function changeAppliance(state: State, event: Event & { kind: 'appliance_changed' }): void {
  const previous = state.appliances.get(event.settings.id);
  if (previous === undefined) return;
  const isRebound = channelOf(previous) !== channelOf(event.settings);
  const fresh = newAppliance(event.settings, event.seq, event.wallMs);
  removeAppliance(state, previous.id);
  const { order, observed, evidence, fault, disobeyed, drawsWhileOff, peakMw, retired } = isRebound ? fresh : previous;
  addAppliance(state, { ...fresh, order, observed, evidence, fault, disobeyed, drawsWhileOff, peakMw, retired });
}

function removeAppliance(state: State, id: string): void {
  const relay = state.appliances.get(id)?.relay;
  if (relay) state.channels.delete(channelKey(relay.bus, relay.channel));
  dropAppliance(state, id);
}

function dropExpiredSessions(state: State, upMs: number): void {
  for (const token of state.tokens.values()) {
    if (token.expiresUpMs !== null && token.expiresUpMs <= upMs) state.tokens.delete(token.id);
  }
}

type ApplianceEvent = Extract<
  Event,
  {
    kind:
      | 'ordered'
      | 'confirmed'
      | 'failed'
      | 'withdrawn'
      | 'observed'
      | 'retired'
      | 'peak_measured'
      | 'refused'
      | 'unchanged';
  }
>;

function applyToAppliance(state: State, event: ApplianceEvent): void {
  const a = state.appliances.get(event.appliance);
  if (a === undefined) return;
  const next = nextAppliance(a, event);
  if (next !== a) putAppliance(state, { ...next, updatedWallMs: event.wallMs });
}

function nextAppliance(a: Appliance, event: ApplianceEvent): Appliance {
  switch (event.kind) {
    case 'ordered':
      return ordered(a, event);
    case 'confirmed':
      return obeyed({ ...a, order: { ...a.order, isSettled: true, hasFailed: false } }, event.isOn, event.evidence);
    case 'failed':
      return {
        ...a,
        order: { ...a.order, hasFailed: true },
        observed: event.reading,
        fault: event.fault,
        disobeyed: a.disobeyed || event.fault === 'stuck_on',
      };
    case 'observed':
      return event.by === 'meter' ? metered(a, event.reading === 'on') : observed(a, event);
    case 'retired':
      return { ...a, retired: event.reason, drawsWhileOff: false };
    case 'peak_measured':
      return { ...a, peakMw: event.peakMw };
    default:
      return a;
  }
}

function ordered(a: Appliance, event: ApplianceEvent & { kind: 'ordered' }): Appliance {
  const { isOn, generation, cause, isSettled } = event;
  const asker = askerOf(event);
  const next = { ...a, order: { isOn, generation, cause, isSettled, hasFailed: false, asker } };
  return isSettled ? obeyed(next, isOn, 'read') : next;
}

function askerOf({ who, cause, request }: ApplianceEvent & { kind: 'ordered' }): Asker | null {
  if (who === null || cause !== 'request') return null;
  return { principal: who.principal, source: who.source, claims: request?.claims ?? [] };
}

/**
 * A relay that would not switch on stays marked until it does; any other fault ends when the relay obeys. What cannot
 * be proven off, or draws all the same, may still draw what it drew.
 */
function obeyed(a: Appliance, isOn: boolean, evidence: Evidence): Appliance {
  const fault = a.fault === 'stuck_off' && !isOn ? a.fault : null;
  const peakMw = isOn || evidence === 'unproven' || a.drawsWhileOff ? a.peakMw : 0;
  const disobeyed = a.disobeyed && !(evidence === 'read' && !isOn);
  const retired = hasAnswered(evidence) ? null : a.retired;
  return { ...a, observed: isOn ? 'on' : 'off', evidence, fault, disobeyed, peakMw, retired };
}

function observed(a: Appliance, event: ApplianceEvent & { kind: 'observed' }): Appliance {
  const { reading, fault, evidence } = event;
  const isReadOff = reading === 'off' && evidence === 'read';
  const disobeyed = fault === 'stuck_on' || (a.disobeyed && !isReadOff);
  return { ...a, observed: reading, fault, evidence, disobeyed, retired: hasAnswered(evidence) ? null : a.retired };
}

/** A retired relay counts again as soon as its board answers; what it was told last is no answer. */
function hasAnswered(evidence: Evidence | null): boolean {
  return evidence === 'ack' || evidence === 'read';
}

/** What draws is not disconnected, whoever declared it so. */
function metered(a: Appliance, drawsWhileOff: boolean): Appliance {
  if (drawsWhileOff) return { ...a, drawsWhileOff, retired: null };
  const next = { ...a, drawsWhileOff };
  return isReleased(next) ? { ...next, peakMw: 0 } : next;
}
