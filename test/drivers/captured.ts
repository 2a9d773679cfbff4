import { readFileSync } from 'node:fs';

export interface CapturedFrame {
  readonly dir: 'tx' | 'rx';
  readonly bytes: Uint8Array;
  readonly note: string;
}

/** How a frame stands in a file: in hexadecimal or, where it is one, as text. */
interface Written {
  readonly dir: 'tx' | 'rx';
  readonly hex?: string;
  readonly ascii?: string;
  readonly note: string;
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

export function text(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}

export function words(ascii: string): Uint8Array {
  return new TextEncoder().encode(ascii);
}

/** The frames of one capture file, in order. */
export function captured(name: string): CapturedFrame[] {
  const lines = readFileSync(new URL(`captures/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) => {
    const { dir, hex: frame, ascii, note } = JSON.parse(line) as Written;
    return { dir, bytes: frame === undefined ? words(ascii ?? '') : hex(frame), note };
  });
}
