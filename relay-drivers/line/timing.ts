import type { Parity } from '../transport/address.ts';

/** What one character costs on the wire and how long the silences are (wire-formats D). */
export interface LineTiming {
  readonly charMs: number;
  /** The silence that ends a frame: 3.5 characters, and a fixed 1.75 ms above 19200 baud (Modbus over serial line, 2.5.1.1). */
  readonly silenceMs: number;
  /** How long to wait for a reply when nobody says otherwise: 300 ms at 9600 8N1. */
  readonly replyTimeoutMs: number;
}

/** What boards and USB adapters may take on top of the characters; drivers in the field wait 250 to 300 ms in all. */
const DEVICE_ALLOWANCE_MS = 250;
/** More than a request, a reply of 32 coils and both silences. */
const EXCHANGE_CHARS = 48;

export function lineTiming(baud: number, parity: Parity): LineTiming {
  // Start bit, eight data bits, stop bit, and the parity bit where there is one.
  const charMs = ((parity === 'none' ? 10 : 11) * 1000) / baud;
  return {
    charMs,
    silenceMs: baud > 19_200 ? 1.75 : 3.5 * charMs,
    replyTimeoutMs: DEVICE_ALLOWANCE_MS + EXCHANGE_CHARS * charMs,
  };
}
