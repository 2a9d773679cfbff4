import type { DiscoveredView } from '../wire.ts';

/** A found device with something left to add. */
export interface Adoptable {
  readonly device: DiscoveredView;
  /** Never empty. */
  readonly free: DiscoveredView['channels'];
}

/** In the order of the alphabet, so that a row never moves because another device comes or goes. */
export function adoptables(devices: readonly DiscoveredView[]): readonly Adoptable[] {
  return devices
    .map((device) => ({ device, free: device.channels.filter(({ appliance }) => appliance === null) }))
    .filter(({ free }) => free.length > 0)
    .sort((a, b) => a.device.name.localeCompare(b.device.name) || a.device.id.localeCompare(b.device.id));
}
