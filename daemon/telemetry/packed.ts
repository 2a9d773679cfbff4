import type { PowerRow, RevisedRow } from '../core/power.ts';
import type { PowerPoint } from './port.ts';
import { LEVELS, RESOLUTION_OF } from './rows.ts';

/** Rows as they cross the thread: numbers side by side cost the hub's thread a fifth of what objects do. */
export interface Packed {
  readonly sources: readonly string[];
  readonly cells: Float64Array<ArrayBuffer>;
}

const WIDTH = 14;
const ESTIMATED = 1;
const CLOCK_SURE = 2;

export function packPoints(points: readonly PowerPoint[]): Packed {
  return pack(points, ({ spanMs }) => [spanMs, 0]);
}

export function packRevised(rows: readonly RevisedRow[]): Packed {
  return pack(rows, ({ rev, resolution }) => [rev, LEVELS[resolution]]);
}

export function unpackPoints(packed: Packed): PowerPoint[] {
  return unpack(packed, (row, spanMs) => ({ ...row, spanMs }));
}

export function unpackRevised(packed: Packed): RevisedRow[] {
  return unpack(packed, (row, rev, level) => ({ ...row, rev, resolution: RESOLUTION_OF[level] ?? 'day' }));
}

function pack<T extends PowerRow>(rows: readonly T[], extra: (row: T) => readonly [number, number]): Packed {
  const places = new Map<string, number>();
  const cells = new Float64Array(rows.length * WIDTH);
  for (const [i, row] of rows.entries()) {
    const place = places.get(row.source) ?? places.size;
    places.set(row.source, place);
    cells.set([place, ...numbersOf(row), ...extra(row)], i * WIDTH);
  }
  return { sources: [...places.keys()], cells };
}

function numbersOf(row: PowerRow): number[] {
  const flags = (row.isEstimated ? ESTIMATED : 0) | (row.isClockSure ? CLOCK_SURE : 0);
  return [
    ...[row.startMs, row.avgMw, row.minMw, row.maxMw, row.energyMwh, row.voltageMv ?? Number.NaN, row.coveredMs],
    ...[row.samples, row.interactiveMw ?? Number.NaN, row.backgroundMw ?? Number.NaN, flags],
  ];
}

function unpack<T>({ sources, cells }: Packed, make: (row: PowerRow, one: number, other: number) => T): T[] {
  const rows: T[] = [];
  for (let at = 0; at < cells.length; at += WIDTH) {
    const cell = (i: number) => cells[at + i] ?? Number.NaN;
    const flags = cell(11);
    const row = {
      source: sources[cell(0)] ?? '',
      startMs: cell(1),
      avgMw: cell(2),
      minMw: cell(3),
      maxMw: cell(4),
      energyMwh: cell(5),
      voltageMv: orNull(cell(6)),
      coveredMs: cell(7),
      samples: cell(8),
      isEstimated: (flags & ESTIMATED) !== 0,
      interactiveMw: orNull(cell(9)),
      backgroundMw: orNull(cell(10)),
      isClockSure: (flags & CLOCK_SURE) !== 0,
    };
    rows.push(make(row, cell(12), cell(13)));
  }
  return rows;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
