import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { pause } from '../../relay-drivers/clock.ts';
import { createLog, type Log } from '../observe/log.ts';
import { createNotify, type Notify, watchdogEveryMs } from '../observe/notify.ts';
import { Watchdog } from '../observe/watchdog.ts';
import { backupHandlers } from './backup-handlers.ts';
import { type ControlServer, serveControl } from './control-server.ts';
import { deskHandlers } from './desk-handlers.ts';
import { runError, wordsOf } from './errors.ts';
import { type HubModule, loadHub } from './hub-module.ts';
import { type CliIo, FAILED, OK } from './io.ts';
import type { HubOptions, RunningHub } from './ports.ts';
import { packageVersion } from './version.ts';

/** What `run` and `start` say of their hub; the rest is the same. */
export type HubChoice = Pick<
  HubOptions,
  'settings' | 'dataDir' | 'portRetry' | 'simulated' | 'seed' | 'transientMqttUsers' | 'portsReady'
>;

type Greet = (hub: RunningHub) => void;
type Load = () => Promise<HubModule>;

/** A hub that cannot finish in order within this time is left: the ledger has all that was answered. */
const STOP_MS = 10_000;
const PANEL_DIR = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

/** Runs a hub until it is told to stop (0) or cannot go on (1). `greet` prints the first lines. */
export async function serveHub(choice: HubChoice, io: CliIo, greet: Greet, load: Load = loadHub): Promise<number> {
  const { stop } = io;
  const log = createLog(choice.settings.log.level);
  const notify = createNotify({
    socket: io.env.NOTIFY_SOCKET,
    path: io.env.PATH,
    onTrouble: (what) => log.warn({}, what),
  });
  const service = await open(await load(), choice, io, log, notify);
  greet(service.hub);
  await notify.ready();
  io.started();
  const failure = await Promise.race([stopped(stop), service.hub.failed]);
  await notify.stopping();
  const isInOrder = await Promise.race([service.close().then(() => true), pause(io.clock, STOP_MS).then(() => false)]);
  if (failure !== null) throw runError(`the hub stopped: ${failure.message}`);
  if (!isInOrder) io.err(`voltsafe: not stopped in order within ${STOP_MS / 1000} s; left as it is`);
  return isInOrder ? OK : FAILED;
}

interface Service {
  readonly hub: RunningHub;
  close(): Promise<void>;
}

async function open(module: HubModule, choice: HubChoice, io: CliIo, log: Log, notify: Notify): Promise<Service> {
  let watchdog: Watchdog | null = null;
  const hub = await module
    .startHub({
      ...choice,
      log,
      clock: io.clock,
      bootId: randomUUID(),
      version: packageVersion(),
      panelDir: PANEL_DIR,
      onProgress: () => watchdog?.progress(),
    })
    .catch((error: unknown) => {
      throw runError(`the hub cannot start: ${wordsOf(error)}`);
    });
  watchdog = startWatchdog(hub, io, notify);
  const control = await openControl(choice.dataDir, hub, io, log);
  const close = async () => {
    watchdog?.stop();
    await control?.close();
    await hub.stop();
  };
  return { hub, close };
}

function startWatchdog(hub: RunningHub, io: CliIo, notify: Notify): Watchdog | null {
  const everyMs = watchdogEveryMs(io.env.WATCHDOG_USEC);
  if (everyMs === null || !io.env.NOTIFY_SOCKET) return null;
  const watchdog = new Watchdog({
    clock: io.clock,
    everyMs,
    feed: () => void notify.alive(),
    probe: () => hub.probe(),
  });
  watchdog.start();
  return watchdog;
}

/** Without its socket a hub still does all it is for; only the command line has to wait until it stops. */
async function openControl(dataDir: string, hub: RunningHub, io: CliIo, log: Log): Promise<ControlServer | null> {
  const trouble = (what: string, error: unknown) => log.error({ error: wordsOf(error) }, `${what} failed`);
  try {
    return await serveControl(
      dataDir,
      {
        ...deskHandlers(hub.desk, () => io.clock.wallMs()),
        ...backupHandlers(hub.ledger),
        'hub.devices': async () => hub.devices(),
      },
      trouble,
    );
  } catch (error) {
    trouble('opening the control socket', error);
    return null;
  }
}

function stopped(stop: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve(null);
    else stop.addEventListener('abort', () => resolve(null), { once: true });
  });
}
