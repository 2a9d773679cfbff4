import { readFileSync, statSync } from 'node:fs';

/** SQLite locks bytes from here on (its "pending byte"). */
const FIRST_LOCK_BYTE = 0x40000000;

/** Lines like `1: POSIX  ADVISORY  WRITE 8661 fe:00:2146841 1073741824 1073742335`; waiters carry `->`. */
const HELD = /^\d+: POSIX +\S+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) /;

/** The process that the kernel's list of locks shows for an inode, if it shows one. */
export function holderIn(locks: string, inode: number): number | null {
  for (const line of locks.split('\n')) {
    const [, pid, lockedInode, start] = HELD.exec(line) ?? [];
    // Pid 0: the holder is in a container that this process cannot see into.
    if (Number(lockedInode) === inode && Number(start) >= FIRST_LOCK_BYTE && Number(pid) > 0) return Number(pid);
  }
  return null;
}

/** Who holds a database file, where the system tells (Linux). Asked of the kernel, so never out of date. */
export function lockHolder(path: string): number | null {
  try {
    return holderIn(readFileSync('/proc/locks', 'utf8'), statSync(path).ino);
  } catch {
    return null; // no /proc here
  }
}
