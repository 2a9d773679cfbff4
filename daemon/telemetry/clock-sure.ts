import { existsSync } from 'node:fs';
import type { Clock } from '../../relay-drivers/clock.ts';

/** Where systemd's time service works, and the file that it makes once the time was synchronised. */
const TIME_SERVICE = '/run/systemd/timesync';
const SYNCHRONIZED = `${TIME_SERVICE}/synchronized`;
/** A clock without a battery begins in 1970, or when its image was built. */
const FIRST_WALL_MS = Date.UTC(2025, 0, 1);
const LOOK_EVERY_MS = 10_000;

type Exists = (path: string) => boolean;

/**
 * Whether the wall clock can be believed: it was synchronised since the machine started, or nobody here would tell and
 * the year is possible. Once sure, it stays so: a clock that was right runs on.
 */
export function clockSureness(clock: Clock, exists: Exists = existsSync): () => boolean {
  let isSure = false;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (isSure || clock.nowMs() - lookedMs < LOOK_EVERY_MS) return isSure;
    lookedMs = clock.nowMs();
    const isKept = exists(SYNCHRONIZED) || !exists(TIME_SERVICE);
    isSure = isKept && clock.wallMs() >= FIRST_WALL_MS;
    return isSure;
  };
}
