import { expect, it } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';

const DELAY_MS = 20;

/** Elapsed by the clock's own account. */
function elapsedMs(delayMs: number): Promise<number> {
  const startMs = systemClock.nowMs();
  return new Promise((resolve) => systemClock.after(delayMs, () => resolve(systemClock.nowMs() - startMs)));
}

/** Keeps the event loop busy, as a real one is: its own time then lags behind. */
function work(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

it('a timer is never early by the clock that set it', async () => {
  const told: Promise<number>[] = [];
  for (let i = 0; i < 200; i += 1) {
    work(i % 3);
    told.push(elapsedMs(DELAY_MS));
    if (i % 10 === 0) await elapsedMs(0);
  }
  expect(Math.min(...(await Promise.all(told)))).toBeGreaterThanOrEqual(DELAY_MS);
});

it('one that was cancelled never fires', async () => {
  let isFired = false;
  const cancel = systemClock.after(1, () => {
    isFired = true;
  });
  cancel();
  await elapsedMs(5);
  expect(isFired).toBe(false);
});
