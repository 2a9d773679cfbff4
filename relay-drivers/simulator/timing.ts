/** How long bytes take on a serial line (wire-formats D). */
export interface LineFormat {
  readonly baud: number;
  readonly parity?: 'none' | 'even' | 'odd';
}

/** One character: start bit, 8 data bits, stop bit; a parity bit makes it 11. */
export function charTimeMs(format: LineFormat): number {
  const bits = (format.parity ?? 'none') === 'none' ? 10 : 11;
  return (bits * 1000) / format.baud;
}

/** The silence that ends a frame: 3.5 characters up to 19200 baud, 1.75 ms above (Modbus over serial line, 2.5.1.1). */
export function frameGapMs(format: LineFormat): number {
  return format.baud <= 19_200 ? 3.5 * charTimeMs(format) : 1.75;
}
