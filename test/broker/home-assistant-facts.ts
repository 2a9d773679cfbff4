import type { ApplianceFacts, HubFacts } from '../../daemon/broker/home-assistant/port.ts';
import type { ApplianceView, CircuitView, LoadView } from '../../daemon/core/views.ts';

/** What stands in a state topic. */
export type StatePayload = Pick<ApplianceView, 'is_on' | 'relay_state' | 'fault' | 'power_w' | 'updated_at'> & {
  readonly energy_wh: number | null;
  readonly refusal: { readonly code: string; readonly detail: string; readonly at: string } | null;
};

export const HUB_FACTS: HubFacts = {
  ...{ id: 'home', name: 'Casa', version: '0.1.0', panelUrl: 'http://192.168.1.5:8080' },
  ...{ isMetered: true, circuits: ['kitchen', 'oven_2'] },
};

export const OVEN: ApplianceFacts = {
  ...{ id: 'oven', name: 'Forno "grande"', room: 'Cucina', hasCounter: true, isSimulated: false },
};

export const REFUSAL = {
  code: 'capacity_exceeded',
  detail: 'oven needs 3000 W; 4200 of 5000 W are reserved',
  at: '2026-03-01T10:00:00.123Z',
};

export function stateOf(over: Partial<StatePayload> = {}): string {
  const state: StatePayload = {
    ...{ is_on: false, relay_state: 'off', fault: null, power_w: 0, energy_wh: 1234.5, refusal: null },
    updated_at: '2026-03-01T10:00:00.000Z',
    ...over,
  };
  return JSON.stringify(state);
}

export function loadOf(over: Partial<LoadView> = {}): string {
  const circuit = { parent: 'house', limit_w: 3600, status: 'safe' } as const;
  const circuits: CircuitView[] = [
    { ...circuit, id: 'oven_2', reserved_w: 0, headroom_w: 3600 },
    { ...circuit, id: 'kitchen', reserved_w: 1200.5, headroom_w: 2399.5 },
  ];
  const load: LoadView = {
    ...{ limit_w: 5000, near_limit_w: 4000, reserved_w: 1200.5, measured_w: -350.25, headroom_w: 3799.5 },
    ...{ utilization: 0.2401, status: 'safe', circuits },
    ...over,
  };
  return JSON.stringify(load);
}
