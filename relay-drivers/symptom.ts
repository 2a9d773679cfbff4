import type { DriverError } from './driver.ts';
import { isSealed } from './modbus/crc.ts';

/** What one failed exchange looked like from the line. */
export type Symptom =
  /** The port did not open, or broke. */
  | { readonly kind: 'port'; readonly what: string; readonly advice: string }
  /** Not a byte came. */
  | { readonly kind: 'silence' }
  /** Nothing but our own bytes: the adapter hears itself. */
  | { readonly kind: 'echo' }
  /** Bytes that no frame is made of. */
  | { readonly kind: 'noise' }
  /** Something that writes words. */
  | { readonly kind: 'text'; readonly text: string }
  /** It begins as the reply does, or nearly, and its check is wrong. */
  | { readonly kind: 'damaged' }
  /** A whole frame, of somebody else or for another question. */
  | { readonly kind: 'stranger'; readonly unit: number; readonly functionCode: number }
  /** The right device answers this question with more or less than was asked. */
  | { readonly kind: 'misfit' }
  | { readonly kind: 'refusal'; readonly what: string };

const SHOWN_CHARS = 48;
/** Shorter words come about by chance. */
const LEAST_TEXT = 6;

/** Null: it says nothing about the wiring. */
export function symptomOf({ code, message, advice, heard, asked }: DriverError): Symptom | null {
  switch (code) {
    case 'not_valid':
    case 'no_read_back':
      return null;
    case 'port_closed':
    case 'write_failed':
      return { kind: 'port', what: message, advice };
    case 'exception':
      return { kind: 'refusal', what: message };
    case 'timeout':
      return heardSymptom(heard, asked);
  }
}

function heardSymptom(heard: Uint8Array, asked: Uint8Array): Symptom {
  const rest = afterEcho(heard, asked);
  if (rest.length === 0) return { kind: heard.length === 0 ? 'silence' : 'echo' };
  const text = textIn(rest);
  if (text !== null) return { kind: 'text', text };
  return isSealed(asked, 0, asked.length) ? frameSymptom(rest, asked) : { kind: 'noise' };
}

function afterEcho(heard: Uint8Array, asked: Uint8Array): Uint8Array {
  const hasEcho = asked.length > 0 && heard.length >= asked.length && asked.every((byte, at) => heard[at] === byte);
  return hasEcho ? heard.subarray(asked.length) : heard;
}

/** Mostly words; what is shown of it is plain ASCII and short. */
function textIn(bytes: Uint8Array): string | null {
  const plain = bytes.filter((byte) => byte >= 0x20 && byte < 0x7f);
  const white = bytes.filter((byte) => byte === 0x0a || byte === 0x0d);
  if (plain.length < LEAST_TEXT || plain.length + white.length < bytes.length * 0.9) return null;
  return String.fromCharCode(...plain.subarray(0, SHOWN_CHARS)).trim();
}

function frameSymptom(bytes: Uint8Array, asked: Uint8Array): Symptom {
  const [unit = 0, functionCode = 0] = asked;
  const whole = wholeFrame(bytes);
  if (whole !== null) {
    const isOurs = whole.unit === unit && (whole.functionCode & 0x7f) === functionCode;
    return isOurs ? { kind: 'misfit' } : { kind: 'stranger', ...whole };
  }
  return { kind: hasOurHead(bytes, unit, functionCode) ? 'damaged' : 'noise' };
}

interface Head {
  readonly unit: number;
  readonly functionCode: number;
}

/** The first frame whose check is right, by the lengths that the standard's functions have. */
function wholeFrame(bytes: Uint8Array): Head | null {
  for (let start = 0; start + 5 <= bytes.length; start += 1) {
    const [unit = 0, functionCode = 0, count = 0] = bytes.subarray(start, start + 3);
    const lengths = functionCode >= 0x80 ? [5] : [5 + count, 8];
    if (isKnown(functionCode) && lengths.some((length) => length >= 5 && isSealed(bytes, start, start + length)))
      return { unit, functionCode };
  }
  return null;
}

const FUNCTIONS: readonly number[] = [1, 2, 3, 4, 5, 6, 15, 16];

function isKnown(functionCode: number): boolean {
  return FUNCTIONS.includes(functionCode & 0x7f);
}

function hasOurHead(bytes: Uint8Array, unit: number, functionCode: number): boolean {
  return bytes.some((byte, at) => byte === unit && bytes[at + 1] === functionCode);
}
