import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it, onTestFinished } from 'vitest';
import { LockedChild } from '../../daemon/cli/lock-child.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { scratch } from './voltsafe.ts';

/** The real thing, as main.ts gives it. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function started(clock: VirtualClock, command: string, cwd = scratch()): Promise<LockedChild> {
  const words = ['sh', '-c', `${command}; touch ready; while :; do sleep 0.05; done`];
  const child = new LockedChild({ words, env: process.env, cwd, clock, signalGroup });
  onTestFinished(() => child.signal('SIGKILL'));
  await expect.poll(() => existsSync(join(cwd, 'ready')), { timeout: 20_000 }).toBe(true);
  return child;
}

it('a command that does not hear SIGTERM is killed after 5 s, with what it started', async () => {
  const clock = new VirtualClock();
  const child = await started(clock, `trap '' TERM; sleep 1000 & true`);
  let isOver = false;
  const ending = child.end().then(() => {
    isOver = true;
  });
  await clock.advance(4_900);
  expect(isOver).toBe(false);
  await clock.advance(200);
  await ending;
  expect(await child.ended).toBe(128 + 9);
});

it('SIGTERM reaches what the command started: nobody waits for those who hear it', async () => {
  const clock = new VirtualClock();
  const cwd = scratch();
  const child = await started(clock, 'sleep 1000 & echo $! > helper', cwd);
  const helper = Number(readFileSync(join(cwd, 'helper'), 'utf8'));
  const ending = child.end();
  expect(await child.ended).toBe(128 + 15);
  // The clock stands still: no SIGKILL can have come.
  await expect.poll(() => isAlive(helper), { timeout: 20_000 }).toBe(false);
  await clock.advance(5000);
  await ending;
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
