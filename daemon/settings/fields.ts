import { z } from 'zod';
import { MAX_MW, MIN_MW, parseWatts } from '../core/watts.ts';
import { findZone } from '../zones/find.ts';

/** The kinds of values in a configuration file; each says in words what it expects. */

const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export const id = z.string().regex(ID, 'expected 1 to 64 of a-z 0-9 _ - beginning with a letter or digit');

export const text = z.string().min(1).max(200);

export const host = text.regex(/^[A-Za-z0-9.:_%-]+$/, 'expected a host name or an address');

/** 0: any free port. */
export const port = z.int().min(0).max(65_535);

export const timezone = z
  .string()
  .refine((name) => findZone(name) !== null, 'expected a time zone such as Europe/Rome');

/** Watts as a number or decimal string of at most three decimals -> exact milliwatts (S4). */
export function watts(leastMw = MIN_MW) {
  return z.unknown().transform((value, context) => {
    const mw = parseWatts(value);
    if (mw !== null && mw >= leastMw && mw <= MAX_MW) return mw;
    const expected = `expected watts from ${leastMw / 1000} to ${MAX_MW / 1000}, at most three decimals`;
    context.addIssue({ code: 'custom', message: value === undefined ? `missing; ${expected}` : expected });
    return z.NEVER;
  });
}

/** A URL of one of these schemes. What it holds may be a password: it is never printed. */
export function url(schemes: readonly string[]) {
  const forms = schemes.map((scheme) => `${scheme}://...`).join(' or ');
  return z.string().refine((value) => hasScheme(value, schemes), `expected ${forms}`);
}

function hasScheme(value: string, schemes: readonly string[]): boolean {
  const parsed = URL.canParse(value) ? new URL(value) : null;
  return parsed !== null && parsed.host !== '' && schemes.includes(parsed.protocol.slice(0, -1));
}
