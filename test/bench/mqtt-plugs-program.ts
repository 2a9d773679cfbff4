import process from 'node:process';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { type Login, sharedNowMs } from './mqtt-client.ts';
import { BenchPlug } from './mqtt-plug.ts';

/** Many plugs in a process of their own, told what to do by whoever measures (mqtt-plugs.ts). */

/** Of all plugs. */
export interface Total {
  readonly published: number;
  readonly acknowledged: number;
  /** Connections that the broker ended. */
  readonly cut: number;
}

export type PlugsOrder =
  | { readonly kind: 'connect'; readonly logins: readonly Login[] }
  | { readonly kind: 'report' }
  /** No more reports; what is under way is waited for. */
  | { readonly kind: 'stop' };

export type PlugsNews =
  | { readonly kind: 'connected' }
  | { readonly kind: 'switched'; readonly plug: string; readonly isOn: boolean; readonly atMs: number }
  | ({ readonly kind: 'stopped' } & Total);

const PERIOD_MS = 1000;
/** How often those are looked for that are due: all of them are spread over the second. */
const TICK_MS = 5;
const CONNECTING = 50;
/** Acknowledgements come within milliseconds, unless the machine is very busy. */
const LAST_MS = 30_000;

const plugs: BenchPlug[] = [];
let isReporting = false;

function tell(news: PlugsNews): void {
  process.send?.(news);
}

async function connectAll(logins: readonly Login[]): Promise<void> {
  for (let from = 0; from < logins.length; from += CONNECTING) {
    const some = logins.slice(from, from + CONNECTING);
    plugs.push(...(await Promise.all(some.map(connectOne))));
  }
  tell({ kind: 'connected' });
}

function connectOne(login: Login): Promise<BenchPlug> {
  const plug = login.user;
  return BenchPlug.connect(login, (isOn) => tell({ kind: 'switched', plug, isOn, atMs: sharedNowMs() }));
}

/** Each plug once a second, one after the other. */
async function report(): Promise<void> {
  isReporting = true;
  const startedMs = sharedNowMs();
  for (let said = 0; isReporting; await pause(systemClock, TICK_MS)) {
    const due = Math.floor(((sharedNowMs() - startedMs) * plugs.length) / PERIOD_MS);
    for (; said < due; said += 1) plugs[said % plugs.length]?.report();
  }
}

async function stop(): Promise<void> {
  isReporting = false;
  const untilMs = sharedNowMs() + LAST_MS;
  while (total().acknowledged < total().published && sharedNowMs() < untilMs) await pause(systemClock, TICK_MS);
  tell({ kind: 'stopped', ...total() });
}

function total(): Total {
  let [published, acknowledged, cut] = [0, 0, 0];
  for (const { counts } of plugs) {
    published += counts.published;
    acknowledged += counts.acknowledged;
    cut += Number(counts.isCut);
  }
  return { published, acknowledged, cut };
}

process.on('message', (order: PlugsOrder) => {
  if (order.kind === 'connect') void connectAll(order.logins);
  else void (order.kind === 'report' ? report() : stop());
});
process.once('disconnect', () => process.exit(0));
