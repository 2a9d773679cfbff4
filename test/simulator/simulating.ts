import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { run } from '../../daemon/cli/simulate.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-simulate-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The command in this process, with a stdin that the test ends and a signal that it sends. */
export function start(words: readonly string[], cwd = folder(), env: Record<string, string> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const stop = new AbortController();
  const stdin = Promise.withResolvers<void>();
  let hear = (_line: string): void => undefined;
  const exit = run(words, {
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    cwd,
    env,
    clock: systemClock,
    stop: stop.signal,
    stdinEnded: (onLine) => {
      hear = onLine ?? hear;
      return stdin.promise;
    },
    started: () => lines.push('started'),
  });
  onTestFinished(() => stop.abort());
  /** What the parent says. */
  const say = (line: string) => hear(line);
  return { lines, errors, exit, say, stop: () => stop.abort(), endStdin: () => stdin.resolve() };
}

export interface Simulated {
  /** What a client opens. */
  readonly path: string;
  readonly control: string;
}

/** The command, once it serves, with its control port. */
export async function simulated(words: readonly string[]): Promise<Simulated> {
  const { lines } = start([...words, '--control', '0']);
  await expect.poll(() => lines).toContain('started');
  const said = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])[0] ?? '';
  return { path: said(/ ready on (.+)$/), control: said(/^control on (.+)$/) };
}
