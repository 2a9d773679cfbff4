import type { Resolution } from '../../core/power.ts';
import type { HistoryPort, PowerPoint } from '../history-port.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { Problem } from '../problems.ts';
import type { Span } from './span.ts';

const SPANS: Record<Resolution, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export interface Export extends Span {
  readonly sources: readonly string[];
  readonly resolution: Resolution;
}

export function demandExportable({ fromMs, toMs }: Span, resolution: Resolution): void {
  const days = HTTP_LIMITS.exportDays[resolution];
  if (toMs - fromMs <= days * SPANS.day) return;
  const message = `an export at resolution ${resolution} spans at most ${days} days`;
  throw Problem.invalid([{ path: 'from', message }]);
}

/** Every row of an export, slice by slice: a year of minutes is never in memory as a whole. */
export async function* slices(
  power: HistoryPort['power'],
  { sources, resolution, fromMs, toMs }: Export,
): AsyncGenerator<readonly PowerPoint[], void, undefined> {
  const sliceMs = HTTP_LIMITS.exportRows * SPANS[resolution];
  for (const source of sources) {
    let doneMs = Number.NEGATIVE_INFINITY;
    for (let startMs = fromMs; startMs < toMs; startMs += sliceMs) {
      const endMs = Math.min(toMs, startMs + sliceMs);
      const maxPoints = HTTP_LIMITS.powerPoints;
      const points = await power({ source, fromMs: startMs, toMs: endMs, resolution, maxPoints });
      // Where finer rows are no longer kept a coarser one reaches into the next slice: it is told once.
      const fresh = points.filter((point) => point.startMs >= doneMs);
      const last = fresh.at(-1);
      if (last === undefined) continue;
      doneMs = last.startMs + last.spanMs;
      yield fresh;
    }
  }
}
