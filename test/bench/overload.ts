import { type Appliance, type ApplianceSettings, HOUSE } from '../../daemon/core/model.ts';
import type { Hub } from '../../daemon/hub.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { openMeters } from '../../daemon/open-meters.ts';
import { errorLine, loadSettings } from '../../daemon/settings/load.ts';
import type { Settings } from '../../daemon/settings/types.ts';
import { createBuses, linesOf } from '../../relay-drivers/buses.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { type PortOpener, realPorts } from '../../relay-drivers/transport/open.ts';
import { seriesOf } from './figures.ts';
import { ANNA, declaredLoad, openBenchHub, toggle } from './in-process.ts';
import { allOffExchangeMs, pollExchangeMs } from './line-time.ts';
import { Place } from './place.ts';
import { RawDisk } from './raw-disk.ts';
import { simulatedLine } from './simulated.ts';
import { heading, ms, note, p50p99, row, target } from './table.ts';

const ROUNDS = 100;
const CHANNELS = 8;
const LIMIT_MS = 100;
/** What a meter says over the largest limit that there is, nobody believes. */
const HOUSE_LIMIT_MW = 5_000_000;
/** Boards and meters are polled so often: an overload may fall anywhere in between. */
const POLL_MS = 1000;
const BOARD = ['--board', 'modbus-coils', '--channels', String(CHANNELS)];
const METER = { id: 'grid', driver: 'eastron-sdm', model: 'sdm630', bus: 'main', unit: 2, measures: 'house' };
const WRITE_COILS = 0x0f;
const READ_INPUTS = 0x02;

interface Round {
  readonly rawMs: number;
  readonly takenMs: number;
  /** Of which: decided, recorded, the line free; on the line; recorded. */
  readonly partsMs: readonly number[];
  /** One FC0F was all that was written. */
  readonly isOneWrite: boolean;
}

/** What passed on the line since the overload. */
interface Passed {
  readonly written: number[];
  firstMs: number;
  heardMs: number;
}

/** Eight relays off together: from the overload to the last of them read off and recorded. */
export async function overload(_place: Place): Promise<void> {
  const alone = await measured(BOARD, []);
  const shared = await measured([...BOARD, '--meter', 'sdm630:2'], [METER]);
  heading(`Overload: ${CHANNELS} relays off together at 9600 baud, to the last OFF read back, ${ROUNDS} rounds each`);
  row('raw: 4 kB appended, fdatasync (p50 / p99)', p50p99(seriesOf([...alone, ...shared].map(({ rawMs }) => rawMs))));
  const { p99 } = seriesOf(alone.map(({ takenMs }) => takenMs));
  target('a line of its own (p50 / p99 / max)', figure(alone), `p99 < ${LIMIT_MS} ms`, p99 < LIMIT_MS);
  parts(alone);
  const count = oneWrite(alone);
  target('  rounds in which one FC0F was all that was written', `${count}`, `${ROUNDS}`, count === ROUNDS);
  row('a line with an SDM630 polled at 1 s (p50 / p99 / max)', figure(shared));
  parts(shared);
  row('  rounds in which one FC0F was all that was written', `${oneWrite(shared)}`);
  note(`line time of FC0F ${ms(allOffExchangeMs())} and of the FC01 behind it ${ms(pollExchangeMs())}`);
  note(
    'what is under way is heard out: 22 ms of a board, up to 250 ms of the meter; no OFF sits out its 200 ms of silence',
  );
}

function figure(rounds: readonly Round[]): string {
  const series = seriesOf(rounds.map(({ takenMs }) => takenMs));
  return `${p50p99(series)} / ${ms(series.max)}`;
}

const PARTS = ['decided, recorded, the line free', 'FC0F, FC01', 'recorded'];

function parts(rounds: readonly Round[]): void {
  for (const [i, what] of PARTS.entries())
    row(`  of which: ${what} (p50 / p99)`, p50p99(seriesOf(rounds.map(({ partsMs }) => partsMs[i] ?? Number.NaN))));
}

function oneWrite(rounds: readonly Round[]): number {
  return rounds.filter(({ isOneWrite }) => isOneWrite).length;
}

async function measured(line: readonly string[], meters: readonly object[]): Promise<Round[]> {
  const rounds: Round[] = [];
  await Place.use(async (place) => {
    const passed: Passed = { written: [], firstMs: 0, heardMs: 0 };
    const hub = await openHub(place, settingsOf(await simulatedLine(place, line), meters), passed);
    const raw = new RawDisk(place);
    const random = seededRandom(1);
    for (let i = 0; i < ROUNDS; i++) {
      await allOn(hub);
      const [rawMs = Number.NaN] = await raw.syncs(1);
      await pause(systemClock, random() * POLL_MS);
      rounds.push({ rawMs, ...(await shedAll(hub, passed)) });
    }
  });
  return rounds;
}

function settingsOf(path: string, meters: readonly object[]): Settings {
  const file = { buses: [{ id: 'main', driver: 'modbus-coils', path, channels: CHANNELS }], meters };
  const loaded = loadSettings(JSON.stringify(file), { file: 'bench', folder: '/', timezone: 'UTC' });
  if (loaded.ok) return loaded.settings;
  throw new Error(loaded.errors.map(errorLine).join('\n'));
}

async function openHub(place: Place, settings: Settings, passed: Passed): Promise<Hub> {
  const deps = { clock: systemClock, openPort: noting(realPorts(systemClock), passed) };
  const opened = createBuses(settings.buses, deps);
  const { meters, ports } = openMeters(settings.meters, { ...deps, buses: opened });
  const buses = settings.buses.map(({ id, channels }) => ({ id, channels, isSimulated: true }));
  const drivers = [...opened.values()].map(({ id, driver, line }) => ({ id, driver, line, switches: new Map() }));
  const { hub, close } = await openBenchHub(place.newFolder(), 0, {
    buses,
    drivers,
    meters,
    limitMw: HOUSE_LIMIT_MW,
  });
  place.atEnd(close);
  for (const port of [...linesOf(opened.values()), ...ports]) {
    port.start();
    place.atEnd(() => port.close());
  }
  for (const settings of APPLIANCES) await hub.queue.ask({ kind: 'add_appliance', settings, who: ANNA });
  return hub;
}

/** Writes to the board are noted by their function code, questions are not. */
function noting(open: PortOpener, passed: Passed): PortOpener {
  return (settings) => async () => {
    const pipe = await open(settings)();
    return {
      write: (bytes) => {
        const [unit, code = 0] = bytes;
        if (unit === 1 && code > READ_INPUTS && passed.written.push(code) === 1) passed.firstMs = performance.now();
        return pipe.write(bytes);
      },
      onData: (listener) =>
        pipe.onData((bytes) => {
          passed.heardMs = performance.now();
          listener(bytes);
        }),
      onClose: (listener) => pipe.onClose(listener),
      close: () => pipe.close(),
    };
  };
}

const APPLIANCES = Array.from({ length: CHANNELS }, (_, i): ApplianceSettings => {
  return { ...declaredLoad(`load-${i}`), relay: { bus: 'main', channel: i + 1 } };
});

async function allOn(hub: Hub): Promise<void> {
  await until(hub, () => everyone(hub, ({ observed }) => observed !== 'unknown'));
  const asked = await Promise.all(APPLIANCES.map(({ id }) => hub.queue.ask(toggle(id, true))));
  for (const answer of asked) if (!answer.ok) throw new Error(answer.refusal.detail);
  await until(hub, () => everyone(hub, ({ observed, order }) => observed === 'on' && order.isSettled));
}

/** A meter says that so much too much flows that nothing may stay on. */
async function shedAll(hub: Hub, passed: Passed): Promise<Omit<Round, 'rawMs'>> {
  const loadMw = APPLIANCES.reduce((sum, { ratedMw }) => sum + ratedMw, 0);
  passed.written.length = 0;
  const startMs = performance.now();
  hub.queue.tell({ kind: 'overload', circuit: HOUSE, powerMw: HOUSE_LIMIT_MW + loadMw });
  await until(hub, () => everyone(hub, ({ observed, evidence }) => observed === 'off' && evidence === 'read'));
  const endMs = performance.now();
  const { firstMs, heardMs, written } = passed;
  const isOneWrite = written.length === 1 && written[0] === WRITE_COILS;
  return { takenMs: endMs - startMs, partsMs: [firstMs - startMs, heardMs - firstMs, endMs - heardMs], isOneWrite };
}

function everyone(hub: Hub, holds: (appliance: Appliance) => boolean): boolean {
  return [...hub.state.appliances.values()].every(holds);
}

/** Looked at when something was recorded. */
function until(hub: Hub, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = hub.onEvent(() => {
      if (holds()) end();
    });
    const end = () => {
      stop();
      resolve();
    };
    if (holds()) end();
  });
}
