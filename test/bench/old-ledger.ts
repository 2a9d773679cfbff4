import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ANNA, declaredLoad, openBenchHub, toggle } from './in-process.ts';
import type { Place } from './place.ts';

const CHANNELS = 8;
const LOADS = 20;

/** A ledger of so many rows as a hub leaves it when it stops: a relay on each of eight channels, and declared loads. */
export async function oldLedger(rows: number, place: Place): Promise<string> {
  const dataDir = place.newFolder();
  const buses = [{ id: 'main', channels: CHANNELS, isSimulated: false }];
  const { hub, close } = await openBenchHub(dataDir, LOADS, { buses });
  for (let channel = 1; channel <= CHANNELS; channel++) {
    const settings = { ...declaredLoad(`relay-${channel}`), relay: { bus: 'main', channel } };
    // Nobody reads these relays here, so nobody waits for an answer.
    hub.queue.tell({ kind: 'add_appliance', settings, who: ANNA });
  }
  for (let isOn = true; hub.state.seq < rows; isOn = !isOn) {
    await Promise.all(Array.from({ length: LOADS }, (_, i) => hub.queue.ask(toggle(`load-${i}`, isOn))));
  }
  await close();
  return dataDir;
}

export function copyOf(dataDir: string, place: Place): string {
  const copy = place.newFolder();
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

/** As after a crash of a hub that never wrote one, or one of another version: a start replays every row. */
export function withoutSnapshots(dataDir: string, place: Place): string {
  const copy = copyOf(dataDir, place);
  const db = new Database(join(copy, 'ledger.db'));
  db.pragma('foreign_keys = ON');
  db.exec('DELETE FROM snapshot');
  db.close();
  return copy;
}
