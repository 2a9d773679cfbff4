import type { RevisedRow } from '../core/power.ts';
import { plainArray, textArray } from './arrays.ts';
import type { Queries } from './session.ts';
import { plain } from './storable.ts';
import type { Outbox } from './write-events.ts';

const VALUES = `source, at, avg_w, min_w, max_w, energy_wh, voltage, samples, covered_s, estimated, interactive_w,
  background_w, clock_sure, rev`;
const UPDATES = VALUES.split(/,\s+/)
  .slice(2)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

/**
 * As with events: one statement. What was written again replaces what is there, whatever its rev: the cursor lets batches in
 * only in the order of their revs, and after a power cut a file may give the same revs to other rows.
 */
const UPSERT = `
  with given as materialized (
    select resolution, source, to_timestamp(start_ms / 1000.0) as at, avg_mw / 1000.0 as avg_w, min_mw / 1000.0 as min_w,
      max_mw / 1000.0 as max_w, energy_mwh / 1000.0 as energy_wh, voltage_mv / 1000.0 as voltage, samples,
      covered_ms / 1000.0 as covered_s, estimated, interactive_mw / 1000.0 as interactive_w,
      background_mw / 1000.0 as background_w, clock_sure, rev
    from unnest($3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[],
      $11::int[], $12::float8[], $13::boolean[], $14::float8[], $15::float8[], $16::boolean[], $17::bigint[]) as g (resolution,
      source, start_ms, avg_mw, min_mw, max_mw, energy_mwh, voltage_mv, samples, covered_ms, estimated, interactive_mw,
      background_mw, clock_sure, rev)
  ), minutes as (
    insert into voltsafe.power_readings (hub, origin, ${VALUES})
    select $2::text, $1::uuid, ${VALUES} from given where resolution = 'minute'
    on conflict (hub, origin, source, at) do update set ${UPDATES}
  ), longer as (
    insert into voltsafe.power_rollup (hub, origin, resolution, ${VALUES})
    select $2::text, $1::uuid, resolution, ${VALUES} from given where resolution <> 'minute'
    on conflict (hub, origin, source, resolution, at) do update set ${UPDATES}
  ), moved as (
    update voltsafe.origin_cursor set last_rev = $18::bigint, hub = $2, updated_at = now()
    where origin = $1 and last_rev = $19::bigint returning 1
  )
  select voltsafe.demand(exists (select from moved), 'VS001', 'the cursor is not where this hub left it')`;

/** The months that a partition has to be there for, as dates of their first days. */
export function monthsOf(rows: readonly RevisedRow[]): Set<string> {
  const days = new Set<number>();
  for (const { resolution, startMs } of rows) if (resolution === 'minute') days.add(Math.floor(kept(startMs) / DAY_MS));
  return new Set([...days].map((day) => `${new Date(day * DAY_MS).toISOString().slice(0, 7)}-01`));
}

const DAY_MS = 86_400_000;

/** Asks for partitions; harmless where there are some. */
export async function prepareMonths(session: Queries, months: readonly string[]): Promise<void> {
  if (months.length > 0) await session.query('select voltsafe.prepare_power_months($1::date[])', [plainArray(months)]);
}

/** `afterRev` is where the cursor stands. Rejects when none of it is in. */
export async function writePower(
  session: Queries,
  { origin, hub }: Outbox,
  afterRev: number,
  given: readonly RevisedRow[],
): Promise<void> {
  const last = given.at(-1);
  if (last === undefined) return;
  const rows = latest(given);
  const numbers = (of: (row: RevisedRow) => number | null) => plainArray(rows.map((row) => finite(of(row))));
  await session.query(UPSERT, [
    origin,
    hub,
    textArray(rows.map(({ resolution }) => resolution)),
    textArray(rows.map(({ source }) => plain(source))),
    numbers(({ startMs }) => kept(startMs)),
    numbers(({ avgMw }) => avgMw),
    numbers(({ minMw }) => minMw),
    numbers(({ maxMw }) => maxMw),
    numbers(({ energyMwh }) => energyMwh),
    numbers(({ voltageMv }) => voltageMv),
    numbers(({ samples }) => Math.min(Math.max(Math.trunc(samples), 0), MAX_INT)),
    numbers(({ coveredMs }) => coveredMs),
    plainArray(rows.map(({ isEstimated }) => isEstimated)),
    numbers(({ interactiveMw }) => interactiveMw),
    numbers(({ backgroundMw }) => backgroundMw),
    plainArray(rows.map(({ isClockSure }) => isClockSure)),
    numbers(({ rev }) => rev),
    last.rev,
    afterRev,
  ]);
}

const MAX_INT = 2 ** 31 - 1;

/** Of the years 1 to 9999: a clock may say anything, timestamptz and the names of partitions may not. */
function kept(startMs: number): number {
  if (Number.isNaN(startMs)) return 0;
  return Math.min(Math.max(startMs, -62_135_596_800_000), 253_402_300_799_000);
}

/** Columns are not null but where the row may be: what is no number is nothing. */
function finite(value: number | null): number | null {
  return value === null || Number.isFinite(value) ? value : 0;
}

/** One statement may touch a row once; of the same span the newest counts. */
function latest(rows: readonly RevisedRow[]): readonly RevisedRow[] {
  const bySpan = new Map(rows.map((row) => [`${row.resolution} ${row.startMs} ${row.source}`, row]));
  return bySpan.size === rows.length ? rows : [...bySpan.values()];
}
