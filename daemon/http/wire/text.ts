import { z } from 'zod';

/** Neither control characters, line breaks and lone surrogates, nor marks that turn the direction of text around. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;
/** Something to see, beside spaces and joiners. */
const VISIBLE = /[^\p{Z}\p{Cf}]/u;

/** What people write; it may be empty. */
export const plain = (length: number) =>
  z
    .string({ error: 'must be text' })
    .max(length, `must have at most ${length} characters`)
    .regex(PRINTABLE, 'must have no control characters');

/** Two patterns, each linear: one that did both would take seconds for a long hostile text. */
export const printable = (length: number) => plain(length).regex(VISIBLE, 'must not be empty');

export const idempotencyKey = z
  .string({ error: 'must be text' })
  .regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters');
