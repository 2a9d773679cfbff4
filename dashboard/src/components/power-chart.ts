import uPlot from 'uplot';
import type { PowerLine } from '../state/power-lines.ts';
import type { Stack } from '../state/power-stack.ts';
import { sayPower } from '../words/history.ts';

/** What a chart draws: data as uPlot takes it, and how its lines look. Colours are read when it is made. */
export interface Picture {
  readonly data: uPlot.AlignedData;
  readonly series: uPlot.Series[];
  readonly bands: uPlot.Band[];
}

export type Paint = (name: string) => string;

const DAY_S = 86_400;

/** A step lasts until the next: an average holds for its whole span. */
const steps = () => uPlot.paths.stepped?.({ align: 1 }) ?? null;

/** One source: its average, the least and most of each point as a band, and what is estimated dashed and hatched. */
export function linePicture(line: PowerLine, paint: Paint): Picture {
  const [ink, soft] = [paint('--accent'), paint('--accent-soft')];
  const bare = { stroke: 'transparent', width: 0, points: { show: false } } as const;
  const drawn = { stroke: ink, width: 2, points: { show: false } } as const;
  const paths = steps();
  const how = paths === null ? {} : { paths };
  return {
    data: [line.x, line.most, line.least, line.measured, line.estimated],
    series: [
      {},
      { ...bare, ...how },
      { ...bare, ...how },
      { ...drawn, ...how, fill: soft, fillTo: 0 },
      { ...drawn, ...how, dash: [6, 5], fill: () => hatch(soft, paint('--surface')), fillTo: 0 },
    ],
    bands: [{ series: [1, 2], fill: faded(ink, 0.28) }],
  };
}

/** Appliances on top of each other, parted by a fine line; what is estimated is hatched. */
export function stackPicture(stack: Stack, paint: Paint): Picture {
  const surface = paint('--surface');
  const paths = steps();
  const fillOf = (index: number): string | CanvasPattern => {
    const layer = stack.layers[index];
    const colour = paint(layer === undefined ? '--series-rest' : colourName(layer));
    return layer?.estimated === true ? hatch(colour, surface) : colour;
  };
  const top = (index: number): uPlot.Series => ({
    stroke: surface,
    width: 1,
    points: { show: false },
    ...(paths === null ? {} : { paths }),
    ...(index === 0 ? { fill: () => fillOf(0), fillTo: 0 } : {}),
  });
  return {
    data: [stack.x, ...stack.tops],
    series: [{}, ...stack.tops.map((_, index) => top(index))],
    bands: stack.tops.slice(1).map((_, i) => ({ series: [i + 2, i + 1], fill: () => fillOf(i + 1) })),
  };
}

export function colourName({ key, colour }: { readonly key: string; readonly colour: number | null }): string {
  if (colour !== null) return `--series-${colour}`;
  return key === 'background' ? '--series-background' : '--series-rest';
}

function hatch(colour: string, between: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = 8;
  tile.height = 8;
  const context = tile.getContext('2d');
  if (context === null) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = between;
  context.lineWidth = 2;
  context.beginPath();
  for (const from of [-8, 0, 8]) {
    context.moveTo(from, 8);
    context.lineTo(from + 8, 0);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat') ?? colour;
}

function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`;
}

/** Axes in words of ours: 24 hours, days where they begin, watts or kilowatts. */
export function axes(timeZone: string, paint: Paint): uPlot.Axis[] {
  const style = {
    stroke: paint('--ink-2'),
    font: `12px ${paint('--font')}`,
    grid: { stroke: paint('--line'), width: 1 },
    ticks: { stroke: paint('--line'), width: 1, size: 5 },
  };
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  const clock = format({ hour: '2-digit', minute: '2-digit' });
  const day = format({ day: 'numeric', month: 'short' });
  const month = format({ month: 'short' });
  const year = format({ year: 'numeric' });
  const say = (atMs: number, stepS: number) => {
    if (stepS >= 364 * DAY_S) return year.format(atMs);
    if (stepS >= 28 * DAY_S) return month.format(atMs) === 'Jan' ? year.format(atMs) : month.format(atMs);
    if (stepS >= DAY_S || clock.format(atMs) === '00:00') return day.format(atMs);
    return clock.format(atMs);
  };
  return [
    {
      ...style,
      size: 32,
      space: 64,
      values: (_u, splits, _axis, _space, stepS) => splits.map((at) => say(at * 1000, stepS)),
    },
    { ...style, size: 62, space: 36, values: (_u, splits) => splits.map(sayAxisPower) },
  ];
}

function sayAxisPower(watts: number): string {
  return Math.abs(watts) >= 1000 ? `${Number((watts / 1000).toFixed(2))} kW` : sayPower(watts);
}
