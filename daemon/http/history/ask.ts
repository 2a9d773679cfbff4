import type { EnergyTotal, HistoryPort, PowerPoint } from '../history-port.ts';
import { HTTP_LIMITS } from '../limits.ts';
import type { EnergyQuery, PowerQuery } from '../wire.ts';
import type { Span } from './span.ts';

/** The points of one answer: those of all sources together are bounded. */
export async function powerOf(
  history: HistoryPort,
  { source, resolution }: Pick<PowerQuery, 'source' | 'resolution'>,
  span: Span,
): Promise<PowerPoint[]> {
  const each = source === 'all' ? ['all'] : source;
  const maxPoints = Math.floor(HTTP_LIMITS.powerPoints / each.length);
  const found: PowerPoint[] = [];
  for (const one of each) found.push(...(await history.power({ ...span, source: one, resolution, maxPoints })));
  return found;
}

export async function energyOf(
  history: HistoryPort,
  { source, group }: Pick<EnergyQuery, 'source' | 'group'>,
  span: Span,
): Promise<EnergyTotal[]> {
  if (source === 'all') return [...(await history.energy({ ...span, group }))];
  const found: EnergyTotal[] = [];
  for (const one of source) found.push(...(await history.energy({ ...span, source: one, group })));
  return found;
}

/** Those that have anything in a span. */
export async function sourcesIn(history: HistoryPort, asked: PowerQuery['source'], span: Span): Promise<string[]> {
  if (asked !== 'all') return [...asked];
  return [...new Set((await history.energy({ ...span, group: 'none' })).map(({ source }) => source))];
}
