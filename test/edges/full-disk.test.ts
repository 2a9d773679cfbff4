import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { fill } from './disks.ts';
import { type House, newHouse, PATIENTLY, scratch } from './rig.ts';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(64 * 1024, 7);

/** A small disk of its own, or null where this user may not mount one. */
async function mounted(make: (at: string) => Promise<unknown>): Promise<string | Error> {
  const at = join(scratch(), 'disk');
  mkdirSync(at);
  try {
    await make(at);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  onTestFinished(async () => {
    await run('umount', ['-l', at]);
  });
  return at;
}

function smallDisk(): Promise<string | Error> {
  return mounted((at) => run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'voltsafe-test', at]));
}

/** An ext4 in a file: the only kind of disk here that can be made to hang. */
function diskThatCanHang(): Promise<string | Error> {
  return mounted(async (at) => {
    const image = `${at}.img`;
    writeWhole(image, 24 * 1024 * 1024);
    await run('mkfs.ext4', ['-q', '-F', image]);
    await run('mount', ['-o', 'loop', image, at]);
    await run('fsfreeze', ['-f', at]);
    await run('fsfreeze', ['-u', at]);
  });
}

function noMatter(): void {}

function skipWithout(disk: string | Error, { skip }: TestContext): string {
  if (disk instanceof Error) return skip(`needs the right to mount a disk: ${disk.message.trim()}`);
  return disk;
}

function writeWhole(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  for (let left = bytes; left > 0; left -= CHUNK.length) writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
  closeSync(file);
}

async function houseOn(disk: string): Promise<House> {
  const house = await newHouse({ dataDir: join(disk, 'data') });
  await house.start();
  for (const [id, channel] of Object.entries({ heater: 1, oven: 2, lamp: 3 })) await house.add(id, 1000, channel);
  for (const id of ['heater', 'oven']) expect((await house.api.toggle(id, true)).status).toBe(200);
  return house;
}

/** What the ON is answered; a page of the disk may have had room for one more. */
async function onAndOff({ api }: House): Promise<number> {
  const { status } = await api.toggle('lamp', true);
  if (status === 200) await api.toggle('lamp', false);
  return status;
}

async function isRefused(house: House): Promise<void> {
  const refused = await house.api.toggle('lamp', true);
  expect(refused).toMatchObject({ status: 503, body: { code: 'ledger_unavailable' } });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
}

async function isBackToNormal(house: House): Promise<void> {
  await expect.poll(async () => (await house.api.toggle('lamp', true)).status, PATIENTLY).toBe(200);
  await expect.poll(() => house.board.closed(), PATIENTLY).toEqual([3]);
  const asked = (await house.api.decisions()).filter(({ kind, actor }) => kind === 'ordered' && actor === 'admin');
  const offs = asked.flatMap(({ appliance, is_on }) => (is_on ? [] : appliance));
  expect(offs).toEqual(expect.arrayContaining(['heater', 'oven']));
  expect((await house.api.load()).reserved_w).toBe(1000);
}

describe('a disk that is full (S7)', { timeout: 60_000 }, () => {
  it('ON is 503, OFF works and is recorded; with room again all is as before', async (context) => {
    const disk = skipWithout(await smallDisk(), context);
    const house = await houseOn(disk);
    fill(disk, 'filler');
    await expect.poll(() => onAndOff(house), PATIENTLY).toBe(503);
    await isRefused(house);
    expect((await house.api.toggle('heater', false)).status).toBe(200);
    expect(await house.board.closed()).toEqual([2]);

    // What was kept aside for OFFs is gone too: not even an OFF can be recorded, and it goes out all the same.
    fill(disk, 'filler-2');
    expect((await house.api.toggle('oven', false)).status).toBe(200);
    expect(await house.board.closed()).toEqual([]);
    await isRefused(house);

    for (const name of ['filler', 'filler-2']) rmSync(join(disk, name));
    await isBackToNormal(house);
  });
});

describe('a disk that hangs (S7)', { timeout: 60_000 }, () => {
  it('stops ONs with 503 and lets OFFs through; what was refused is not carried out later', async (context) => {
    const disk = skipWithout(await diskThatCanHang(), context);
    const house = await houseOn(disk);
    // Runs before the house is closed: a process that waits for a frozen disk cannot even be killed.
    onTestFinished(() => run('fsfreeze', ['-u', disk]).then(noMatter, noMatter));
    await run('fsfreeze', ['-f', disk]);
    await isRefused(house);
    for (const id of ['heater', 'oven']) {
      const { status, body } = await house.api.toggle(id, false);
      expect({ status, body }).toMatchObject({ status: 200, body: { decision: { seq: null } } });
    }
    expect(await house.board.closed()).toEqual([]);
    await isRefused(house);
    expect((await house.api.load()).reserved_w).toBeGreaterThanOrEqual(2000);
    await run('fsfreeze', ['-u', disk]);
    await expect.poll(() => house.api.load(), PATIENTLY).toMatchObject({ reserved_w: 0 });
    expect(await house.board.written(3)).toEqual([]);
    await isBackToNormal(house);
  });
});
