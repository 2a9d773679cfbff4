import type { Terms } from '../driver.ts';

/** A reply and where it stood among the bytes that came. */
export interface Found<T> {
  readonly reply: T;
  readonly start: number;
  readonly end: number;
}

/** One request and what counts as its reply. */
export interface Question<T> {
  /** For error messages, e.g. `unit 1, FC01`. */
  readonly label: string;
  readonly request: Uint8Array;
  /** Called with everything received so far, as often as more comes. Finds the reply anywhere in it, or null. */
  readonly parse: (bytes: Uint8Array) => Found<T> | null;
  readonly timeoutMs?: number;
  /** The family never answers this: the result as soon as the bytes have left. `parse` is then not asked. */
  readonly unanswered?: { readonly reply: T };
  /** The silence that this device needs when the line spoke to another one before (SDM meters, wire-formats B2). */
  readonly hush?: { readonly device: string; readonly ms: number };
  /** Nothing is sent for so long after this exchange: the board takes one frame at a time (LCUS, wire-formats A3). */
  readonly restMs?: number;
}

export interface Exchange<T> extends Question<T> {
  readonly terms: Terms;
  /**
   * Needed where a reply may equal its request (FC05), because an adapter that echoes would answer for the board.
   * A harmless question whose reply never equals its request; asked first on a port whose echo is not known yet.
   */
  readonly probe?: Question<unknown>;
}

/** Whether the adapter hands back what is sent. Learnt anew on every fresh port. */
export type Echo = 'unknown' | 'on' | 'off';

export type LineState = { readonly isOpen: true } | { readonly isOpen: false; readonly reason: string };
