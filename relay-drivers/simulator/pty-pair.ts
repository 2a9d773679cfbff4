import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import * as nodePty from '@lydell/node-pty';

/** What `open()` of node-pty returns; its own typings leave `open` out. */
interface OpenedPty {
  readonly ptsName: string;
  /** The master's descriptor; it does not block. */
  readonly fd: number;
  readonly master: ReadStream;
  readonly slave: ReadStream;
}

interface PtyOpener {
  open(options: { encoding: null }): OpenedPty;
}

/** A pseudo terminal: the board's end, and the name of the device that a client opens as a serial port. */
export interface PtyPair {
  readonly devicePath: string;
  /** The board's end, for reading. */
  readonly master: ReadStream;
  /** What does not fit because nobody reads is lost, as on a real port. */
  write(bytes: Uint8Array): void;
  close(): void;
}

export function openPtyPair(): PtyPair {
  const { ptsName, fd, master, slave } = (nodePty as unknown as PtyOpener).open({ encoding: null });
  // node-pty starts to read the client's end itself, and would take the client's bytes away.
  slave.destroy();
  // While the client's end is open somewhere, a client's leaving hangs nothing up and resets no settings.
  const held = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
  makeRaw(ptsName);
  return {
    devicePath: ptsName,
    master,
    write: (bytes) => writeWhatFits(fd, bytes),
    close: () => {
      master.destroy();
      closeSync(held);
    },
  };
}

/** Node's own stream would wait for the reader here, and the whole process with it. */
function writeWhatFits(fd: number, bytes: Uint8Array): void {
  try {
    writeSync(fd, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
}

/** A fresh terminal echoes and rewrites line ends; a client sets its own mode, but only once it is there. */
function makeRaw(devicePath: string): void {
  execFileSync('stty', ['-F', devicePath, 'raw', '-echo'], { stdio: ['ignore', 'ignore', 'pipe'] });
}
