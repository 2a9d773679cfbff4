import type { PowerRow } from '../../daemon/core/power.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { openTelemetry } from '../../daemon/telemetry/client.ts';
import type { TelemetryHandle } from '../../daemon/telemetry/port.ts';
import { type BenchHub, openBenchHub, toggle } from './in-process.ts';
import type { Place } from './place.ts';

/** What a hub has to tell that was offline for two weeks: the decisions of 100 appliances, and a minute of each a minute. */

const MINUTE_MS = 60_000;
/** A recorder writes every five minutes. */
const MINUTES_AT_ONCE = 5;

export interface Size {
  readonly appliances: number;
  readonly minutes: number;
  readonly events: number;
}

export interface Offline {
  readonly bench: BenchHub;
  readonly telemetry: TelemetryHandle;
}

export async function twoWeeks(place: Place, size: Size): Promise<Offline> {
  const dataDir = place.newFolder();
  const bench = await openBenchHub(dataDir, size.appliances);
  place.atEnd(bench.close);
  await decide(bench, size);
  const onTrouble = (what: string, error: unknown) => console.error(what, error);
  const telemetry = openTelemetry({
    dataDir,
    timezone: 'Europe/Rome',
    clock: systemClock,
    isClockSure: () => false,
    onTrouble,
  });
  place.atEnd(() => telemetry.close());
  await telemetry.opened;
  await remember(telemetry, size);
  return { bench, telemetry };
}

async function decide({ hub }: BenchHub, { appliances, events }: Size): Promise<void> {
  for (let isOn = true; hub.state.seq < events; isOn = !isOn) {
    await Promise.all(Array.from({ length: appliances }, (_, i) => hub.queue.ask(toggle(`load-${i}`, isOn))));
  }
}

async function remember(telemetry: TelemetryHandle, { appliances, minutes }: Size): Promise<void> {
  const endMs = Math.floor(systemClock.wallMs() / MINUTE_MS) * MINUTE_MS;
  for (let from = 0; from < minutes; from += MINUTES_AT_ONCE) {
    const rows: PowerRow[] = [];
    for (let minute = from; minute < Math.min(minutes, from + MINUTES_AT_ONCE); minute += 1) {
      for (let i = 0; i < appliances; i += 1) rows.push(rowOf(i, endMs - (minutes - minute) * MINUTE_MS));
    }
    await telemetry.write({ rows, counted: [] });
    // As a hub does every five minutes: what is not on the disk yet is kept in memory.
    await telemetry.flush();
  }
}

function rowOf(i: number, startMs: number): PowerRow {
  const avgMw = 100_000 + (((startMs / MINUTE_MS) * 37 + i * 1_013) % 2_000_000);
  return {
    source: `appliance:load-${i}`,
    startMs,
    avgMw,
    minMw: avgMw - 50_000,
    maxMw: avgMw + 250_000,
    energyMwh: Math.round(avgMw / 60),
    voltageMv: 228_000 + ((i * 31) % 4_000),
    coveredMs: MINUTE_MS,
    samples: 60,
    isEstimated: false,
    interactiveMw: null,
    backgroundMw: null,
    isClockSure: true,
  };
}
