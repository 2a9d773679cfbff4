import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { openPages, writeBackup } from '../../../daemon/backups.ts';
import { LedgerError } from '../../../daemon/ledger/errors.ts';
import { LedgerStore } from '../../../daemon/ledger/store.ts';
import { grants } from '../events.ts';

/** Tries to back a ledger of some 5 MB up onto a disk without room for it, and prints what became of it. */
const [disk = '', dataDir = ''] = process.argv.slice(2);
mkdirSync(dataDir, { recursive: true });
const store = new LedgerStore(join(dataDir, 'ledger.db'), { bootId: 'boot', newOrigin: () => 'origin-1' });
for (let seq = 0; seq < 12_000; seq += 1000) store.append(grants(seq + 1, seq + 1000));
store.close();
const pages = await openPages(dataDir);
const source = { origin: pages.origin, lastSeq: pages.lastSeq(), rows: (after: number) => pages.readRows(after, 1000) };
const tried = writeBackup(join(disk, 'copy.db'), source, { dataDir, stop: new AbortController().signal });
const said = await tried.then(
  () => 'written',
  (error) => (error instanceof LedgerError ? `${error.code}: ${error.what}` : String(error)),
);
const events = (await pages.readRows(11_999, 1)).length;
await pages.close();
process.stdout.write(JSON.stringify({ said, left: readdirSync(disk), events }));
