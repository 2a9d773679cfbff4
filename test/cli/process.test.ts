import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BIN, scratch, voltsafe } from './voltsafe.ts';

/** Runs in the process before main.ts does. */
const preload = (program: string) => ['--import', `data:text/javascript,${encodeURIComponent(program)}`];

/** A throw once main.ts listens for it. */
const thrown = (what: string) =>
  preload(
    `process.on('newListener', (name) => { if (name === 'unhandledRejection') setImmediate(() => { ${what} }); });`,
  );

/** A long-running command, once it says that it runs. */
async function simulated(
  nodeArgs: readonly string[] = [],
): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const args = [
    ...nodeArgs,
    BIN,
    'simulate',
    '--board',
    'modbus-coils',
    '--channels',
    '2',
    '--link',
    join(scratch(), 'b'),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  await vi.waitFor(() => expect(out).toContain('board ready on'), 20_000);
  return { child, ended };
}

/** How glibc keeps memory, as each beginning of the process finds it. */
const memory = preload(
  `console.error('BEGIN', process.pid, process.env.MALLOC_ARENA_MAX, process.env.MALLOC_MMAP_THRESHOLD_, process.env.MALLOC_TRIM_THRESHOLD_);`,
);

async function beginnings(command: string, env: Record<string, string | undefined>): Promise<string[]> {
  const clean = { ...process.env, MALLOC_ARENA_MAX: undefined };
  const { err } = await voltsafe([command, '--config', join(scratch(), 'none.yaml')], {
    nodeArgs: memory,
    env: { ...clean, ...env },
  });
  return err.split('\n').filter((line) => line.startsWith('BEGIN'));
}

describe.runIf(process.platform === 'linux')('the memory of a hub', () => {
  it('is one arena, with large pieces given back: it begins once more as the same process', async () => {
    const [first, second, ...more] = await beginnings('run', {});
    const [, pid] = (first ?? '').split(' ');
    expect(first).toBe(`BEGIN ${pid} undefined undefined undefined`);
    expect(second).toBe(`BEGIN ${pid} 1 16384 65536`);
    expect(more).toEqual([]);
  });

  it('is as somebody set it', async () => {
    expect(await beginnings('run', { MALLOC_ARENA_MAX: '4' })).toEqual([
      expect.stringMatching(/ 4 undefined undefined$/),
    ]);
  });

  it('is no matter for commands that end', async () => {
    expect(await beginnings('check', {})).toHaveLength(1);
  });
});

describe('the process', () => {
  it.each([
    ['an error that nobody caught', `throw new Error('boom')`],
    ['a rejection that nobody caught', `Promise.reject(new Error('boom'))`],
  ])('ends with one line and exit code 1 on %s', async (_what, program) => {
    const { code, err } = await voltsafe(['simulate'], { nodeArgs: thrown(program) });
    expect(code).toBe(1);
    expect(err).toMatch(/^voltsafe: stopped by an unexpected error: boom \(at .*\)\n$/);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops in order on %s: exit code 0', async (signal) => {
    const { child, ended } = await simulated();
    child.kill(signal);
    expect(await ended).toBe(0);
  });

  it('stops at once on the second signal: exit code 1', async () => {
    // A process whose orderly end never comes.
    const { child, ended } = await simulated(
      preload(`const { exit } = process; process.exit = (code) => (code === 0 ? setInterval(() => {
        process.stdout.write('still here ');
      }, 10) : exit(code));`),
    );
    const isStuck = new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    await isStuck;
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
  });

  it('keeps what it writes from others', async () => {
    const program = `process.on('exit', () => console.error(process.umask().toString(8)));`;
    expect((await voltsafe(['--version'], { nodeArgs: preload(program) })).err).toBe('77\n');
  });
});
