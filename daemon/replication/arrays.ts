/** Array literals of Postgres, built here: pg escapes every element twice and asks each for its type. */

export type Column = readonly (string | number | boolean | null)[];

/** Of numbers, booleans and whatever needs no quotes. */
export function plainArray(column: Column): string {
  return `{${column.map((value) => value ?? 'NULL').join(',')}}`;
}

export function textArray(column: Column): string {
  return `{${column.map((value) => (value === null ? 'NULL' : quoted(String(value)))).join(',')}}`;
}

const ESCAPED = /["\\]/g;
/** JSON escapes these by names that mean nothing in an array. */
const CONTROL = /\p{Cc}/u;

/** Quotes and backslashes are escaped as in JSON, which Node does some ten times faster than a replacement. */
function quoted(text: string): string {
  return CONTROL.test(text) ? `"${text.replace(ESCAPED, '\\$&')}"` : JSON.stringify(text);
}

/** Of bytes: the elements are hex, whose backslash is escaped once more. */
export function byteArray(column: readonly Buffer[]): string {
  return `{${column.map((bytes) => `"\\\\x${bytes.toString('hex')}"`).join(',')}}`;
}
