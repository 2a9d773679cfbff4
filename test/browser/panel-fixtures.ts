import type {
  ApplianceView,
  BusView,
  DecisionView,
  DiscoveredView,
  EventMessage,
  LoadView,
  MeterMessage,
  MeterView,
  SnapshotMessage,
  ToggleAnswer,
} from '../../dashboard/src/wire.ts';

/** What a hub would say, with the fields that a test does not care about filled in. */

export const AT = '2026-03-01T12:00:00.000Z';

export function appliance(id: string, fields: Partial<ApplianceView> = {}): ApplianceView {
  return {
    id,
    name: id,
    room: null,
    icon: null,
    wattage: 1000,
    circuit: 'house',
    priority: 50,
    protected: false,
    relay: { bus: 'main', channel: 1 },
    on_power_loss: 'stay_off',
    is_on: false,
    relay_state: 'off',
    verified: true,
    fault: null,
    retired: null,
    simulated: false,
    reserved_w: 0,
    power_w: 0,
    updated_at: AT,
    ...fields,
  };
}

export function on(id: string, wattage: number, fields: Partial<ApplianceView> = {}): ApplianceView {
  return appliance(id, {
    wattage,
    is_on: true,
    relay_state: 'on',
    reserved_w: wattage,
    power_w: wattage,
    ...fields,
  });
}

export function load(reservedW: number, fields: Partial<LoadView> = {}): LoadView {
  return {
    limit_w: 5000,
    near_limit_w: 4000,
    reserved_w: reservedW,
    measured_w: null,
    headroom_w: Math.max(0, 5000 - reservedW),
    utilization: reservedW / 5000,
    status: reservedW > 5000 ? 'over_limit' : reservedW >= 4000 ? 'near_limit' : 'safe',
    circuits: [],
    ...fields,
  };
}

export function circuit(id: string, limitW: number, reservedW: number, parent = 'house'): LoadView['circuits'][number] {
  const headroom = Math.max(0, limitW - reservedW);
  return { id, parent, limit_w: limitW, reserved_w: reservedW, headroom_w: headroom, status: 'safe' };
}

export function decision(seq: number, fields: Partial<DecisionView> = {}): DecisionView {
  return {
    seq,
    at: AT,
    kind: 'ordered',
    source: 'panel',
    actor: 'Marta',
    appliance: 'oven',
    outcome: 'granted',
    code: null,
    reason: null,
    is_on: true,
    circuit: null,
    requested_w: null,
    exceeded_by_w: null,
    reserved_w: 0,
    limit_w: 5000,
    ...fields,
  };
}

/** A house meter of one phase, read just now, that draws `powerW`. */
export function meter(id: string, powerW: number | null, fields: Partial<MeterView> = {}): MeterView {
  return {
    id,
    driver: 'dsmr-p1',
    measures: 'house',
    power_w: powerW,
    phases: [],
    energy_import_wh: null,
    energy_export_wh: null,
    stale: false,
    fault: null,
    at: AT,
    ...fields,
  };
}

export function reading(id: string, powerW: number | null, fields: Partial<MeterView> = {}): MeterMessage {
  return { type: 'meter', ...meter(id, powerW, fields) };
}

export function bus(id: string, fields: Partial<BusView> = {}): BusView {
  return {
    id,
    kind: 'board',
    driver: 'modbus-coils',
    path: '/dev/ttyUSB0',
    up: true,
    reason: null,
    advice: null,
    ...fields,
  };
}

/** A plug of one free channel that measures. */
export function found(id: string, fields: Partial<DiscoveredView> = {}): DiscoveredView {
  return {
    id,
    driver: 'tasmota',
    name: id,
    model: null,
    channels: [{ channel: 1, name: null, appliance: null }],
    measures_power: true,
    adopted: false,
    simulated: false,
    ...fields,
  };
}

export function snapshot(
  seq: number,
  appliances: readonly ApplianceView[],
  of: LoadView = load(0),
  meters: readonly MeterView[] = [],
  discovered: readonly DiscoveredView[] = [],
): SnapshotMessage {
  const hub = { id: 'home', name: 'Home', version: '0.1.0', simulated: true };
  const beside = { meters: [...meters], discovered: [...discovered], locks: [] };
  return { type: 'snapshot', seq, hub, load: of, appliances: [...appliances], ...beside };
}

export function event(seq: number, view: ApplianceView | null, of: LoadView): EventMessage {
  const about = { decision: decision(seq), appliance: view, appliance_id: view?.id ?? null };
  return { type: 'event', seq, at: AT, kind: 'ordered', ...about, load: of, lock: null };
}

export function answer(seq: number | null, view: ApplianceView, of: LoadView): ToggleAnswer {
  return { appliance: view, changed: true, load: of, decision: { seq, at: AT } };
}
