import { PLUG_ABSENCE } from './plug-absence.ts';
import { PLUG_DOUBTS } from './plug-doubts.ts';
import { PLUG_POWER } from './plug-power.ts';
import { PLUG_SWITCHING } from './plug-switching.ts';

/** What every family of devices on MQTT keeps. */
export const PLUG_CASES = [...PLUG_SWITCHING, ...PLUG_ABSENCE, ...PLUG_DOUBTS, ...PLUG_POWER];
