import type { Finding } from './finding.ts';

/** What was found on one port, under the name that stays the same when cables are moved. */
export interface Found {
  readonly path: string;
  readonly findings: readonly Finding[];
}

/** Ready for the configuration file: what is found, as entries of `buses` and `meters`. Empty when there is nothing. */
export function configurationOf(found: readonly Found[]): string {
  const draft = new Draft();
  for (const port of found) draft.add(port);
  return [...section('buses', draft.buses), ...section('meters', draft.meters)].join('\n');
}

class Draft {
  readonly buses: string[] = [];
  readonly meters: string[] = [];

  add({ path, findings }: Found): void {
    const [firstId] = findings.filter(({ role }) => role === 'board').map((board) => this.#addBoard(path, board));
    for (const meter of findings.filter(({ role }) => role === 'meter')) this.#addMeter(path, firstId ?? null, meter);
  }

  #addBoard(path: string, board: Finding): string {
    const id = `board-${this.buses.length + 1}`;
    this.buses.push(entry({ id, driver: board.driver, path, ...terms(board), ...unit(board), ...board.settings }));
    return id;
  }

  /** Beside a board it shares the board's line. */
  #addMeter(path: string, bus: string | null, meter: Finding): void {
    const id = `meter-${this.meters.length + 1}`;
    const place = bus === null ? { path, ...terms(meter) } : { bus };
    this.meters.push(
      entry({ id, driver: meter.driver, ...place, ...unit(meter), ...meter.settings, measures: 'house' }),
    );
  }
}

function terms({ baud, parity }: Finding): Record<string, string | number> {
  return parity === 'none' ? { baud } : { baud, parity };
}

function unit({ unit: address }: Finding): Record<string, number> {
  return address === null ? {} : { unit: address };
}

function section(name: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`${name}:`, ...entries.map((text) => `  - ${text}`)];
}

/** Quoted where YAML would read something else. */
function entry(fields: Readonly<Record<string, string | number | null>>): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}: ${shown(value)}`);
  return `{ ${parts.join(', ')} }`;
}

function shown(value: string | number | null): string {
  return typeof value === 'string' && !/^[\w/.-]+$/.test(value) ? JSON.stringify(value) : String(value);
}
