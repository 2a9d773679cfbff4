import type { CliIo } from '../../daemon/cli/io.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';

/** A command's world that remembers what was printed. */
export function testIo(changes: Partial<CliIo> = {}): CliIo & { outLines: string[]; errLines: string[] } {
  const outLines: string[] = [];
  const errLines: string[] = [];
  return {
    out: (line) => void outLines.push(line),
    err: (line) => void errLines.push(line),
    env: {},
    cwd: '/',
    clock: systemClock,
    stop: new AbortController().signal,
    onSignal: () => () => {},
    signalGroup: () => false,
    stdinEnded: () => new Promise(() => {}),
    self: [],
    started: () => {},
    ...changes,
    outLines,
    errLines,
  };
}
