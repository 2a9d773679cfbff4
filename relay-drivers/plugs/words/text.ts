const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longer than any state, number or word of a device. */
const MAX_BYTES = 1024;

/** A payload that is plain text. Null: no UTF-8, or longer than `maxBytes`. */
export function textIn(payload: Uint8Array, maxBytes: number = MAX_BYTES): string | null {
  if (payload.length > maxBytes) return null;
  try {
    return UTF8.decode(payload);
  } catch {
    return null;
  }
}
