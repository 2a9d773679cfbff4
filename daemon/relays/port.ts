import type { Clock } from '../../relay-drivers/clock.ts';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { Input } from '../core/inputs.ts';

/** The standing order of a channel, as committed. */
export interface Standing {
  readonly appliance: string;
  readonly generation: number;
  readonly isOn: boolean;
  readonly isSettled: boolean;
  readonly isConfirmedOff: boolean;
}

/** What a wall switch on a board's input does to its appliance. */
export interface SwitchBinding {
  readonly appliance: string;
  /** `toggle`: each press flips. `follow`: closed is on, open is off. */
  readonly mode: 'toggle' | 'follow';
}

/** Whether bytes can flow at all; reconnecting is the line's business. */
export interface LineStates {
  readonly isOpen: boolean;
  onStateChange(
    listener: (state: { readonly isOpen: true } | { readonly isOpen: false; readonly reason: string }) => void,
  ): unknown;
}

/** One entry of `buses`, ready to be supervised. */
export interface BoardParts {
  readonly bus: string;
  readonly driver: RelayDriver;
  readonly line: LineStates;
  readonly clock: Clock;
  /** Null for a channel that no appliance is bound to. */
  readonly standing: (channel: number) => Standing | null;
  readonly tell: (input: Input) => void;
  readonly switches: ReadonlyMap<number, SwitchBinding>;
  /** Fed with every exchange that finished, well or badly: the watchdog's second source. */
  readonly onExchange: () => void;
  /** A fault of ours: for the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
}
