import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it, onTestFinished, vi } from 'vitest';
import { BoardProcess } from '../../daemon/cli/board-process.ts';
import { tellBroker } from '../../daemon/cli/plug-broker.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { userBroker } from '../simulator/user-broker.ts';
import { BIN, scratch } from './voltsafe.ts';

function board(self = [process.execPath, BIN], more: readonly string[] = []) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const link = join(scratch(), 'board');
  const say = (line: string) => void said.push(line);
  const made = new BoardProcess({ self, env: process.env, clock, channels: 4, more, link, say });
  onTestFinished(() => made.stop());
  return { made, clock, said, link };
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('starts a board, brings a dead one back on the same control address, and ends it', { timeout: 30_000 }, async () => {
  const { made, clock, said, link } = board();
  await made.start();
  const { pid: first, control } = made;
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(await (await fetch(`${control}/coils`)).json()).toMatchObject({ coils: [{}, {}, {}, {}] });

  if (first === undefined) throw new Error('the board has no process');
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() =>
    expect(said).toEqual(['the simulated board is gone (its relays are unknown); the next one in 1 s']),
  );
  await clock.advance(1000);
  await vi.waitFor(() => expect(said[1]).toBe(`the simulated board is back, its control on ${control}`), 20_000);
  expect(made.pid).not.toBe(first);
  expect((await fetch(`${control}/coils`)).status).toBe(200);

  const second = made.pid;
  await made.stop();
  expect(isAlive(second)).toBe(false);
  expect(existsSync(link)).toBe(false);
});

it('says why a board does not start', async () => {
  const { made } = board([process.execPath, '-e', 'process.exit(3)']);
  await expect(made.start()).rejects.toThrow('the simulated board does not start: it ended with exit code 3');
  const { made: missing } = board(['/no/such/program']);
  await expect(missing.start()).rejects.toThrow(/does not start: .*ENOENT/);
});

it('gives a board up that says nothing', async () => {
  const { made, clock } = board([process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  const started = made.start();
  const { pid } = made;
  const failed = expect(started).rejects.toThrow('not ready within 10 s');
  await clock.advance(10_000);
  await failed;
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});

it('tells a board that came back what the one before was told', { timeout: 30_000 }, async () => {
  const broker = await userBroker({ kettle: 'right' });
  const { made, clock } = board(undefined, ['--plug', 'tasmota:kettle', '--broker', '-']);
  await made.start();
  made.tell(tellBroker(broker.url, { kettle: 'right' }));
  const isHeard = () => broker.heard.some(({ line }) => line.startsWith('kettle tele/kettle/LWT Online'));
  await expect.poll(isHeard, { timeout: 10_000 }).toBe(true);
  broker.heard.splice(0);
  if (made.pid === undefined) throw new Error('the board has no process');
  process.kill(made.pid, 'SIGKILL');
  await vi.waitFor(() => expect(clock.pending).toBe(1));
  await clock.advance(1000);
  await expect.poll(isHeard, { timeout: 20_000 }).toBe(true);
});
