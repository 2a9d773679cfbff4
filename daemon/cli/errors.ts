import { FAILED, USAGE } from './io.ts';

/** Ends a command with one clear line; the dispatcher prints it. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, what: string) {
    super(what);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The caller asked for something that this program does not understand. */
export function usageError(what: string): CliError {
  return new CliError(USAGE, what);
}

/** It was understood and could not be done. */
export function runError(what: string): CliError {
  return new CliError(FAILED, what);
}

/** The words of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
