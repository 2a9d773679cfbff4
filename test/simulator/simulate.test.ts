import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CliError } from '../../daemon/cli/errors.ts';
import * as F from './frames.ts';
import { openSerialClient } from './serial-client.ts';
import { folder, start } from './simulating.ts';

const MAIN = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));

describe('voltsafe simulate', () => {
  it('says what is ready, serves it, and cleans up when it is stopped', async () => {
    const cwd = folder();
    const { lines, exit, stop } = start(
      ['--board', 'modbus-coils', '--channels', '4', '--link', 'board', '--control', '0'],
      cwd,
    );
    await expect.poll(() => lines).toContain('started');
    expect(lines[0]).toBe(`board ready on ${join(cwd, 'board')}`);
    const url = lines[1]?.replace('control on ', '') ?? '';
    const truth = await (await fetch(`${url}/coils`)).json();
    expect(truth).toEqual({ coils: Array.from({ length: 4 }, () => expect.objectContaining({ closed: false })) });
    stop();
    expect(await exit).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
    await expect(fetch(`${url}/coils`)).rejects.toThrow();
  });

  it('puts several boards on one line', async () => {
    const { lines } = start(['--units', '1,2', '--flavour', 'lctech', '--link', 'line', '--control', '0']);
    await expect.poll(() => lines).toContain('started');
    const url = lines[1]?.replace('control on ', '') ?? '';
    expect((await fetch(`${url}/coils?unit=2`)).status).toBe(200);
    expect((await fetch(`${url}/coils?unit=255`)).status).toBe(400);
  });

  it('ends with its stdin only where that is asked for', async () => {
    const bound = start(['--exit-with-stdin']);
    const free = start([]);
    await expect
      .poll(() => [bound.lines, free.lines])
      .toEqual([expect.arrayContaining(['started']), expect.arrayContaining(['started'])]);
    bound.endStdin();
    free.endStdin();
    expect(await bound.exit).toBe(0);
    expect(await Promise.race([free.exit, systemTick()])).toBe('still running');
  });

  it.each([
    [['--board', 'toaster'], '--board is one of modbus-coils, modbus-fc06, lcus, kmtronic, numato'],
    [['--channels', '33'], '--channels takes whole numbers from 1 to 32'],
    [['--channels', '8x'], '--channels'],
    [['--unit', '0'], '--unit'],
    [['--unit', '1', '--units', '1,2'], 'exclude'],
    [['--units', '1,,2'], '--units'],
    [['--units', '2,2'], 'twice'],
    [['--baud', '9'], '--baud'],
    [['--parity', 'mark'], '--parity is one of'],
    [['--flavour', 'vanilla'], '--flavour is one of waveshare, lctech'],
    [['--board', 'numato', '--flavour', 'waveshare'], '--flavour is one of numato'],
    [['--board', 'numato', '--channels', '65'], '--channels takes whole numbers from 1 to 64'],
    [['--board', 'lcus', '--units', '1,2'], 'no address'],
    [['--board', 'lcus', '--meter', 'sdm630:2'], 'share no line'],
    [['--board', 'modbus-coils', '--meter', 'dsmr-v5'], 'a line of its own'],
    [['--meter', 'dsmr-v5,sdm630'], 'a line of its own'],
    [['--meter', 'dsmr-v5:1'], 'no unit'],
    [['--meter', 'sdm999'], '--meter takes model or model:unit, the model one of sdm120'],
    [['--meter', 'sdm630:248'], '--meter takes whole numbers from 1 to 247'],
    [['--meter', 'sdm630:1:1'], '--meter takes'],
    [['--meter', 'sdm630,pzem'], 'unit 1 is there twice'],
    [['--board', 'modbus-coils', '--meter', 'sdm630'], 'unit 1 is there twice'],
    [['--meter', 'sdm630', '--channels', '8'], 'only with --board'],
    [['--watts', '100'], 'there is none'],
    [['--board', 'modbus-coils', '--channels', '1', '--meter', 'pzem:2', '--watts', '1,2'], 'more channels'],
    [['--board', 'modbus-coils', '--meter', 'pzem:2', '--watts', '1,-2'], '--watts takes whole numbers'],
    [['--control', '70000'], '--control'],
    [['--chanels', '8'], '--channels'],
    [['extra'], 'extra'],
  ])('%j is a mistake of usage', async (words, hint) => {
    const failure = await start(words).exit.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CliError);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining(hint) });
  });

  it('does not take a file for a link: exit 1, and no control port stays behind', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'file'), '');
    const failure = await start(['--link', 'file', '--control', '0'], cwd).exit.catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 1, message: expect.stringContaining('not a symbolic link') });
  });
});

describe('voltsafe simulate as a process of its own', () => {
  it('outlives its clients, and ends when its parent closes stdin', async () => {
    const cwd = folder();
    const words = ['--link', 'board', '--exit-with-stdin'];
    const child = spawn(process.execPath, [MAIN, 'simulate', ...words], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = exitCode(child);
    await firstLine(child);
    const first = await openSerialClient(join(cwd, 'board'));
    await first.exchange(F.ON_1, F.ON_1);
    await first.close();
    const second = await openSerialClient(join(cwd, 'board'));
    await second.exchange(F.READ_COILS, '01 01 01 01 90 48');
    await second.close();
    child.stdin?.end();
    expect(await exit).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  }, 20_000);
});

/** One turn of the event loop: whatever was to end by now has ended. */
function systemTick(): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => resolve('still running'));
  });
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString()));
  });
}
