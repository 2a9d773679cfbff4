import type { DeviceState } from './cli/ports.ts';
import type { HubPort } from './http/port.ts';

/** Boards and meters as the hub has them, for `voltsafe doctor`. */
export function deviceStates(hub: Pick<HubPort, 'health' | 'meters'>): DeviceState[] {
  const boards = hub.health().buses.map(({ id, up, reason, advice }) => ({
    name: `board ${id}`,
    isWell: up,
    what: up ? 'answers' : (reason ?? 'was not read yet'),
    advice,
  }));
  const meters = hub.meters().map(({ id, stale, fault, power_w }) => ({
    name: `meter ${id}`,
    isWell: !stale && fault === null,
    what: fault ?? (stale ? 'has said nothing for too long' : `says ${power_w} W`),
    advice: stale || fault !== null ? 'check its power, its cable and its settings' : null,
  }));
  return [...boards, ...meters];
}
