import type { Appliance, ApplianceSettings } from './model.ts';
import { channelKey } from './state.ts';

/** As it stands when it is declared: ordered off; a relay is unknown until it was read, a declared load is off. */
export function newAppliance(settings: ApplianceSettings, seq: number, wallMs: number): Appliance {
  return {
    ...settings,
    order: {
      isOn: false,
      generation: seq,
      isSettled: true,
      hasFailed: false,
      cause: 'request',
      asker: null,
    },
    observed: settings.relay === null ? 'off' : 'unknown',
    evidence: null,
    fault: null,
    disobeyed: false,
    drawsWhileOff: false,
    peakMw: 0,
    retired: null,
    updatedWallMs: wallMs,
  };
}

/**
 * After a start nothing is known of a relay; what was ordered stays ordered, and gets its attempts again. How far it is
 * believed stays, too: a start heals no contact.
 */
export function unseen(a: Appliance): Appliance {
  return { ...a, observed: 'unknown', evidence: null, fault: null, order: { ...a.order, hasFailed: false } };
}

export function channelOf(a: ApplianceSettings): string | null {
  return a.relay === null ? null : channelKey(a.relay.bus, a.relay.channel);
}
