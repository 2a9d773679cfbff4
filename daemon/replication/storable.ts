import type { LedgerRow } from './port.ts';

/**
 * What Postgres cannot keep: a text with a NUL, and JSON whose escapes stand for one or for half a surrogate pair. It takes
 * such JSON and then fails whoever looks into it (->>), so one row would break a view of the whole fleet. These become
 * U+FFFD, and the text that was hashed goes into `verbatim`, where the same escapes are plain letters.
 */
export interface Storable {
  readonly row: LedgerRow;
  readonly verbatim: string | null;
}

export function storable(row: LedgerRow): Storable {
  const bootId = plain(row.bootId);
  const kind = plain(row.kind);
  const appliance = row.appliance === null ? null : plain(row.appliance);
  const who = row.who === null ? null : sound(row.who);
  const body = sound(row.body);
  const isSame =
    body === row.body && who === row.who && appliance === row.appliance && bootId === row.bootId && kind === row.kind;
  if (isSame) return { row, verbatim: null };
  return { row: { ...row, bootId, kind, appliance, who, body }, verbatim: hashedText(row) };
}

/** A row that Postgres does not take as it is, for a reason of its own: all of it is in `verbatim`. */
export function unreadable(row: LedgerRow): Storable {
  const { row: kept } = storable({ ...row, who: null, body: '{"unreadable":true}' });
  return { row: kept, verbatim: hashedText(row) };
}

/** The columns in the order in which the ledger hashes them (daemon/ledger/chain.ts). */
function hashedText({ seq, wallMs, upMs, bootId, kind, who, appliance, body }: LedgerRow): string {
  return JSON.stringify([seq, wallMs, upMs, bootId, kind, who, appliance, body]);
}

/** Of texts that are not JSON. */
export function plain(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole;
}

/** Escapes go in pairs with what they escape, so that `\\u0000` (a backslash and letters) stays what it is. */
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|.)/gs;
const UNKEPT = /^\\u(?:0000|[dD][89a-fA-F])/;

/** Of JSON texts. */
export function sound(json: string): string {
  const whole = plain(json);
  if (!whole.includes('\\u')) return whole;
  return whole.replace(ESCAPE, (one) => (UNKEPT.test(one) ? '\\ufffd' : one));
}
