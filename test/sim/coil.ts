import type { Claim } from '../../daemon/core/model.ts';
import type { Transition } from '../../relay-drivers/simulator/relay-bank.ts';

/** What is known of a coil besides its register: how it came to be closed. */
export interface Coil {
  readonly bus: string;
  readonly channel: number;
  /** A command that came back to it may not be overruled by what is on its way. */
  readonly isPlug: boolean;
  isClosed: boolean;
  /** Closed by a hand on the board (or a stranger, or its own power), and nobody granted it yet. */
  byHand: boolean;
  /** A hand was on it since its last order, or it was jammed: a reading of that time may be decided after it came free. */
  touched: boolean;
  /** Its output was jammed: the board acknowledged what it did not do. */
  jammed: boolean;
  /** Until then it may be believed to be what it is not: it said so itself. */
  liesUntilMs: number;
}

/** `hub`: by a command of it. `hand`: whoever else closes contacts. `nobody`: what opens by itself. */
export type By = 'hub' | 'hand' | 'nobody';

/** The latest order of an appliance, as the ledger has it. */
export interface Ordered {
  readonly generation: number;
  readonly asker: { readonly principal: string; readonly source: string; readonly claims: readonly Claim[] } | null;
  readonly isOn: boolean;
  readonly cause: string;
  readonly atMs: number;
  readonly boot: number;
}

export function whoseIs(cause: Transition['cause']): By {
  if (cause === 'write') return 'hub';
  return cause === 'button' ? 'hand' : 'nobody';
}

/** Of a plug that no command of a hub moved: a stranger's did, or it came back as it was. */
export function whoseIsIt(cause: Transition['cause']): By {
  return cause === 'power_cut' || cause === 'fault' ? 'nobody' : 'hand';
}
