import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { ask } from '../postgres/server.ts';

/**
 * What Postgres has of a ledger, held against the ledger's own file, row by row: none missing, none twice, the same hashes,
 * and a chain that holds by SQL. The hub that holds the file must be at rest; a copy of it is read.
 */
export async function copyOf(dataDir: string, url: string): Promise<{ rows: number; wrong: string[] }> {
  const ledger = hashesOf(dataDir);
  const copy = await ask(url, 'select seq::int, hash from voltsafe.event where origin = $1 order by seq', [
    ledger.origin,
  ]);
  const links = await ask(url, 'select seq::int, what from voltsafe.broken_links($1)', [ledger.origin]);
  const wrong = links.map(({ seq, what }) => `${seq}: ${what}`);
  for (const [i, hash] of ledger.hashes.entries()) {
    const row = copy[i];
    if (row?.seq !== i + 1 || !(row.hash instanceof Buffer) || !row.hash.equals(hash)) wrong.push(`${i + 1}: differs`);
  }
  if (copy.length !== ledger.hashes.length) wrong.push(`${copy.length} rows of ${ledger.hashes.length}`);
  return { rows: copy.length, wrong };
}

function hashesOf(dataDir: string): { origin: string; hashes: Buffer[] } {
  const folder = mkdtempSync(join(tmpdir(), 'voltsafe-copied-'));
  try {
    for (const name of ['ledger.db', 'ledger.db-wal']) cpSync(join(dataDir, name), join(folder, name));
    const store = new LedgerStore(join(folder, 'ledger.db'), { bootId: 'reader', newOrigin: () => 'none' });
    const hashes: Buffer[] = [];
    while (hashes.length < store.lastSeq)
      for (const { hash } of store.readPage(hashes.length, 1000)) hashes.push(Buffer.from(hash));
    store.close();
    return { origin: store.origin, hashes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
