import { existsSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { apply } from './core/apply.ts';
import { decide } from './core/decide.ts';
import type { Who } from './core/model.ts';
import { readSnapshot, writeSnapshot } from './core/snapshot.ts';
import { draftOf, emptyState, type State } from './core/state.ts';
import { checkApplication } from './ledger/backup-check.ts';
import { copyBytes } from './ledger/beside.ts';
import { asLedgerError, LedgerError } from './ledger/errors.ts';
import { LedgerPlace, type OnStep } from './ledger/place.ts';
import { markRestored } from './ledger/restored.ts';
import { LedgerStore } from './ledger/store.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly dataDir: string;
  /** Of the ledger that it becomes; randomness and time come from outside. */
  readonly origin: string;
  readonly bootId: string;
  readonly wallMs: number;
  readonly who: Who;
  /** Tests only: told between the steps. */
  readonly onStep?: (step: 'copied' | 'recorded' | Parameters<OnStep>[0]) => void;
}

export interface Restored {
  readonly events: number;
  readonly fromOrigin: string;
  /** Wall clock of the last event of the backup; null where there is none. */
  readonly lastWallMs: number | null;
  /** The ledger that was there before; null where there was none. */
  readonly aside: string | null;
}

/**
 * Puts a backup in the place of a hub's ledger: copied, verified from the first event to the last, brought to this version
 * and told what became of it, all beside the ledger of before, which nothing touches until then.
 */
export function restoreBackup(options: RestoreOptions): Restored {
  const { file, dataDir, wallMs, onStep = () => {} } = options;
  const path = join(dataDir, 'ledger.db');
  checkFile(file, path);
  const place = new LedgerPlace(path);
  try {
    for (const log of ['', '-wal'])
      if (existsSync(`${file}${log}`)) copyBytes(`${file}${log}`, `${place.incoming}${log}`);
    onStep('copied');
    const told = record(place, options);
    onStep('recorded');
    return { ...told, aside: place.put(stampOf(wallMs), onStep) };
  } finally {
    place.release();
  }
}

/** The ledger itself must not even be opened: closing it would drop the locks that SQLite has on it. */
function checkFile(file: string, path: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new LedgerError('backup_failed', `there is no file ${file}`);
  const isOwn = [path, `${path}.restoring`].some((name) => isSame(found, statSync(name, { throwIfNoEntry: false })));
  if (isOwn) throw new LedgerError('backup_failed', `${file} is the ledger of this data directory itself`);
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

type Told = Omit<Restored, 'aside'>;

function record(place: LedgerPlace, options: RestoreOptions): Told {
  const db = new Database(place.incoming);
  try {
    checkApplication(db, options.file);
    const store = new LedgerStore(db, { bootId: options.bootId, newOrigin: () => options.origin });
    try {
      return recordIn(db, store, place.tokenFloor, options);
    } finally {
      store.close();
    }
  } catch (error) {
    throw ofBackup(error, options.file);
  } finally {
    db.close();
  }
}

function ofBackup(error: unknown, file: string): LedgerError {
  const { code, what } = asLedgerError(error, file);
  if (code === 'ledger_full') return new LedgerError('ledger_full', `no room for another ledger: ${what}`);
  return new LedgerError(code === 'ledger_newer' ? code : 'backup_failed', `${file} cannot be restored: ${what}`);
}

function recordIn(db: Database.Database, store: LedgerStore, knownFloor: number, options: RestoreOptions): Told {
  const { origin, wallMs, who } = options;
  const events = store.verify();
  const { snapshot, lastUpMs } = store.opening();
  const state = (snapshot && readSnapshot(snapshot.state)) ?? emptyState();
  replay(state, store);
  const lastWallMs = store.read(events - 1, 1)[0]?.wallMs ?? null;
  const from = { origin: store.origin, seq: events };
  const noted = { kind: 'note_restored', origin, fromOrigin: from.origin, fromSeq: from.seq, knownFloor, who } as const;
  const decision = decide(draftOf(state), noted, { upMs: lastUpMs + 1, wallMs });
  store.append(decision.events);
  for (const event of decision.events) apply(state, event);
  store.saveSnapshot(state.seq, writeSnapshot(state));
  markRestored(db, { origin, from, wallMs, tokenFloor: state.tokenFloor });
  return { events, fromOrigin: from.origin, lastWallMs };
}

const PAGE = 1000;

/** Page by page: years of events are more than memory. */
function replay(state: State, store: LedgerStore): void {
  for (let page = store.read(state.seq, PAGE); page.length > 0; page = store.read(state.seq, PAGE))
    for (const event of page) apply(state, event);
}

/** As a part of a file's name: `2026-11-21T13-45-00-123Z`. */
function stampOf(wallMs: number): string {
  return new Date(wallMs).toISOString().replaceAll(/[:.]/g, '-');
}
