import { existsSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { type OpenLedger, openLedger } from '../../../daemon/ledger/client.ts';
import { LedgerError } from '../../../daemon/ledger/errors.ts';
import { granted, switchedOff } from '../events.ts';

/** Runs a ledger on a small disk (the directory it is given) until it is full, and prints what it saw, one JSON a line. */
const [disk = ''] = process.argv.slice(2);
const dataDir = join(disk, 'data');
const filler = join(disk, 'filler');
let seq = 0;

function say(step: string, value: unknown): void {
  process.stdout.write(`${JSON.stringify([step, value])}\n`);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(5);
}

async function fillDisk(): Promise<void> {
  const file = await open(filler, 'a');
  for (let bytes = 65_536; bytes >= 512; ) {
    await file.write(Buffer.alloc(bytes)).catch(() => {
      bytes /= 2;
    });
  }
  await file.close();
}

async function attempt(ledger: OpenLedger, make: (seq: number) => ReturnType<typeof granted>): Promise<string> {
  try {
    await ledger.append([make(seq + 1)]);
    seq += 1;
    return 'recorded';
  } catch (error) {
    return error instanceof LedgerError ? error.code : String(error);
  }
}

const first = await openLedger({ dataDir, bootId: 'first' });
await until(() => existsSync(join(dataDir, 'ledger.reserve')));
say('an ON on a disk with room', await attempt(first, granted));
await until(async () => {
  await first.read(0, 1); // a turn of the thread: its reserve grows a step each
  return first.room === 'ok' && (await sizeOf()) === 4 * 1024 * 1024;
});
await fillDisk();
await until(async () => (await attempt(first, granted)) !== 'recorded');
say('room when an ON found the disk full', first.room);
say('the next ON', await attempt(first, granted));
say('an OFF', await attempt(first, switchedOff));
say('a snapshot', await first.saveSnapshot(1, '{}').then(String, (error: LedgerError) => error.code));
rmSync(filler);
await attempt(first, switchedOff);
await until(() => first.room === 'ok');
say('an ON when there is room again', await attempt(first, granted));
await first.close();

await fillDisk();
const second = await openLedger({ dataDir, bootId: 'second' });
say('what a start on a full disk finds', second.stored.lastSeq === seq);
say('an OFF after it', await attempt(second, switchedOff));
say('an ON after it', await attempt(second, granted));
await second.close();

async function sizeOf(): Promise<number> {
  const file = await open(join(dataDir, 'ledger.reserve'));
  const { size } = await file.stat();
  await file.close();
  return size;
}
