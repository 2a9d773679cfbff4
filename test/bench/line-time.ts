import { lineTiming } from '../../relay-drivers/line/timing.ts';
import { COIL_ON, encodeBitsReply, encodeRequest } from '../../relay-drivers/modbus-coils/codec.ts';

/** What an exchange takes on the simulated board's line: both frames at 9600 baud, and the silence after each. */

const TIMING = lineTiming(9600, 'none');
const UNIT = 1;
const CHANNELS = 8;

function exchangeMs(request: Uint8Array, reply: Uint8Array): number {
  return (request.length + reply.length) * TIMING.charMs + 2 * TIMING.silenceMs;
}

/** FC05 is answered with itself: 8 + 8 characters. */
export function writeExchangeMs(): number {
  const request = encodeRequest({ kind: 'write_coil', unit: UNIT, address: 0, value: COIL_ON });
  return exchangeMs(request, request);
}

/** FC01 over the whole board, 8 + 6 characters: what a poll is, and the longest that may be under way (FC02 is as long). */
export function pollExchangeMs(): number {
  const request = encodeRequest({ kind: 'read_coils', unit: UNIT, address: 0, quantity: CHANNELS });
  return exchangeMs(request, encodeBitsReply('read_coils', UNIT, new Array<boolean>(CHANNELS).fill(false)));
}

/** FC0F over the whole board, 10 + 8 characters. */
export function allOffExchangeMs(): number {
  const bits = new Array<boolean>(CHANNELS).fill(false);
  const request = encodeRequest({ kind: 'write_coils', unit: UNIT, address: 0, bits });
  return exchangeMs(request, request.subarray(0, 8));
}
