import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** Bytes, as the kernel counts them for a thread. */
export interface Io {
  /** Handed to write(2) and the like. */
  readonly handed: number;
  /** Pages of files that became dirty, and so are sent to the disk; a page that is dirty already is not counted again. */
  readonly dirtied: number;
}

/** What this process wrote: its main thread, and all others together. Those that ended are in neither. */
export function ioByThread(): { readonly main: Io; readonly others: Io } {
  const threads = readdirSync('/proc/self/task');
  const others = threads.filter((id) => Number(id) !== process.pid).map(ioOf);
  return { main: ioOf(String(process.pid)), others: others.reduce(sum, { handed: 0, dirtied: 0 }) };
}

export function since(before: Io, after: Io): Io {
  return { handed: after.handed - before.handed, dirtied: after.dirtied - before.dirtied };
}

function sum(a: Io, b: Io): Io {
  return { handed: a.handed + b.handed, dirtied: a.dirtied + b.dirtied };
}

function ioOf(thread: string): Io {
  const text = readFileSync(`/proc/self/task/${thread}/io`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { handed: field('wchar'), dirtied: field('write_bytes') };
}

/** The kind of file system that a folder is on, and its device. */
export function diskOf(folder: string): { readonly kind: string; readonly device: string } {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n');
  const on = mounts
    .map((line) => line.split(' '))
    .filter(([, at = '']) => at === '/' || `${folder}/`.startsWith(`${at}/`))
    .sort(([, a = ''], [, b = '']) => a.length - b.length)
    .at(-1);
  return { kind: on?.[2] ?? 'unknown', device: on?.[0] ?? 'unknown' };
}
