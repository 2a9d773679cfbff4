import { Found } from './audit.ts';
import type { Transition } from './board.ts';
import type { Decision } from './client.ts';

export interface Bound {
  readonly id: string;
  readonly channel: number;
  readonly watts: number;
}

/** What became true between two moments at which all was at rest. */
export interface Span {
  readonly decisions: readonly Decision[];
  readonly moves: readonly Transition[];
  /** A commit hung: OFFs may have gone out before they were recorded, and the record may have died with the hub (S7). */
  readonly hasStalled: boolean;
  /** Frames were lost until the hub was killed: an OFF may have failed, for a while. */
  readonly wasNoisy: boolean;
}

/**
 * Holds what the simulated board did against what the ledger ordered. It needs no common clock: both histories are in
 * order, and orders of one appliance reach its relay in the order in which they were decided.
 */
export class WireWatch {
  readonly #bound: readonly Bound[];
  readonly #limitW: number;
  /** By channel: what was ordered when all was at rest. */
  readonly #standing = new Map<number, boolean>();
  readonly #closed = new Set<number>();
  readonly counts = { ons: 0, offs: 0, byHand: 0 };

  /** `limitW`: what is left for the relays. */
  constructor(bound: readonly Bound[], limitW: number) {
    this.#bound = bound;
    this.#limitW = limitW;
  }

  /** All is at rest again. Checks each move since, and the sum at each of them. */
  check(span: Span): void {
    for (const appliance of this.#bound) this.#checkOrders(appliance, span);
    this.#checkSums(span.moves);
    this.#checkFailures(span);
  }

  /** On a line that loses nothing no OFF fails, a restart included. */
  #checkFailures({ decisions, wasNoisy }: Span): void {
    const restart = decisions.findIndex(({ kind }) => kind === 'configured');
    const calm = wasNoisy ? decisions.slice(restart) : decisions;
    const failed = calm.find(({ kind, is_on }) => kind === 'failed' && is_on === false);
    if (failed !== undefined) throw new Found(`on a healthy line an OFF failed: ${JSON.stringify(failed)}`);
  }

  /** S3: each move that the hub made answers an order of this span; only an OFF may repeat the one from before. */
  #checkOrders({ id, channel }: Bound, { decisions, moves, hasStalled }: Span): void {
    const ordered = decisions.filter(({ kind, appliance }) => kind === 'ordered' && appliance === id);
    const orders = [this.#standing.get(channel) ?? false, ...ordered.map(({ is_on }) => is_on === true)];
    let at = 0;
    for (const { seq, on } of moves.filter((move) => isWrite(move) && move.channel === channel)) {
      this.counts[on ? 'ons' : 'offs'] += 1;
      const next = orders.findIndex((isOn, i) => i >= at && isOn === on && (i > 0 || !on));
      if (next >= 0) at = next;
      else if (on || !hasStalled) {
        const trail = ordered.map((order) => `${order.seq} ${order.is_on ? 'on' : 'off'} (${order.reason})`);
        throw new Found(`move ${seq}, ${id} ${on ? 'ON' : 'OFF'}, answers none of: ${trail.join(', ') || 'nothing'}`);
      }
    }
    this.#standing.set(channel, orders.at(-1) ?? false);
  }

  /** S1: whenever the hub closes a contact, all that are closed fit; what a hand closed counts once all is at rest (S9). */
  #checkSums(moves: readonly Transition[]): void {
    const byHand = new Set<number>();
    for (const move of moves) {
      if (move.cause === 'button') this.counts.byHand += 1;
      if (move.what !== 'contact') continue;
      byHand.delete(move.channel);
      if (move.on) this.#closed.add(move.channel);
      else this.#closed.delete(move.channel);
      if (move.on && move.cause === 'button') byHand.add(move.channel);
      if (move.on && move.cause === 'write') this.#fits(byHand, `when move ${move.seq} closed channel ${move.channel}`);
    }
    this.#fits(new Set(), 'when all was at rest');
  }

  #fits(excused: ReadonlySet<number>, when: string): void {
    const counted = this.#bound.filter(({ channel }) => this.#closed.has(channel) && !excused.has(channel));
    const sumW = counted.reduce((sum, { watts }) => sum + watts, 0);
    if (sumW <= this.#limitW) return;
    const names = counted.map(({ id, watts }) => `${id} ${watts} W`);
    throw new Found(`${when}, ${sumW} W were on, ${this.#limitW} W are allowed: ${names.join(', ')}`);
  }
}

export function isWrite({ what, cause }: Transition): boolean {
  return what === 'register' && cause === 'write';
}
