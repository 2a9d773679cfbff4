import { isHeld } from '../state/load-parts.ts';
import type { Pending } from '../state/toggle.ts';
import type { ApplianceView } from '../wire.ts';
import { sayMeasured, sayWatts } from './watts.ts';

export type StateIcon = 'off' | 'on' | 'moving' | 'unknown' | 'fault';

export interface StateWords {
  readonly word: string;
  readonly icon: StateIcon;
  /** What a person should know or do beside the word; null when the word says it all. */
  readonly note: string | null;
}

/** The hub's word on an appliance; while a toggle is on its way, that it was asked. */
export function sayState(a: ApplianceView, pending: Pending | null): StateWords {
  if (pending !== null) return { ...settledWords(a), word: `Asked to switch ${onOff(pending.wantOn)}`, icon: 'moving' };
  return settledWords(a);
}

function settledWords(a: ApplianceView): StateWords {
  if (a.retired !== null) {
    return {
      word: 'Relay disconnected',
      icon: 'unknown',
      note: `Taken out of service: ${a.retired}. It is not counted.`,
    };
  }
  if (a.fault !== null) return faultWords(a, a.fault);
  switch (a.relay_state) {
    case 'off':
      return a.verified ? { word: 'Off', icon: 'off', note: null } : assumedOff(a);
    case 'turning_on':
      return { word: 'Turning on', icon: 'moving', note: null };
    case 'on':
      return a.verified
        ? { word: 'On', icon: 'on', note: null }
        : { word: 'On, assumed', icon: 'on', note: `${ASSUMED}.` };
    case 'turning_off':
      return { word: 'Turning off', icon: 'moving', note: null };
    case 'unknown':
      return {
        word: 'State unknown',
        icon: 'unknown',
        note: `${sayWatts(a.reserved_w)} are counted until the relay answers.`,
      };
  }
}

/** Of a board without a way to ask it, a state is only what it was last told. */
const ASSUMED = 'Assumed: this board cannot be read back';

function assumedOff(a: ApplianceView): StateWords {
  const held = `, so nothing proves that it is off, and its ${sayWatts(a.reserved_w)} stay counted`;
  return { word: 'Off, assumed', icon: 'off', note: `${ASSUMED}${isHeld(a) ? held : ''}.` };
}

function faultWords(a: ApplianceView, fault: NonNullable<ApplianceView['fault']>): StateWords {
  const counted = a.reserved_w > 0 ? ` ${sayWatts(a.reserved_w)} stay counted.` : '';
  switch (fault) {
    case 'unreachable':
      return {
        word: 'Unreachable',
        icon: 'fault',
        note: `The relay does not answer, so its state is unknown.${counted}`,
      };
    case 'stuck_on':
      return {
        word: 'Stuck on',
        icon: 'fault',
        note: `It was told to switch off and still reads on.${counted} Unplug it.`,
      };
    case 'stuck_off':
      return { word: 'Stuck off', icon: 'fault', note: `It was told to switch on and did not.${counted}` };
  }
}

export function onOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

export interface FigureWords {
  readonly watts: string;
  readonly meaning: 'measured' | 'draws' | 'counted' | 'needs';
}

/** The figure on a row: what its own meter says, what it draws, what it is counted with, or what it would need. */
export function sayFigure(a: ApplianceView, isMeasured = false): FigureWords {
  if (isMeasured && a.power_w !== null && a.power_w !== 0) {
    return { watts: sayMeasured(a.power_w), meaning: 'measured' };
  }
  if (a.power_w !== null && a.power_w > 0) return { watts: sayWatts(a.power_w), meaning: 'draws' };
  if (a.reserved_w > 0) return { watts: sayWatts(a.reserved_w), meaning: 'counted' };
  return { watts: sayWatts(a.wattage), meaning: 'needs' };
}
