import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Event } from '../../daemon/core/events.ts';
import type { Who } from '../../daemon/core/model.ts';
import type { Hub } from '../../daemon/hub.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { seriesOf, timed } from './figures.ts';
import { toggle } from './in-process.ts';
import { type AskHub, acquiring, CROWDED, hold, openService, person, tokenIn } from './lock-crowd.ts';
import type { Place } from './place.ts';
import { ms, note, p50p99, row, target } from './table.ts';

/** What happens to a lock service when all come at once. */

const EVA = person('eva');
const IN_LINE = 500;

/** From a release to the word that the next one holds it, while hundreds wait for the same resource. */
export async function handOver(place: Place): Promise<void> {
  const { ask } = await openService(place);
  let holder = { who: EVA, token: tokenIn(await ask(acquiring(CROWDED, EVA))) };
  const line = Array.from({ length: IN_LINE }, (_, i) => inLine(ask, person(`in-line-${i}`)));
  const takenMs: number[] = [];
  for (const { who, granted } of line) {
    const startMs = performance.now();
    await giveBack(ask, holder);
    holder = { who, token: tokenIn(await granted) };
    takenMs.push(performance.now() - startMs);
  }
  row(`from a release to the next one, up to ${IN_LINE} waiting (p50 / p99)`, p50p99(seriesOf(takenMs)));
}

function inLine(ask: AskHub, who: Who) {
  return { who, granted: ask(acquiring(CROWDED, who, { waitId: who.name })) };
}

function giveBack(ask: AskHub, { who, token }: { who: Who; token: number }) {
  return ask({ kind: 'release_lock', resource: CROWDED, token, reason: null, who });
}

const SHARERS = 20;
const TURNS = 200;

/** Endless shared requests, and one now and then that wants it alone. */
export async function starvation(place: Place): Promise<void> {
  const { hub, ask } = await openService(place);
  const overtakers = overtaking(hub);
  let isOver = false;
  const sharing = Array.from({ length: SHARERS }, (_, i) => share(ask, person(`sharer-${i}`), () => isOver));
  const waitedMs: number[] = [];
  for (let i = 0; i < TURNS; i++) {
    await pause(systemClock, 5);
    const startMs = performance.now();
    const token = tokenIn(await ask(acquiring(CROWDED, EVA, { waitId: `alone-${i}` })));
    waitedMs.push(performance.now() - startMs);
    await giveBack(ask, { who: EVA, token });
  }
  isOver = true;
  await Promise.all(sharing);
  row(`exclusive among ${SHARERS} who share without end (p50 / p99)`, p50p99(seriesOf(waitedMs)));
  const { max } = seriesOf(overtakers);
  target(`  shared grants that overtook it, ${overtakers.length} waits, the most`, `${max}`, '0', max === 0);
}

async function share(ask: AskHub, who: Who, isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const token = tokenIn(await ask(acquiring(CROWDED, who, { mode: 'shared', waitId: `${who.name}-${i}` })));
    // Never free: some have it while others come back.
    await pause(systemClock, (i % 5) + 1);
    await giveBack(ask, { who, token });
  }
}

/** For each wait of ours, how many shared grants came between its beginning and its end. */
function overtaking(hub: Hub): number[] {
  const counts: number[] = [];
  let since: number | null = null;
  hub.onEvent((event: Event) => {
    if (event.kind === 'lock_queued' && event.waiter.who.name === EVA.name) since = 0;
    if (event.kind !== 'lock_acquired' || since === null) return;
    if (event.wish.mode === 'shared') since += 1;
    else {
      counts.push(since);
      since = null;
    }
  });
  return counts;
}

const LEASES = 10_000;
const UNTIL_MS = 8000;
/** What S7 takes for a disk that hangs, and a panel for a hub that is gone. */
const BLOCKED_MS = 250;

/** Ten thousand leases that end at the same moment, while somebody switches a load. */
export async function storm(place: Place): Promise<void> {
  const { hub, ask } = await openService(place, 1);
  const endMs = performance.now() + UNTIL_MS;
  await hold(ask, LEASES, () => Math.round(endMs - performance.now()));
  const gone = expired(hub, LEASES);
  await pause(systemClock, Math.max(0, endMs - performance.now() - 500));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  let isOver = false;
  const switching = toggling(ask, () => isOver);
  await gone;
  const takenMs = performance.now() - endMs;
  isOver = true;
  const toggles = seriesOf(await switching);
  loop.disable();
  row(`${LEASES} leases end at once: until the last end is recorded`, ms(takenMs));
  const blockedMs = loop.max / 1e6;
  target('  the event loop, blocked at most', ms(blockedMs), `< ${ms(BLOCKED_MS)}`, blockedMs < BLOCKED_MS);
  row('  a toggle meanwhile (p50 / max)', `${ms(toggles.p50)} / ${ms(toggles.max)}`);
  note('with the work of the queue, and the copy of the events for the thread of the ledger');
}

function expired(hub: Hub, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const stop = hub.onEvent(({ kind }) => {
      if (kind === 'lock_expired') left -= 1;
      if (left > 0) return;
      stop();
      resolve();
    });
  });
}

async function toggling(ask: AskHub, isOver: () => boolean): Promise<number[]> {
  const takenMs: number[] = [];
  for (let isOn = true; !isOver(); isOn = !isOn) {
    takenMs.push(...(await timed(1, () => ask(toggle('load-0', isOn)))));
    await pause(systemClock, 5);
  }
  return takenMs;
}
