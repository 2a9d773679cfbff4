import { z } from 'zod';
import type { LedgerPages } from '../backups.ts';
import type { Handlers } from './control-wire.ts';
import { read } from './desk-words.ts';

const seq = z.int().min(0);

export const headReply = z.strictObject({ origin: z.string(), lastSeq: seq });

const rowsParams = z.strictObject({ afterSeq: seq, limit: z.int().min(1).max(10_000) });

/** A row with its hash in hex; the rest as the ledger has it. */
export const rowsReply = z.array(
  z.strictObject({
    seq,
    wallMs: z.number(),
    upMs: z.number(),
    bootId: z.string(),
    kind: z.string(),
    who: z.string().nullable(),
    appliance: z.string().nullable(),
    body: z.string(),
    hash: z.hex().length(64),
  }),
);

/** What a backup asks of a running hub. It only reads: the file is written by who asks, as the user who asks. */
export function backupHandlers(ledger: LedgerPages): Handlers {
  return {
    'backup.head': async () => ({ origin: ledger.origin, lastSeq: ledger.lastSeq() }),
    'backup.rows': async (params) => {
      const { afterSeq, limit } = read(rowsParams, params);
      const rows = await ledger.readRows(afterSeq, limit);
      return rows.map((row) => ({ ...row, hash: row.hash.toString('hex') }));
    },
  };
}
