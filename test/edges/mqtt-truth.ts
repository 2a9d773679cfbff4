import { Found } from './audit.ts';
import type { Transition } from './board.ts';

/** What hangs on a contact, and what it may draw. */
export interface Contact {
  readonly id: string;
  readonly watts: number;
  readonly channel: number;
  /** Of the device, the oldest first; all of them are on one clock. */
  readonly log: readonly Transition[];
}

export interface Peak {
  readonly watts: number;
  readonly moves: number;
}

/** Lays the histories of all devices side by side, and adds up what was closed at every moment (S1, the truth of it). */
export function peakOf(contacts: readonly Contact[], limitW: number): Peak {
  const moves = contacts.flatMap(({ id, watts, channel, log }) =>
    log
      .filter((move) => move.what === 'contact' && move.channel === channel)
      .map(({ at_ms, on }) => ({ id, watts, at_ms, on })),
  );
  // Of two at one moment the closing counts first: the worse of what it may have been.
  moves.sort((a, b) => a.at_ms - b.at_ms || Number(b.on) - Number(a.on));
  const closed = new Map<string, number>();
  let peakMw = 0;
  for (const { id, watts, on, at_ms } of moves) {
    if (on) closed.set(id, Math.round(watts * 1000));
    else closed.delete(id);
    const sumMw = [...closed.values()].reduce((sum, mw) => sum + mw, 0);
    peakMw = Math.max(peakMw, sumMw);
    if (sumMw > limitW * 1000)
      throw new Found(`at ${at_ms} ms ${sumMw / 1000} W were on: ${[...closed.keys()].join(', ')}`);
  }
  return { watts: peakMw / 1000, moves: moves.length };
}
