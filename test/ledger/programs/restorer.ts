import { writeSync } from 'node:fs';
import process from 'node:process';
import { restoreBackup } from '../../../daemon/restore-backup.ts';

/** Restores a backup up to a step, says so, and stays there until it is killed. */
const [dataDir = '', file = '', last = ''] = process.argv.slice(2);
const never = new Int32Array(new SharedArrayBuffer(4));

function onStep(step: string): void {
  if (step !== last) return;
  writeSync(1, `${step}\n`);
  Atomics.wait(never, 0, 0);
}

const who = { principal: 'cli', name: 'command line', role: 'admin', source: 'cli' } as const;
const names = { origin: 'origin-new', bootId: 'restore', wallMs: Date.parse('2026-11-20T12:00:00Z') };
restoreBackup({ file, dataDir, ...names, who, onStep });
