import type { DecisionView } from '../wire.ts';
import { onOff } from './appliance.ts';
import { sayLockDecision } from './lock-decision.ts';
import { sayDuration } from './time.ts';
import { sayWatts } from './watts.ts';

/** A line of the list: a decision, and the relay's confirmation where it followed. */
export interface DecisionLine {
  readonly decision: DecisionView;
  readonly confirmedAfterMs: number | null;
}

export interface DecisionWords {
  readonly text: string;
  readonly outcome: string;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly reason: string | null;
}

/** Newest first in and out: a confirmation is told by the line of the order that it confirms; `uptime_noted` tells nothing. */
export function foldConfirmations(newestFirst: readonly DecisionView[]): readonly DecisionLine[] {
  const lines: DecisionLine[] = [];
  const waiting = new Map<string, DecisionView>();
  for (const decision of newestFirst) {
    if (decision.kind === 'uptime_noted') continue;
    const appliance = decision.appliance ?? '';
    const confirmation = waiting.get(appliance);
    if (decision.outcome === 'granted' && confirmation?.is_on === decision.is_on) {
      lines.push({ decision, confirmedAfterMs: Date.parse(confirmation.at) - Date.parse(decision.at) });
      waiting.delete(appliance);
    } else if (decision.outcome === 'confirmed') {
      // A second one of the same appliance: the first has no order in this list.
      if (confirmation !== undefined) lines.push(alone(confirmation));
      waiting.set(appliance, decision);
    } else lines.push(alone(decision));
  }
  for (const confirmation of waiting.values()) lines.push(alone(confirmation));
  return lines.sort((a, b) => b.decision.seq - a.decision.seq);
}

function alone(decision: DecisionView): DecisionLine {
  return { decision, confirmedAfterMs: null };
}

const SOURCES: Record<string, string> = {
  http: 'API',
  panel: 'panel',
  mqtt: 'MQTT',
  wall_switch: 'wall switch',
  cli: 'command line',
};

export function sayDecision(
  { decision, confirmedAfterMs }: DecisionLine,
  nameOf: (id: string) => string,
): DecisionWords {
  const name = decision.appliance === null ? null : nameOf(decision.appliance);
  const { text, reason } = sayLockDecision(decision, sayWho(decision), nameOf) ?? {
    text: sayWhat(decision, name),
    reason: sayReason(decision),
  };
  return { text, ...sayOutcome(decision, confirmedAfterMs), reason };
}

function sayWho({ source, actor }: DecisionView): string {
  if (source === 'hub') return 'The hub';
  const how = SOURCES[source] ?? source;
  return `${actor ?? 'Someone'} (${how})`;
}

function sayWhat(d: DecisionView, name: string | null): string {
  const subject = name ?? 'The hub';
  const wanted = d.is_on === null ? `change ${subject}` : `switch ${subject} ${onOff(d.is_on)}`;
  switch (d.kind) {
    case 'ordered':
      return sayOrder(d, subject);
    case 'refused':
      return `${sayWho(d)} wanted to ${wanted}`;
    case 'unchanged':
      return `${sayWho(d)} asked to ${wanted}`;
    case 'confirmed':
      return `${subject} is ${onOff(d.is_on === true)}`;
    case 'failed':
      return `${subject} did not switch ${onOff(d.is_on === true)}`;
    case 'withdrawn':
      return `${subject}: the order was taken back before it was sent`;
    case 'observed':
      return d.is_on === null ? `The state of ${subject} is unknown` : `${subject} was seen ${onOff(d.is_on)}`;
    case 'retired':
      return `${sayWho(d)} declared the relay of ${subject} disconnected`;
    default:
      return sayRecord(d, subject);
  }
}

/** What the hub orders of itself has a cause; two of them only follow what a relay already did. */
function sayOrder(d: DecisionView, subject: string): string {
  if (d.reason === 'adopted') return `${subject} went on by itself, and it fits`;
  if (d.reason === 'read_off') return `${subject} was found off`;
  return `${sayWho(d)} switched ${subject} ${onOff(d.is_on === true)}`;
}

const RECORDS: Record<string, string> = {
  appliance_added: 'was added',
  appliance_changed: 'was changed',
  appliance_removed: 'was removed',
  peak_measured: 'drew more than ever since it went on',
};

function sayRecord(d: DecisionView, subject: string): string {
  if (d.kind === 'configured') return `The hub started with a limit of ${sayWatts(d.limit_w)}`;
  if (d.kind === 'background_measured') return 'A meter told what is drawn beside the appliances';
  if (d.kind === 'device_adopted') return `${sayWho(d)} took a found device in`;
  if (d.kind === 'device_forgotten') return 'A device that nothing hangs on was forgotten';
  if (d.kind === 'mqtt_user_added') return `${sayWho(d)} let someone in on MQTT`;
  if (d.kind === 'mqtt_user_removed') return `${sayWho(d)} shut someone out of MQTT`;
  if (d.kind === 'restored') return 'The ledger was restored from a backup';
  if (d.kind === 'token_created') return `${sayWho(d)} ${isSession(d) ? 'signed in' : 'made an access token'}`;
  if (d.kind === 'token_revoked')
    return `${sayWho(d)} ${isSession(d) ? 'ended a session' : 'took an access token back'}`;
  return `${subject} ${RECORDS[d.kind] ?? d.kind.replaceAll('_', ' ')}`;
}

/** A session is told as `session <id> ...` when it begins; its id carries that of the token it came from, after a dot. */
function isSession({ reason }: DecisionView): boolean {
  return reason !== null && (reason.startsWith('session ') || /^\S+\.\S+$/.test(reason));
}

/** Orders that only follow what a relay did of itself: nobody asked, so nothing was granted. */
function isAfterTheFact({ kind, reason }: DecisionView): boolean {
  return kind === 'ordered' && (reason === 'adopted' || reason === 'read_off');
}

function sayOutcome(d: DecisionView, confirmedAfterMs: number | null): Pick<DecisionWords, 'outcome' | 'tone'> {
  if (isAfterTheFact(d)) return { outcome: 'Seen', tone: 'plain' };
  switch (d.outcome) {
    case 'granted':
      return confirmedAfterMs === null
        ? { outcome: 'Granted', tone: 'good' }
        : { outcome: `Done in ${sayDuration(confirmedAfterMs)}`, tone: 'good' };
    case 'refused':
      return { outcome: 'Refused', tone: 'bad' };
    case 'failed':
      return { outcome: 'Failed', tone: 'bad' };
    case 'confirmed':
      return { outcome: 'Confirmed', tone: 'good' };
    case 'unchanged':
      return { outcome: 'Was so already', tone: 'plain' };
    case 'observed':
      return { outcome: 'Seen', tone: 'plain' };
    case 'recorded':
      return { outcome: 'Recorded', tone: 'plain' };
  }
}

/** The hub's own words for a cause or a fault, where the line does not tell it already. */
const REASONS: Record<string, string | null> = {
  request: null,
  adopted: null,
  read_off: null,
  shed: 'More was on than the limit allows',
  on_failed: 'It did not confirm that it is on',
  unasked: 'Nobody had asked for it to be on',
  retired: 'Its relay is out of service',
  lockout: 'It is locked out',
  withdrawn: 'The order could not be recorded in time',
  unreachable: 'The relay does not answer',
  'reads on': null,
  'reads off': null,
  stuck_on: 'The relay still reads on',
  stuck_off: 'The relay still reads off',
};

function sayReason(d: DecisionView): string | null {
  if (d.kind.startsWith('token_') && isSession(d)) return null;
  if (d.reason !== null && d.reason in REASONS) return REASONS[d.reason] ?? null;
  if (d.code !== 'capacity_exceeded' || d.requested_w === null || d.exceeded_by_w === null) return d.reason;
  return `${sayWatts(d.requested_w)} asked, ${sayWatts(d.reserved_w)} of ${sayWatts(d.limit_w)} in use: ${sayWatts(d.exceeded_by_w)} too much`;
}
