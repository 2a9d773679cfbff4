/** CRC-16/MODBUS: polynomial 0xA001 reflected, start 0xFFFF, sent low byte first. */

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** The CRC of `bytes[start..end)`. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffff;
  for (let at = start; at < end; at += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}

/** A frame made of a body and its check bytes. */
export function sealed(body: readonly number[]): Uint8Array {
  const frame = Uint8Array.from([...body, 0, 0]);
  const crc = crc16(frame, 0, body.length);
  frame[body.length] = crc & 0xff;
  frame[body.length + 1] = crc >>> 8;
  return frame;
}

/** Whether `bytes[start..end)` is a body followed by its right check bytes. */
export function isSealed(bytes: Uint8Array, start: number, end: number): boolean {
  if (end > bytes.length || end - start < 4) return false;
  return crc16(bytes, start, end - 2) === ((bytes[end - 2] ?? 0) | ((bytes[end - 1] ?? 0) << 8));
}
