import { z } from 'zod';
import { isTcpPath, parseTcpPath } from './transport/address.ts';

/** The fields that entries of `buses` and `meters` share; each says in words what it expects. */

export const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'expected 1 to 64 of a-z 0-9 _ - beginning with a letter or digit');

export const portPath = z
  .string()
  .max(1024)
  .refine(
    (path) => (isTcpPath(path) ? parseTcpPath(path) !== null : path.startsWith('/')),
    'expected a device path such as /dev/ttyUSB0, or tcp://host:port',
  );

export const parity = z.enum(['none', 'even', 'odd']);

/** For an appliance that a relay without a way to read it back switches: do its watts count while it was last told to be off? */
export const offWithoutProof = z.enum(['hold', 'release']).default('hold');

export const timeoutMs = z.int().min(20).max(10_000);

export const measures = z
  .string()
  .regex(
    /^(house|circuit:[a-z0-9][a-z0-9_-]{0,63}|appliance:[A-Za-z0-9][A-Za-z0-9_-]{0,63})$/,
    'expected house, circuit:<id> or appliance:<id>',
  );

/** Absent: 10 s or 2.5 times the meter's own period, whichever is more. */
const staleAfterS = z.number().positive().max(86_400);

/** What every meter entry has. */
export const meterFields = { id, measures, stale_after_s: staleAfterS.optional() };

/** A meter that is asked: on the line of a `buses` entry, or on a port of its own. */
export const polledFields = {
  ...meterFields,
  bus: id.optional(),
  path: portPath.optional(),
  baud: z.int().min(300).max(1_000_000).optional(),
  parity: parity.optional(),
  poll_s: z.number().min(0.1).max(3600).default(1),
  timeout_ms: timeoutMs.optional(),
};

interface Polled {
  readonly bus?: string | undefined;
  readonly path?: string | undefined;
  readonly baud?: number | undefined;
  readonly parity?: string | undefined;
}

/** Exactly one of `bus` and `path`; baud rate and parity are the bus's where it has one. */
export function hasOneLine({ bus, path, baud, parity: given }: Polled): boolean {
  return bus === undefined ? path !== undefined : path === undefined && baud === undefined && given === undefined;
}

export const ONE_LINE = {
  path: ['bus'],
  error: 'expected either bus (the line of a buses entry, with its baud and parity) or path (a port of its own)',
};
