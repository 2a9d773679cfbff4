import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import type { PowerQuery } from '../wire.ts';

const DAY_MS = 86_400_000;

export interface Span {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/** The last 24 hours, unless one or both ends are said. */
export function spanOf({ from, to }: Pick<PowerQuery, 'from' | 'to'>, nowMs: number): Span {
  const toMs = to ?? nowMs;
  const fromMs = from ?? Math.max(0, toMs - DAY_MS);
  if (fromMs < toMs) return { fromMs, toMs };
  const message = to === undefined ? 'must be before now, or say "to"' : 'must be before "to"';
  throw Problem.invalid([{ path: 'from', message }]);
}

/** `format` counts, else what Accept likes better; whoever takes anything gets JSON. */
export function wantsCsv({ headers: { accept = '' } }: FastifyRequest, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const liked = new Map(accept.toLowerCase().split(',').map(preference));
  const csv = liked.get('text/csv') ?? liked.get('text/*') ?? 0;
  return csv > (liked.get('application/json') ?? liked.get('application/*') ?? 0) && csv > 0;
}

function preference(part: string): readonly [type: string, quality: number] {
  const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
  const quality = parameters.find((text) => text.startsWith('q='))?.slice(2) ?? '1';
  const value = Number(quality);
  return [type, Number.isFinite(value) ? value : 0];
}
