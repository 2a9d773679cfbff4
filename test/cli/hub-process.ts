import { type ChildProcess, spawn } from 'node:child_process';
import { expect, onTestFinished, vi } from 'vitest';
import { BIN } from './voltsafe.ts';

export interface HubProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
  /** The address that the panel's link names. */
  url(): string;
}

/** `voltsafe start` or `run` as a process; it is killed with the test. */
export function startProcess(args: readonly string[]): HubProcess {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = () => /(http:\/\/[^/\s]+)\/#setup=/.exec(text.out)?.[1] ?? '';
  return { child, ended, out: () => text.out, err: () => text.err, url };
}

export async function runs(hub: HubProcess): Promise<void> {
  await vi.waitFor(() => {
    if (hub.child.exitCode !== null) throw new Error(hub.err());
    expect(hub.out()).toContain('  data ');
  }, 30_000);
}
