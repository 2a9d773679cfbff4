import type { Clock } from '../../relay-drivers/clock.ts';
import type { Wiring } from '../../relay-drivers/diagnose.ts';
import type { Meter } from '../../relay-drivers/meters.ts';
import type { Input } from '../core/inputs.ts';
import type { State } from '../core/state.ts';

/** One entry of `meters`, ready to be listened to. */
export interface Metered {
  readonly meter: Meter;
  /** How often its line lets it be read; what it was asked for, or more. */
  readonly periodMs: number;
  readonly staleAfterMs: number;
  /** Null where nothing is known of how it is wired. */
  readonly wiring: Wiring | null;
  /** It comes over a network: no cable of ours is to be blamed. */
  readonly isOnNetwork?: true;
  /** A relay that a hand switched may go uncounted for so long: its board is polled, and some are slow. */
  readonly handNoticedMs: number;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Fed with every reading that finished, well or badly: the watchdog's second source. */
  readonly onExchange: () => void;
  /** A fault of ours: for the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

export interface MetersParts extends Surroundings {
  readonly meters: readonly Metered[];
  /** Committed; read, never changed. */
  readonly state: State;
  readonly tell: (input: Input) => void;
}
