import type { Clock } from '../clock.ts';
import { linkDevice } from './device-link.ts';
import type { PacedWire } from './paced-wire.ts';
import { openPtyPair } from './pty-pair.ts';

/** What a client may be ahead of the wire: then its writes wait, as they do on a real port. */
const MAX_BACKLOG_MS = 1000;

/** A wire whose host's end is a pseudo terminal. */
export interface PtyPort {
  /** What a client opens: the link, or the device itself. */
  readonly path: string;
  close(): void;
}

export function servePty(wire: PacedWire, clock: Clock, linkPath?: string): PtyPort {
  const pair = openPtyPair();
  const { master } = pair;
  let unlink: () => void;
  try {
    unlink = linkPath === undefined ? () => {} : linkDevice(linkPath, pair.devicePath);
  } catch (error) {
    pair.close();
    throw error;
  }
  master.on('data', (bytes: Uint8Array) => {
    wire.hostSends(bytes);
    const backlogMs = wire.backlogMs();
    if (backlogMs < MAX_BACKLOG_MS) return;
    master.pause();
    clock.after(backlogMs / 2, () => master.resume());
  });
  const stopHearing = wire.onHostHears((bytes) => pair.write(bytes));
  let isOpen = true;
  return {
    path: linkPath ?? pair.devicePath,
    close: () => {
      // Twice would close somebody else's file under the same number.
      if (!isOpen) return;
      isOpen = false;
      stopHearing();
      unlink();
      pair.close();
    },
  };
}
