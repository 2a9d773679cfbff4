import type { Event, Figures } from './events.ts';
import { grantsOf } from './locks/describe.ts';
import type { Evidence } from './model.ts';
import { ASSUMED } from './readings.ts';
import type { DecisionView } from './views.ts';
import { toWatts } from './watts.ts';

type Outcome = DecisionView['outcome'];
type Told = Pick<DecisionView, 'outcome' | 'code' | 'reason' | 'is_on'> & { readonly figures?: Figures | undefined };

/** One event as a line of the audit trail. Secrets have no place in it: a token shows its id and name. */
export function showDecision(event: Event): DecisionView {
  const { figures, ...told } = tell(event);
  return {
    seq: event.seq,
    at: new Date(event.wallMs).toISOString(),
    kind: event.kind,
    source: event.who?.source ?? 'hub',
    actor: event.who?.name ?? null,
    appliance: applianceOf(event),
    ...told,
    circuit: figures?.circuit ?? ('circuit' in event ? event.circuit : null),
    requested_w: figures === undefined ? null : toWatts(figures.requestedMw),
    exceeded_by_w: figures === undefined ? null : toWatts(figures.exceededByMw),
    reserved_w: toWatts(figures?.reservedMw ?? event.reservedMw),
    limit_w: toWatts(figures?.limitMw ?? event.limitMw),
    ...fencing(event),
  };
}

function fencing(event: Event): Pick<DecisionView, 'fencing_tokens'> {
  const shown = 'request' in event ? (event.request?.claims ?? []) : grantsOf(event);
  if (shown.length === 0) return {};
  return { fencing_tokens: shown.map(({ resource, token }) => ({ resource, fencing_token: token })) };
}

export function applianceOf(event: Event): string | null {
  if ('appliance' in event) return event.appliance;
  return 'settings' in event ? event.settings.id : null;
}

function told(
  outcome: Outcome,
  isOn: boolean | null,
  reason: string | null,
  code: string | null = null,
  figures?: Figures,
): Told {
  return { outcome, is_on: isOn, reason, code, figures };
}

function tell(event: Event): Told {
  switch (event.kind) {
    case 'ordered':
      return told('granted', event.isOn, event.cause, null, event.figures);
    case 'refused':
      return told('refused', event.request.isOn, event.refusal.detail, event.refusal.code, event.refusal.figures);
    case 'unchanged':
      return told(
        'unchanged',
        event.request.isOn,
        event.joins === null ? 'it was so already' : 'the same order is under way',
      );
    case 'confirmed':
      return told('confirmed', event.isOn, proofWords(event.isOn, event.evidence));
    case 'failed':
      return told('failed', event.isOn, event.fault, 'relay_unreachable');
    case 'withdrawn':
      return event.lock === undefined
        ? told('failed', true, 'the ledger was too slow', 'ledger_unavailable')
        : told('failed', null, `the lock "${event.lock.resource}" was lost before the relay was told`, 'locked');
    case 'observed':
      return told('observed', event.reading === 'unknown' ? null : event.reading === 'on', event.reason, event.fault);
    case 'retired':
      return told('recorded', null, event.reason);
    case 'lock_acquired':
      return told(event.pending === null ? 'granted' : 'recorded', null, lockNote(event));
    case 'lock_confirmed':
      return told('granted', null, lockNote(event));
    default:
      return told('recorded', null, note(event) ?? lockNote(event));
  }
}

/** `kitchen-scene, token 7`: what it is about, and what became of it. */
function lockNote(event: Event): string | null {
  switch (event.kind) {
    case 'lock_queued':
      return `waits for ${event.waiter.wish.resources.join(', ')}`;
    case 'lock_wait_ended':
      return event.why;
    case 'lock_acquired':
      return event.grants.map(({ resource, token }) => `${resource}, token ${token}, ${event.wish.mode}`).join('; ');
    case 'lock_confirmed':
      return `${event.resource}, token ${event.token}: all of it is confirmed off`;
    case 'lock_downgraded':
      return `${event.resource}, token ${event.token}, now shared with token ${event.next}`;
    case 'lock_renewed':
    case 'lock_expired':
      return `${event.resource}, token ${event.token}`;
    case 'lock_released':
      return `${event.resource}, token ${event.token}${event.reason === null ? '' : `: ${event.reason}`}`;
    case 'lock_forced':
      return `${event.resource}, token${event.tokens.length === 1 ? '' : 's'} ${event.tokens.join(', ')}: ${event.reason}`;
    case 'lock_delay_over':
      return event.resource;
    default:
      return null;
  }
}

function proofWords(isOn: boolean, evidence: Evidence): string {
  switch (evidence) {
    case 'ack':
      return 'the board acknowledged';
    case 'read':
      return 'read back';
    case 'assumed':
      return ASSUMED;
    case 'unproven':
      return isOn ? ASSUMED : `${ASSUMED}, so its watts stay counted`;
  }
}

function note(event: Event): string | null {
  switch (event.kind) {
    case 'token_created':
      return `${event.token.use} ${event.token.id} for ${event.token.name} (${event.token.role})`;
    case 'token_revoked':
      return event.id;
    case 'device_adopted':
      return `${event.device.driver} ${event.device.id}`;
    case 'device_forgotten':
      return event.id;
    case 'mqtt_user_added':
      return `MQTT user ${event.user.name} (${event.user.role})`;
    case 'mqtt_user_removed':
      return event.name;
    case 'restored':
      return `from a backup of the ledger ${event.fromOrigin} up to event ${event.fromSeq}: what was decided after it is not known`;
    case 'peak_measured':
      return `measured ${toWatts(event.peakMw)} W`;
    case 'uptime_noted':
      return 'so that leases end in time after a crash, too';
    case 'background_measured':
      return `circuit ${event.circuit}: ${toWatts(event.powerMw)} W measured beside its appliances`;
    case 'appliance_added':
    case 'appliance_changed':
      return `${event.settings.name}, ${toWatts(event.settings.ratedMw)} W`;
    default:
      return null;
  }
}
