import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { LedgerError, type LedgerErrorCode } from '../../daemon/ledger/errors.ts';

/** A directory of the system's own that goes when the test is over. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-ledger-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The LedgerError that `work` throws or rejects with. */
export async function failureOf(work: () => unknown): Promise<LedgerError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('expected a LedgerError, but nothing was thrown');
}

export async function codeOf(work: () => unknown): Promise<LedgerErrorCode> {
  return (await failureOf(work)).code;
}

/** A real second process on one of the programs beside this file, with the Node of the tests. Killed with the test. */
export function startProgram(
  name: 'appender' | 'holder' | 'restorer',
  dataDir: string,
  ...more: string[]
): ChildProcessWithoutNullStreams {
  const path = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, dataDir, ...more]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export async function exitOf(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The lines of a program, one a call; null at its end. */
export function linesOf(child: ChildProcessWithoutNullStreams): () => Promise<string | null> {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    return done === true ? null : value;
  };
}
