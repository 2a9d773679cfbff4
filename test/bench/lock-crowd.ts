import type { Answer, Input } from '../../daemon/core/inputs.ts';
import type { LockMode } from '../../daemon/core/locks/model.ts';
import type { Who } from '../../daemon/core/model.ts';
import type { Hub } from '../../daemon/hub.ts';
import { openBenchHub } from './in-process.ts';
import type { Place } from './place.ts';

/** Leases and waits by the thousand, asked for as clients ask. */

export type AskHub = (input: Input) => Promise<Answer>;

/** Far below the queue's bound of 1,000. */
const AT_ONCE = 500;
/** No principal may hold more than 2,000. */
const PRINCIPALS = 10;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Half of those who wait do so for one resource, the others for as many as they are. */
export const CROWDED = 'held-0';

export function person(name: string): Who {
  return { principal: name, name, role: 'operator', source: 'http' };
}

interface Terms {
  readonly mode?: LockMode;
  readonly ttlMs?: number;
  /** Of a wait. */
  readonly waitId?: string;
}

export function acquiring(resource: string, who: Who, { mode = 'exclusive', ttlMs = DAY_MS, waitId }: Terms = {}) {
  const more = { delayMs: 0, maxHoldMs: null, metadata: null, isLockout: false };
  const wait = waitId === undefined ? null : { id: waitId, ms: HOUR_MS };
  return { kind: 'acquire_lock', wish: { resources: [resource], mode, ttlMs, ...more }, who, wait } as const;
}

/** Its fencing token; throws where it was refused. */
export function tokenIn(answer: Answer): number {
  if (!answer.ok) throw new Error(answer.refusal.detail);
  const token = answer.locks?.[0]?.token;
  if (token === undefined) throw new Error('no lease was granted');
  return token;
}

/** Leases `held-0` and so on. `ttlMs` is asked for each of them when it is asked for. */
export async function hold(ask: AskHub, count: number, ttlMs = () => DAY_MS): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const asked = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => {
      return ask(acquiring(`held-${from + i}`, person(`holder-${i % PRINCIPALS}`), { ttlMs: ttlMs() }));
    });
    for (const answer of await Promise.all(asked)) tokenIn(answer);
  }
}

/** Waits that last as long as the hub does; resolves when all of them stand in their queues. */
export async function wait(ask: AskHub, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const resource = i % 2 === 0 ? CROWDED : `held-${i}`;
    void ask(acquiring(resource, person(`waiter-${i % PRINCIPALS}`), { waitId: `wait-${i}` }));
    // First in, first out: who is answered knows that all before are in their places.
    if (i % AT_ONCE === AT_ONCE - 1 || i === count - 1) await ask(acquiring(CROWDED, person('late')));
  }
}

export async function openService(place: Place, appliances = 0): Promise<{ readonly hub: Hub; readonly ask: AskHub }> {
  const { hub, close } = await openBenchHub(place.newFolder(), appliances);
  place.atEnd(close);
  return { hub, ask: (input) => hub.queue.ask(input) };
}
