import type { Case } from './case.ts';
import { CABLES } from './relay-cables.ts';
import { FAULTS } from './relay-faults.ts';
import { SWITCHING } from './relay-switching.ts';
import type { RelaySubject } from './relay-world.ts';

/** What every family of relays keeps. */
export const RELAY_CASES: readonly Case<RelaySubject>[] = [...SWITCHING, ...FAULTS, ...CABLES];
