import type { z } from 'zod';
import type { FoundPlug, Sighting } from '../protocol.ts';

/** A name that is shown: no control characters, and of a length that fits. */
const MAX_SHOWN = 80;

/** A text of a device as it may be shown. Null: there is nothing in it. */
export function shown(text: string | null, maxLength = MAX_SHOWN): string | null {
  const clean = (text ?? '').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return clean === '' ? null : clean.slice(0, maxLength).toWellFormed();
}

/** A device is offered only with settings that a `buses` entry may have: a prefix with a `+` in it is no prefix. */
export function offered(schema: z.ZodType, plug: FoundPlug): Sighting[] {
  const entry = { id: plug.id, driver: plug.driver, ...plug.settings };
  return schema.safeParse(entry).success ? [{ kind: 'found', plug }] : [];
}
