import type { BackupSource, LedgerRow } from '../backups.ts';
import { headReply, rowsReply } from './backup-handlers.ts';
import { askControl } from './control-client.ts';
import { runError } from './errors.ts';
import { loadBackup } from './hub-module.ts';

/** More than a hub gives at once: it bounds its pages itself. */
const PAGE = 1000;

export type OpenSource = BackupSource & { close(): Promise<void> };

/** Of the hub that runs on this data directory; of its ledger where none does. */
export async function openSource(dataDir: string): Promise<OpenSource> {
  const head = await askControl(dataDir, 'backup.head', {});
  if (head !== null)
    return { ...headReply.parse(head.result), rows: (after) => askRows(dataDir, after), close: async () => {} };
  const { openPages } = await loadBackup();
  const pages = await openPages(dataDir);
  const { origin } = pages;
  return { origin, lastSeq: pages.lastSeq(), rows: (after) => pages.readRows(after, PAGE), close: () => pages.close() };
}

/** A hub that was started anew meanwhile has the same events: the chain would show it if it had not. */
async function askRows(dataDir: string, afterSeq: number): Promise<LedgerRow[]> {
  const answered = await askControl(dataDir, 'backup.rows', { afterSeq, limit: PAGE });
  if (answered === null) throw runError('the hub stopped during the backup; nothing of it is left: ask again');
  return rowsReply.parse(answered.result).map((row) => ({ ...row, hash: Buffer.from(row.hash, 'hex') }));
}
