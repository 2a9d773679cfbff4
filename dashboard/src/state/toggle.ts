import type { ApplianceView } from '../wire.ts';

/** A toggle that was asked and not yet answered. */
export interface Pending {
  readonly wantOn: boolean;
  /** The commit at which the appliance was shown when it was asked. */
  readonly askedAtSeq: number;
}

/** As the hub rules for its wall switches: confirmed off goes on, anything else goes off. A press under an asked ON takes it back. */
export function nextWant(appliance: ApplianceView, pending: Pending | null): boolean {
  return pending === null && appliance.relay_state === 'off';
}

/** The hub has already said, over the live feed, that what was asked is so. */
export function isSettled(appliance: ApplianceView, seq: number, pending: Pending): boolean {
  return seq > pending.askedAtSeq && appliance.relay_state === (pending.wantOn ? 'on' : 'off');
}

/** Something is under way: asked here, or ordered by anyone. */
export function isMoving(appliance: ApplianceView, pending: Pending | null): boolean {
  return pending !== null || appliance.relay_state === 'turning_on' || appliance.relay_state === 'turning_off';
}

/** What the switch says to a screen reader: on until it is confirmed off, off until it is confirmed on. */
export function isShownOn(appliance: ApplianceView): boolean {
  return appliance.relay_state !== 'off' && appliance.relay_state !== 'turning_on';
}
