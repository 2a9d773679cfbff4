import { fdatasyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createLog } from '../../daemon/observe/log.ts';
import { PowerHistory } from '../../daemon/power-sources.ts';
import { errorLine, loadSettings } from '../../daemon/settings/load.ts';
import { KEEP_MINUTES_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import type { TelemetryHandle } from '../../daemon/telemetry/port.ts';
import { type Random, seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { type DayHome, openDayHome } from './disk-day-home.ts';
import { type Io, ioByThread, since } from './disk-io.ts';

/** A day of a hub with its ledger and its power history, as fast as it goes, in a process of its own. */

export interface DayRequest {
  readonly folder: string;
  readonly hours: number;
  readonly plugs: number;
  readonly togglesPerDay: number;
}

export interface DayTold {
  readonly seconds: number;
  readonly toggles: number;
  readonly reports: number;
  /** The hub and its ledger, which commits in the main thread. */
  readonly ledger: Io;
  /** The thread of the power history; all others write nothing. */
  readonly telemetry: Io;
  readonly eventKinds: Readonly<Record<string, number>>;
  /** Of the power history: minutes, and roll-ups each time they were made anew. */
  readonly rows: number;
}

const TIMEZONE = 'Europe/Rome';
const FROM_MS = Date.UTC(2025, 5, 1);
const SECONDS_PER_DAY = 86_400;
const BATCH_S = 300;

async function live(request: DayRequest): Promise<DayTold> {
  const day = await Day.begin(request);
  const revBefore = day.store.lastRev();
  const before = ioByThread();
  const startMs = performance.now();
  await day.live();
  const after = ioByThread();
  const told = {
    seconds: (performance.now() - startMs) / 1000,
    toggles: day.toggles,
    reports: request.hours * 3600 * request.plugs,
    ledger: since(before.main, after.main),
    telemetry: since(before.others, after.others),
    eventKinds: Object.fromEntries(day.home.eventKinds),
    rows: day.store.lastRev() - revBefore,
  };
  await day.end();
  return told;
}

class Day {
  readonly home: DayHome;
  readonly store: TelemetryHandle;
  toggles = 0;
  readonly #request: DayRequest;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #history: PowerHistory;
  readonly #loads: readonly Load[];
  readonly #disk: TelemetryDisk;

  private constructor(request: DayRequest, clock: VirtualClock, random: Random, home: DayHome, history: PowerHistory) {
    this.#request = request;
    this.#clock = clock;
    this.#random = random;
    this.home = home;
    this.#history = history;
    this.store = history.store;
    this.#loads = home.plugs.map(({ name }, i) => new Load(name, random, i % 2 === 0));
    this.#disk = new TelemetryDisk(request.folder);
  }

  /** Half of them are on; the counting begins after this. */
  static async begin(request: DayRequest): Promise<Day> {
    const { folder, hours, plugs } = request;
    const clock = new VirtualClock(FROM_MS);
    const random = seededRandom(6);
    const names = Array.from({ length: plugs }, (_, i) => `plug-${i}`);
    const home = await openDayHome(folder, names, clock, random);
    const history = joinHistory(home, folder, clock);
    await history.store.opened;
    await fillOldDay(history.store, ['house', ...names.map((name) => `appliance:${name}`)], hours);
    const day = new Day(request, clock, random, home, history);
    for (const { name, isOn } of day.#loads) if (isOn) await clock.settled(home.toggle(name, true));
    await day.#written();
    home.eventKinds.clear();
    return day;
  }

  async live(): Promise<void> {
    const { hours, togglesPerDay } = this.#request;
    const everyS = SECONDS_PER_DAY / togglesPerDay;
    const asked: Promise<void>[] = [];
    for (let second = 1; second <= hours * 3600; second++) {
      this.#report();
      if (second >= (this.toggles + 1) * everyS) asked.push(this.#toggle());
      await this.#clock.advance(1000);
      if (second % BATCH_S === 0) await this.#written();
      if (second % 3600 === 0) console.log(`hour ${second / 3600}`);
    }
    await Promise.all(asked);
  }

  async end(): Promise<void> {
    await this.home.close();
    await this.#history.close();
    await this.store.close();
  }

  #report(): void {
    for (const [i, load] of this.#loads.entries()) {
      this.home.plugs[i]?.draw(1, load.nextW());
      this.home.plugs[i]?.report();
    }
  }

  async #toggle(): Promise<void> {
    this.toggles += 1;
    const load = this.#loads[Math.floor(this.#random() * this.#loads.length)];
    if (load !== undefined) await this.home.toggle(load.name, load.flip());
  }

  /** The thread of the history has done what it was told, and the disk has it. */
  async #written(): Promise<void> {
    await this.store.cursor();
    this.#disk.sync();
  }
}

/** What one of them draws: a level with noise, another level now and then, sometimes with an inrush above its plate. */
class Load {
  readonly name: string;
  readonly #random: Random;
  readonly #plateW: number;
  #levelW = 0;
  isOn: boolean;

  constructor(name: string, random: Random, isOn: boolean) {
    this.name = name;
    this.#random = random;
    this.#plateW = 40 + random() * 1900;
    this.isOn = isOn;
    this.#change();
  }

  flip(): boolean {
    this.isOn = !this.isOn;
    this.#change();
    return this.isOn;
  }

  nextW(): number {
    if (this.#random() < 1 / 600) this.#change();
    const inrush = this.#random() < 1 / 6000 ? 2 : 1;
    return this.#levelW * inrush * (0.98 + 0.04 * this.#random());
  }

  #change(): void {
    this.#levelW = this.#plateW * (0.2 + 0.8 * this.#random());
  }
}

function joinHistory({ hub }: DayHome, folder: string, clock: VirtualClock): PowerHistory {
  const file = { hub: { data_dir: folder, timezone: TIMEZONE }, mqtt: { mode: 'off' } };
  const loaded = loadSettings(JSON.stringify(file), { file: 'bench', folder, timezone: TIMEZONE });
  if (!loaded.ok) throw new Error(loaded.errors.map(errorLine).join('\n'));
  const { settings } = loaded;
  return PowerHistory.join(hub, { settings, dataDir: folder, clock, log: createLog('warn'), isClockSure: () => true });
}

/** Those of three months ago expire meanwhile, as on any day of a hub that runs for long. */
async function fillOldDay(store: TelemetryHandle, sources: readonly string[], hours: number): Promise<void> {
  const quiet = { avgMw: 5000, minMw: 5000, maxMw: 5000, energyMwh: 83, voltageMv: 230_000, coveredMs: MINUTE_MS };
  const rest = { samples: 60, isEstimated: false, interactiveMw: null, backgroundMw: null, isClockSure: true };
  for (let minute = 0; minute < hours * 60; minute++) {
    const startMs = FROM_MS - KEEP_MINUTES_MS + minute * MINUTE_MS;
    await store.write({ rows: sources.map((source) => ({ source, startMs, ...quiet, ...rest })), counted: [] });
    if (minute % 60 === 59) await store.flush();
  }
}

/**
 * Between two batches of five minutes a kernel has written what the first one dirtied. Here they are a second apart, so it
 * is asked to: a page that two batches touch counts twice.
 */
class TelemetryDisk {
  /** Never closed: that would drop this process's locks on them. */
  readonly #files: readonly number[];

  constructor(folder: string) {
    this.#files = ['telemetry.db', 'telemetry.db-wal'].map((name) => openSync(join(folder, name), 'r'));
  }

  sync(): void {
    for (const file of this.#files) fdatasyncSync(file);
  }
}

process.stdin.once('end', () => process.exit(0)).resume();
console.log(`day ${JSON.stringify(await live(JSON.parse(process.argv[2] ?? '') as DayRequest))}`);
process.exit(0);
