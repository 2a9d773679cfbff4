import { DriverError } from '../relay-drivers/driver.ts';
import type { Device } from './core/model.ts';
import type { Bus } from './hub.ts';

const ADVICE = 'remove its appliances and adopt it again, or start the version of this program that adopted it';
/** It will not mend itself: it is asked so that it counts as lost, and for appliances that come later. */
const PACE = { pollMs: 60_000, lostPollMs: 60_000 } as const;

/** A device that another version of this program adopted. Its relays are unknown, so they count (S2), and it says why. */
export function undrivable({ id, channels, driver }: Device): Bus {
  const fail = () => Promise.reject(new DriverError('port_closed', WHY, undefined, undefined, ADVICE));
  return {
    id,
    driver: { channels, setCoil: fail, readCoils: fail, onReport: () => undefined, pace: PACE },
    named: { driver, path: id },
    line: { isOpen: true, onStateChange: () => undefined },
    switches: new Map(),
  };
}

const WHY = 'this version of the hub cannot drive what was adopted';
