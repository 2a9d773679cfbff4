import type { LiveMessage } from '../wire.ts';

const KNOWN = new Set(['snapshot', 'event', 'meter', 'discovered', 'locks', 'ping']);

/** One line of the live feed; null for what this panel does not know yet (a newer hub) or cannot read. */
export function parseMessage(text: unknown): LiveMessage | null {
  if (typeof text !== 'string') return null;
  try {
    const message: unknown = JSON.parse(text);
    return isKnown(message) ? message : null;
  } catch {
    return null;
  }
}

function isKnown(message: unknown): message is LiveMessage {
  return typeof message === 'object' && message !== null && 'type' in message && KNOWN.has(String(message.type));
}
