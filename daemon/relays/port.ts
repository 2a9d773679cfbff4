import type { Clock } from '../../relay-drivers/clock.ts';
import type { Wiring } from '../../relay-drivers/diagnose.ts';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { Input } from '../core/inputs.ts';
import type { LockTrouble } from '../core/locks/model.ts';

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

export type OffWithoutProof = 'hold' | 'release';

/** Whether bytes can flow at all; reconnecting is the line's business. */
export interface LineStates {
  readonly isOpen: boolean;
  onStateChange(
    listener: (state: { readonly isOpen: true } | { readonly isOpen: false; readonly reason: string }) => void,
  ): unknown;
}

/** How a board is; while it is lost, what is probably wrong and what to try. */
export interface BoardHealth {
  readonly id: string;
  readonly driver: string | null;
  readonly path: string | null;
  readonly up: boolean;
  readonly reason: string | null;
  readonly advice: string | null;
}

/** One entry of `buses`, ready to be supervised. */
export interface BoardParts {
  readonly bus: string;
  readonly driver: RelayDriver;
  /** For the words of a fault; absent where no wire is to be blamed. */
  readonly wiring?: Wiring;
  /** What it is and where, for people; `wiring` says it where there is one. */
  readonly named?: { readonly driver: string; readonly path: string };
  readonly line: LineStates;
  readonly clock: Clock;
  /** Null for a channel that no appliance is bound to. */
  readonly standing: (channel: number) => Standing | null;
  readonly tell: (input: Input) => void;
  /** The lock in the way of the standing order of an appliance now; null: it may leave. None where nobody says. */
  readonly lockAgainst?: (appliance: string) => LockTrouble | null;
  readonly switches: ReadonlyMap<number, SwitchBinding>;
  /** Where this board cannot be read back: are the watts of what it was told to switch off free? */
  readonly offWithoutProof: OffWithoutProof;
  /** Fed with every exchange that finished, well or badly: the watchdog's second source. */
  readonly onExchange: () => void;
  /** It is lost, and why; or found (null). For the log. */
  readonly onHealth?: (lostBecause: string | null) => void;
  /** A fault of ours: for the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
}
