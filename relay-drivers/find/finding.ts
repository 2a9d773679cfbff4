import type { Parity } from '../transport/address.ts';

/** What answers on a port. */
export interface Finding {
  readonly role: 'board' | 'meter' | 'unknown';
  /** The family, as the configuration names it; null: it speaks Modbus and is none that we know. */
  readonly driver: string | null;
  readonly baud: number;
  readonly parity: Parity;
  /** Null where the family has no addresses. */
  readonly unit: number | null;
  /** Further fields of its configuration entry. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** For a person: what it said, and what is to be checked. */
  readonly says: string;
}
