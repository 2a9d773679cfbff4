import type { Clock } from '../../relay-drivers/clock.ts';

/**
 * The world as a command sees it: main.ts gives the real one, a test its own. A command prints answers with `out`,
 * words with `err`, returns its exit code, and touches nothing of the process itself.
 */
export interface CliIo {
  /** One line on stdout. */
  out(line: string): void;
  /** One line on stderr. */
  err(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted by the first SIGTERM, SIGINT or SIGHUP: finish in order. The second one ends the process at once. */
  readonly stop: AbortSignal;
  /** Hears signals instead of dying of them or of finishing in order, until it is called off (`lock run` passes them on). */
  onSignal(listener: (name: NodeJS.Signals) => void): () => void;
  /** To a process that was started `detached`, and all that it started; 0 only looks. False when none of them is left. */
  signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean;
  /**
   * Resolves when stdin has ended: the parent that holds it is gone (`simulate --exit-with-stdin`). Meanwhile `onLine` is
   * told what the parent says (`simulate --broker -`).
   */
  stdinEnded(onLine?: (line: string) => void): Promise<void>;
  /** How to start this program once more: `[file, ...args]`, to be followed by a command. */
  readonly self: readonly string[];
  /** Called once when a long-running command serves: what was compiled is kept for the next start. */
  started(): void;
}

/** Exit codes (api.md). */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

/** What every file in cli/ that is a command exports. */
export interface Command {
  run(args: readonly string[], io: CliIo): Promise<number>;
}
