import { addMqttUser, createToken, removeMqttUser, revokeToken } from './access.ts';
import { layHouse } from './configure.ts';
import { Deciding, type Decision, type Reply } from './decision.ts';
import type { Input } from './inputs.ts';
import { acquireLock } from './locks/acquire.ts';
import { cancelWait, locksDue, settleOpenLocks } from './locks/due.ts';
import { downgradeLock, forceReleaseLock, releaseLock, renewLock } from './locks/hold.ts';
import { addAppliance, changeAppliance, removeAppliance, retire } from './manage.ts';
import { background, measured, overload } from './metered.ts';
import type { Now } from './model.ts';
import { busLost, lapsed, readings, relayConfirmed, relayFailed, withdraw } from './relay.ts';
import { noteRestored } from './restored.ts';
import type { State } from './state.ts';
import { toggle } from './toggle.ts';

/**
 * The only code that knows the rules. Pure and synchronous: it advances the draft that it is given (see `draftOf`) and
 * returns the events that did so; whoever calls makes them durable, applies them to the committed state, and acts.
 */
export function decide(draft: State, input: Input, now: Now): Decision {
  const deciding = new Deciding(draft, now);
  const reply = react(deciding, input);
  settleOpenLocks(deciding);
  return deciding.decision(reply ?? deciding.done(deciding.events.at(-1), null, deciding.events.length > 0));
}

function react(d: Deciding, input: Input): Reply | undefined {
  switch (input.kind) {
    case 'toggle':
      return toggle(d, input);
    case 'add_appliance':
      return addAppliance(d, input);
    case 'change_appliance':
      return changeAppliance(d, input);
    case 'remove_appliance':
      return removeAppliance(d, input);
    case 'retire':
      return retire(d, input);
    case 'create_token':
      return createToken(d, input);
    case 'revoke_token':
      return revokeToken(d, input);
    case 'add_mqtt_user':
      return addMqttUser(d, input);
    case 'remove_mqtt_user':
      return removeMqttUser(d, input);
    case 'note_restored':
      return noteRestored(d, input);
    case 'acquire_lock':
      return acquireLock(d, input);
    case 'renew_lock':
      return renewLock(d, input);
    case 'release_lock':
      return releaseLock(d, input);
    case 'downgrade_lock':
      return downgradeLock(d, input);
    case 'force_release_lock':
      return forceReleaseLock(d, input);
    default:
      hear(d, input);
      return undefined;
  }
}

type Heard = Exclude<Input, { readonly who: unknown }>;

/** What nobody asked: the house as configured, and what relays and meters say. */
function hear(d: Deciding, input: Heard): void {
  switch (input.kind) {
    case 'configure':
      return layHouse(d, input);
    case 'relay_confirmed':
      return relayConfirmed(d, input);
    case 'relay_failed':
      return relayFailed(d, input);
    case 'readings':
      return readings(d, input);
    case 'bus_lost':
      return busLost(d, input);
    case 'measured':
      return measured(d, input);
    case 'background':
      return background(d, input);
    case 'overload':
      return overload(d, input);
    case 'withdraw':
      return withdraw(d, input);
    case 'lapsed':
      return lapsed(d, input);
    case 'cancel_wait':
      return cancelWait(d, input);
    case 'locks_due':
      return locksDue(d, input);
    case 'note_uptime':
      d.emit({ kind: 'uptime_noted' });
      return;
  }
}
