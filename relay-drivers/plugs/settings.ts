import { z } from 'zod';
import { id, timeoutMs } from '../fields.ts';

/** The fields that `buses` entries of devices on MQTT share. */

const TEXT = /^[^\p{Cc}\p{Cs}+#]*$/u;
const words = (what: string) =>
  z.string().min(1).max(200).regex(TEXT, `expected ${what} without +, # and control characters`);

/** A topic that is published to: no wildcards, no empty level, never one of the hub's own. */
export const topic = words('a topic').refine(
  (value) => value.split('/').length <= 16 && !value.startsWith('$') && !/^voltsafe(\/|$)/.test(value),
  'expected a topic of at most 16 levels, not below $ or voltsafe/',
);

export const plugFields = { id, timeout_ms: timeoutMs.default(2000) };
