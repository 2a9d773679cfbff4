import { isAskedByChannel } from './kmtronic/codec.ts';
import { exchangeMs } from './modbus/exchange-time.ts';
import type { BusSettings } from './registry.ts';

/** A Modbus read: unit, function, address, quantity, check; the answer carries 5 bytes besides its data. */
const REQUEST_BYTES = 8;
const REPLY_BYTES = 5;
/** LCUS (wire-formats A3): frames of 4 bytes, and the rest that its driver gives the board. */
const LCUS_BYTES = 4;
const LCUS_REST_MS = 80;
/** KMtronic (A4): 3 bytes asked; two readings that agree make one. */
const KMTRONIC_BYTES = 3;
const KMTRONIC_REST_MS = 20;
const AGREED_READINGS = 2;
/** Numato (A5): `relay read 00` comes back with a value, two line ends and a prompt. */
const NUMATO_BYTES = 14;
const NUMATO_ANSWER_BYTES = 8;
/** Up to here its driver reads relay by relay. */
const NUMATO_BY_WORD = 8;

/** What reading every relay of a board once keeps the line for, its own time not: the slowest way of its family. */
export function relayReadMs(settings: BusSettings): number {
  const { baud, channels } = settings;
  switch (settings.driver) {
    case 'modbus-coils':
      return exchangeMs(baud, REQUEST_BYTES, REPLY_BYTES + Math.ceil(channels / 8));
    case 'modbus-fc06':
      return exchangeMs(baud, REQUEST_BYTES, REPLY_BYTES + 2 * channels);
    case 'lcus':
      // The feedback firmware is asked channel by channel.
      return channels * (exchangeMs(baud, LCUS_BYTES, LCUS_BYTES) + LCUS_REST_MS);
    case 'kmtronic':
      return AGREED_READINGS * kmtronicMs(baud, channels);
    case 'numato':
      return numatoMs(baud, channels);
  }
}

function kmtronicMs(baud: number, channels: number): number {
  const each = (replyBytes: number) => exchangeMs(baud, KMTRONIC_BYTES, replyBytes) + KMTRONIC_REST_MS;
  return isAskedByChannel(channels) ? channels * each(KMTRONIC_BYTES) : each(channels);
}

function numatoMs(baud: number, channels: number): number {
  const dataBytes = channels > NUMATO_BY_WORD ? Math.ceil(channels / 4) : 0;
  const exchanges = channels > NUMATO_BY_WORD ? AGREED_READINGS : channels;
  return exchanges * exchangeMs(baud, NUMATO_BYTES, NUMATO_BYTES + NUMATO_ANSWER_BYTES + dataBytes);
}
