import { drawMw, isAssumed, isConfirmedOff, isReleased, reservedMw } from './capacity.ts';
import type { Standing } from './events.ts';
import { type Appliance, type Fault, HOUSE } from './model.ts';
import { busOf, type State } from './state.ts';
import type { ApplianceView, CircuitView, LoadStatus, LoadView, RelayState } from './views.ts';
import { toWatts } from './watts.ts';

/** What the relay is doing, in the five words of the contract. */
export function relayState(a: Appliance): RelayState {
  if (a.retired !== null) return 'unknown';
  if (a.order.isSettled) return a.drawsWhileOff && a.observed === 'off' ? 'on' : a.observed;
  if (a.order.isOn) return a.observed === 'unknown' || a.order.hasFailed ? 'unknown' : 'turning_on';
  if (!a.order.hasFailed) return 'turning_off';
  return a.observed === 'on' ? 'on' : 'unknown';
}

/** Whatever its register reads, its contact does not open. */
function shownFault({ fault, relay, order, drawsWhileOff }: Appliance): Fault | null {
  return fault ?? (drawsWhileOff && relay !== null && !order.isOn ? 'stuck_on' : null);
}

function powerW(a: Appliance, measuredMw: number | null): number | null {
  if (measuredMw !== null) return toWatts(measuredMw);
  if (isConfirmedOff(a)) return isReleased(a) ? 0 : null;
  return a.observed === 'on' || a.drawsWhileOff ? toWatts(drawMw(a)) : null;
}

/** `measuredMw`: what a meter of its own says now; it stands in no event, so the kept answers know nothing of it. */
export function showAppliance(state: State, a: Appliance, measuredMw: number | null = null): ApplianceView {
  return {
    id: a.id,
    name: a.name,
    room: a.room,
    icon: a.icon,
    wattage: toWatts(a.ratedMw),
    circuit: a.circuit,
    priority: a.priority,
    protected: a.isProtected,
    relay: a.relay,
    on_power_loss: a.onPowerLoss,
    is_on: a.order.isOn,
    relay_state: relayState(a),
    verified: !isAssumed(a),
    fault: shownFault(a),
    retired: a.retired,
    simulated: a.relay !== null && busOf(state, a.relay.bus)?.isSimulated === true,
    reserved_w: toWatts(reservedMw(a)),
    power_w: powerW(a, measuredMw),
    updated_at: new Date(a.updatedWallMs).toISOString(),
  };
}

function status(reserved: number, nearLimitMw: number, limitMw: number): LoadStatus {
  if (reserved > limitMw) return 'over_limit';
  return reserved >= nearLimitMw ? 'near_limit' : 'safe';
}

/** `measuredMw`: what the meter of the house says now. */
export function showLoad(state: State, measuredMw: number | null = null): LoadView {
  const { limitMw, nearLimitMw } = state.household;
  const reserved = state.circuits.get(HOUSE)?.reservedMw ?? 0;
  return {
    limit_w: toWatts(limitMw),
    near_limit_w: toWatts(nearLimitMw),
    reserved_w: toWatts(reserved),
    measured_w: measuredMw === null ? null : toWatts(measuredMw),
    headroom_w: toWatts(Math.max(0, limitMw - reserved)),
    utilization: limitMw === 0 ? 0 : Math.round((reserved / limitMw) * 10_000) / 10_000,
    status: status(reserved, nearLimitMw, limitMw),
    circuits: showCircuits(state),
  };
}

/** The circuits below the house; each is near its limit at the same share as the house. */
function showCircuits(state: State): CircuitView[] {
  const { limitMw: houseMw, nearLimitMw, circuits } = state.household;
  const nearRatio = houseMw === 0 ? 1 : nearLimitMw / houseMw;
  return circuits.map(({ id }) => {
    const { parent = HOUSE, limitMw = 0, reservedMw: reserved = 0 } = state.circuits.get(id) ?? {};
    return {
      id,
      parent,
      limit_w: toWatts(limitMw),
      reserved_w: toWatts(reserved),
      headroom_w: toWatts(Math.max(0, limitMw - reserved)),
      status: status(reserved, limitMw * nearRatio, limitMw),
    };
  });
}

/** How an appliance and the house stand: the shared part of the answers. */
export function standing(state: State, applianceId: string): Standing | null {
  const appliance = state.appliances.get(applianceId);
  return appliance === undefined ? null : { appliance: showAppliance(state, appliance), load: showLoad(state) };
}
