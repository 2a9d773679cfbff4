import { lineTiming } from '../line/timing.ts';

/** A read asks with 8 bytes; its answer carries 5 besides the registers: unit, function, count and the check. */
const READ_REQUEST_BYTES = 8;
const READ_REPLY_OVERHEAD_BYTES = 5;

/** What a request and its reply keep the line for, both silences included, the device's own time not (wire-formats D). */
export function exchangeMs(baud: number, requestBytes: number, replyBytes: number): number {
  const { charMs, silenceMs } = lineTiming(baud, 'none');
  return (requestBytes + replyBytes) * charMs + 2 * silenceMs;
}

/** The same for FC03 and FC04. */
export function registerReadMs(baud: number, quantity: number): number {
  return exchangeMs(baud, READ_REQUEST_BYTES, READ_REPLY_OVERHEAD_BYTES + 2 * quantity);
}
