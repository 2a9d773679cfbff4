import { execFile } from 'node:child_process';

/** What systemd is told of a service of Type=notify (sd_notify(3)). */
export interface Notify {
  ready(): Promise<void>;
  stopping(): Promise<void>;
  alive(): Promise<void>;
}

export interface NotifyOptions {
  /** NOTIFY_SOCKET; without it nobody listens and nothing is done. */
  readonly socket: string | undefined;
  readonly path: string | undefined;
  readonly onTrouble: (what: string) => void;
  /** systemd's own messenger; another one in tests. */
  readonly command?: string;
}

/** A message that takes longer is given up: the next one says the same. */
const TIMEOUT_MS = 5000;

/**
 * The notification socket takes datagrams, and Node speaks no Unix datagrams. systemd's own `systemd-notify` does: it
 * is on every machine whose services systemd starts, needs no compiled addon, and waits until the message was taken in.
 * It costs one short process per message, so NotifyAccess=all and a watchdog of some seconds (systemd/voltsafe.service).
 */
export function createNotify(options: NotifyOptions): Notify {
  return {
    ready: () => send(options, 'READY=1'),
    stopping: () => send(options, 'STOPPING=1'),
    alive: () => send(options, 'WATCHDOG=1'),
  };
}

function send({ socket, path, onTrouble, command = 'systemd-notify' }: NotifyOptions, message: string): Promise<void> {
  if (socket === undefined || socket === '') return Promise.resolve();
  const env = { NOTIFY_SOCKET: socket, PATH: path ?? '/usr/bin:/bin' };
  return new Promise((resolve) => {
    execFile(command, [message], { env, timeout: TIMEOUT_MS }, (error) => {
      if (error) onTrouble(`systemd was not told ${message}: ${error.message}`);
      resolve();
    });
  });
}

/** How often to feed systemd's watchdog: three times in its period. Null: it has none for us. */
export function watchdogEveryMs(watchdogUsec: string | undefined): number | null {
  const usec = Number(watchdogUsec ?? Number.NaN);
  return Number.isFinite(usec) && usec > 0 ? Math.max(1, Math.floor(usec / 3000)) : null;
}
