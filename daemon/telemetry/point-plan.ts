import { DAY_MS, HOUR_MS, MAX_POINTS, MAX_READ_ROWS, MINUTE_MS, QUARTER_MS } from './limits.ts';
import type { PowerQuery } from './port.ts';
import type { Level } from './rows.ts';

/** Of which rows an answer is made, and how many neighbours become one point. */
export interface PointPlan {
  readonly level: Level;
  readonly each: number;
}

const SPANS: Record<Level, number> = { minute: MINUTE_MS, quarter: QUARTER_MS, hour: HOUR_MS, day: DAY_MS };
const COARSENESS: Record<Level | 'auto', number> = { auto: 0, minute: 0, quarter: 1, hour: 2, day: 3 };

/** Steps that people read: parts of an hour, of a day, then weeks. */
const LADDER: readonly PointPlan[] = [
  ...[1, 2, 5].map((each) => ({ level: 'minute', each }) as const),
  ...[1, 2].map((each) => ({ level: 'quarter', each }) as const),
  ...[1, 2, 3, 6, 12].map((each) => ({ level: 'hour', each }) as const),
  ...[1, 2, 7, 14, 28, 91, 364].map((each) => ({ level: 'day', each }) as const),
];

export interface Asked extends PowerQuery {
  /** How many sources have rows there. */
  readonly sources: number;
  /** Finer rows than these begin later: they would leave a hole at the old end. */
  readonly finestKept: Level;
}

/** The finest step that keeps the points, and the rows that they are made of, within their bounds. */
export function planPoints(asked: Asked): PointPlan {
  const finest = Math.max(COARSENESS[asked.resolution], COARSENESS[asked.finestKept]);
  const sources = Math.max(1, asked.sources);
  const most = Math.min(MAX_POINTS, Math.max(1, Math.floor(asked.maxPoints ?? MAX_POINTS)));
  const slots = Math.max(1, Math.floor(most / sources));
  const fits = LADDER.find((plan) => COARSENESS[plan.level] >= finest && isWithin(plan, asked, sources, slots));
  return fits ?? { level: 'day', each: Math.max(364, Math.ceil((asked.toMs - asked.fromMs) / DAY_MS / slots) + 1) };
}

function isWithin({ level, each }: PointPlan, { fromMs, toMs }: Asked, sources: number, slots: number): boolean {
  const rows = Math.ceil((toMs - fromMs) / SPANS[level]);
  // One more where the first begins before the question does; and a day may be short.
  const points = Math.ceil(rows / each) + (level === 'day' ? 2 : 1);
  return (points <= slots || rows <= 1) && (level === 'day' || rows * sources <= MAX_READ_ROWS);
}
