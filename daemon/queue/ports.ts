import type { Event } from '../core/events.ts';

/** What the queue needs of a ledger: one transaction and one fsync for a batch. */
export interface Ledger {
  /** Resolves once the events are durable, rejects when they are not: then none of them is. */
  append(events: readonly Event[]): Promise<void>;
}

/** An order that became durable: what the relay supervisor carries out. */
export interface RelayOrder {
  readonly appliance: string;
  readonly bus: string;
  readonly channel: number;
  readonly isOn: boolean;
  readonly generation: number;
  /** On the clock's `nowMs`: an ON that has not left by then never leaves (S11). Null for an OFF. */
  readonly deadlineMs: number | null;
  /** The board acknowledged an OFF before that it did not obey: only a read-back counts. */
  readonly needsRead: boolean;
}

/** What the queue needs of the relays. */
export interface Dispatch {
  order(order: RelayOrder): void;
  /** S7: the ledger cannot commit; this OFF goes out before it is recorded. True when the relay confirmed it. */
  emergencyOff(bus: string, channel: number): Promise<boolean>;
  /** The ledger commits again: what it decides now takes the place of the OFFs that went ahead. */
  emergencyIsOver(): void;
  /** An appliance came to a channel of these: worth a look at the board. */
  bindingsChanged(buses: readonly string[]): void;
}
