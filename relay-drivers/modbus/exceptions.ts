/** Modbus exception codes in words (Modbus application protocol, section 7). */
const TEXT: Readonly<Record<number, string>> = {
  1: 'it does not know this function',
  2: 'it has no such channel or register',
  3: 'it does not accept this value',
  4: 'it reports a failure of its own',
  6: 'it is busy',
};

export function exceptionText(code: number): string {
  return `the device refused, ${TEXT[code] ?? 'no further word'} (exception ${code})`;
}
