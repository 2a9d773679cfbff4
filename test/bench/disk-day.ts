import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { DayRequest, DayTold } from './disk-day-program.ts';
import { diskOf, type Io } from './disk-io.ts';
import type { Place } from './place.ts';
import { heading, note, row, target } from './table.ts';

const PROGRAM = fileURLToPath(new URL('./disk-day-program.ts', import.meta.url));
/** `DISK_DAY_HOURS=1` is for a short look: its figures are then scaled up. */
const HOURS = Number(process.env.DISK_DAY_HOURS ?? 24);
const PLUGS = 100;
const TOGGLES = 500;
const AT_MOST_MB = 100;
/** An hour of it, on a machine with much else to do. */
const HOUR_WITHIN_MS = 300_000;

/** What a day costs the card: a real hub and its power history over a virtual clock, measured from /proc. */
export async function diskDay(place: Place): Promise<void> {
  heading(`Disk: a day of ${PLUGS} plugs that report every second and of ${TOGGLES} toggles, at full speed`);
  const folder = place.newFolder();
  const { kind, device } = diskOf(folder);
  note(`on ${kind} (${device})${/tmpfs|ramfs/.test(kind) ? ': that is memory, so write_bytes says nothing' : ''}`);
  const request: DayRequest = { folder, hours: HOURS, plugs: PLUGS, togglesPerDay: TOGGLES };
  const child = new Child(place, [PROGRAM, JSON.stringify(request)]);
  for (let hour = 1; hour <= HOURS; hour += 1) await child.said(new RegExp(`^(hour ${hour})$`, 'm'), HOUR_WITHIN_MS);
  report(JSON.parse(await child.said(/^day (.+)$/m)) as DayTold);
}

function report({ seconds, toggles, reports, ledger, telemetry, eventKinds, rows }: DayTold): void {
  if (HOURS !== 24) note(`${HOURS} h were lived; what follows is scaled up to 24`);
  const both = { handed: ledger.handed + telemetry.handed, dirtied: ledger.dirtied + telemetry.dirtied };
  const most = Math.max(mbPerDay(both.handed), mbPerDay(both.dirtied));
  target(
    'written in a day, write-ahead logs included',
    `${most.toFixed(1)} MB`,
    `< ${AT_MOST_MB} MB`,
    most < AT_MOST_MB,
  );
  row('  write_bytes / wchar: together', pair(both));
  row('  write_bytes / wchar: ledger (the hub’s own thread)', pair(ledger));
  row('  write_bytes / wchar: power history (its thread)', pair(telemetry));
  const events = Object.entries(eventKinds).sort(([, a], [, b]) => b - a);
  const total = events.reduce((sum, [, count]) => sum + count, 0);
  row('events in the ledger', String(total));
  note(events.map(([kind, count]) => `${kind} ${count}`).join(', '));
  row('rows of power history written, roll-ups included', String(rows));
  row(`a report, from the plug to its minute (${reports.toLocaleString('en')})`, `${us(seconds / reports)} us`);
  note(`${toggles} toggles; the larger of the two counts: what the file system adds for itself is in neither`);
}

function pair({ dirtied, handed }: Io): string {
  return `${mbPerDay(dirtied).toFixed(1)} / ${mbPerDay(handed).toFixed(1)} MB`;
}

function mbPerDay(bytes: number): number {
  return (bytes * 24) / HOURS / 1e6;
}

function us(seconds: number): string {
  return (seconds * 1e6).toFixed(1);
}
