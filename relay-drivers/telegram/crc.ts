/** A reflected CRC-16: meters differ in the polynomial, in where it starts and in what is done to the result. */
export interface CrcKind {
  readonly table: Uint16Array;
  readonly start: number;
  readonly finalXor: number;
}

/** DSMR P1 (wire-formats B3). */
export const CRC_ARC: CrcKind = { table: tableOf(0xa001), start: 0, finalXor: 0 };

/** SML (wire-formats B4). */
export const CRC_X25: CrcKind = { table: tableOf(0x8408), start: 0xffff, finalXor: 0xffff };

/** The CRC of `bytes[start..end)`. */
export function crcOf(kind: CrcKind, bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = kind.start;
  for (let at = start; at < end; at += 1) crc = (crc >>> 8) ^ (kind.table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc ^ kind.finalXor;
}

function tableOf(polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
}
