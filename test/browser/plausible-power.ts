import type { PowerRow } from '../../daemon/core/power.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

interface Habit {
  readonly id: string;
  readonly isEstimated?: true;
  /** Watts in a minute of a day (0 to 1439, of UTC); `day` counts from 1970. */
  readonly watts: (minute: number, day: number, dice: () => number) => number;
}

const during = (minute: number, fromHour: number, hours: number) =>
  minute >= fromHour * 60 && minute < (fromHour + hours) * 60;

/** What the appliances of `voltsafe start` draw in an ordinary home. */
const HABITS: readonly Habit[] = [
  { id: 'fridge', watts: (minute, day) => ((minute + day * 17) % 47 < 15 ? 118 : 2) },
  { id: 'router', isEstimated: true, watts: () => 15 },
  { id: 'tv', watts: (minute, _day, dice) => (during(minute, 19, 3.4) ? 105 + 30 * dice() : 0.6) },
  { id: 'floor-lamp', isEstimated: true, watts: (minute) => (during(minute, 17.5, 5.5) ? 60 : 0) },
  { id: 'kettle', watts: (minute) => ([425, 426, 427, 611, 612, 965, 966].includes(minute) ? 1960 : 0) },
  { id: 'oven', watts: (minute, day) => (day % 2 === 0 && during(minute, 18, 1.2) && minute % 7 < 4 ? 2380 : 0) },
  {
    id: 'dishwasher',
    watts: (minute) =>
      during(minute, 20.5, 0.4) || during(minute, 21.3, 0.3) ? 1790 : during(minute, 20.5, 1.6) ? 60 : 0,
  },
  {
    id: 'washing-machine',
    watts: (minute, day) => (day % 3 !== 0 || !during(minute, 9, 1.8) ? 0 : during(minute, 9.1, 0.4) ? 1950 : 180),
  },
  {
    id: 'panel-heater',
    watts: (minute, day) => ((during(minute, 5.5, 3) || during(minute, 17, 4)) && (minute + day) % 20 < 11 ? 990 : 0),
  },
];

/** Nobody heard anything: three hours of one day, and the whole of another. */
function isSilent(minute: number, day: number): boolean {
  return day % 13 === 4 || (day % 9 === 1 && during(minute, 13, 3.2));
}

/** Minutes of a home, by time: its house and each of its appliances. */
export function* plausiblePower(fromMs: number, toMs: number): Generator<PowerRow> {
  const random = seededRandom(7);
  const dice = () => random();
  for (let startMs = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS; startMs < toMs; startMs += MINUTE_MS) {
    const minuteOfAll = startMs / MINUTE_MS;
    const [day, minute] = [Math.floor(minuteOfAll / DAY_MINUTES), minuteOfAll % DAY_MINUTES];
    if (isSilent(minute, day)) continue;
    const drawn = HABITS.map(({ id, isEstimated = false, watts }) =>
      row(`appliance:${id}`, startMs, watts(minute, day, dice), isEstimated),
    );
    const managedMw = drawn.reduce((sum, { avgMw }) => sum + avgMw, 0);
    const restW = 190 + 60 * Math.sin((minute / DAY_MINUTES) * 2 * Math.PI - 2) + 25 * dice();
    const house = row('house', startMs, managedMw / 1000 + restW, false);
    yield {
      ...house,
      voltageMv: 229_000 + Math.round(3000 * dice()),
      interactiveMw: managedMw,
      backgroundMw: house.avgMw - managedMw,
    };
    yield* drawn;
  }
}

function row(source: string, startMs: number, watts: number, isEstimated: boolean): PowerRow {
  const avgMw = Math.round(watts * 1000);
  return {
    source,
    startMs,
    avgMw,
    minMw: Math.round(avgMw * 0.96),
    maxMw: Math.round(avgMw * 1.05),
    energyMwh: Math.round(avgMw / 60),
    voltageMv: null,
    coveredMs: MINUTE_MS,
    samples: isEstimated ? 0 : 30,
    isEstimated,
    interactiveMw: null,
    backgroundMw: null,
    isClockSure: true,
  };
}
