import type { PowerSeriesView } from '../wire.ts';

/** One layer of the stack. */
export interface Layer {
  /** A source; `rest`: appliances that are too small to be told apart; `background`: what no appliance of ours draws. */
  readonly key: string;
  /** 0 to 7; null: grey. */
  readonly colour: number | null;
  readonly energyWh: number;
  readonly estimated: boolean;
  /** Its own watts at each x. */
  readonly watts: (number | null)[];
}

export interface Stack {
  /** Seconds since 1970. */
  readonly x: number[];
  /** The lowest first. */
  readonly layers: readonly Layer[];
  /** The upper edge of each layer: its own watts and those below. */
  readonly tops: (number | null)[][];
}

/** As many as colours can be told apart by everybody. */
export const COLOURS = 8;
const HOUSE = 'house';
const APPLIANCE = 'appliance:';

/** Appliances on top of each other, the largest lowest; on top what of the house none of them explains. */
export function stackOf(series: readonly PowerSeriesView[], colours: ReadonlyMap<string, number>): Stack {
  const appliances = series.filter(({ source }) => source.startsWith(APPLIANCE)).map(withEnergy);
  appliances.sort((a, b) => b.energyWh - a.energyWh || (a.source < b.source ? -1 : 1));
  const spans = spansOf(series);
  const grid = gridOf(spans);
  const shown = appliances.slice(0, COLOURS);
  const layers = shown.map((one) => layerOf(one.source, colours.get(one.source) ?? null, [one], grid));
  const rest = appliances.slice(COLOURS);
  if (rest.length > 0) layers.push(layerOf('rest', null, rest, grid));
  const house = series.find(({ source }) => source === HOUSE);
  if (house !== undefined) layers.push(backgroundOf(house, layers, grid));
  return { x: grid.x, layers, tops: topsOf(layers, grid.x.length) };
}

/** Each keeps its colour from picture to picture; who comes too late for an own one takes the next that is free. */
export function coloursOf(ids: readonly string[], shown: readonly string[]): Map<string, number> {
  const own = new Map([...ids].sort().map((id, index) => [id, index % COLOURS]));
  const taken = new Map<string, number>();
  for (const id of shown.slice(0, COLOURS)) {
    const used = new Set(taken.values());
    const wanted = own.get(id) ?? 0;
    const free = Array.from({ length: COLOURS }, (_, i) => (wanted + i) % COLOURS).find((one) => !used.has(one));
    taken.set(id, free ?? wanted);
  }
  return taken;
}

type Series = PowerSeriesView & { readonly energyWh: number };

function withEnergy(one: PowerSeriesView): Series {
  return { ...one, energyWh: one.points.reduce((sum, { energy_wh }) => sum + energy_wh, 0) };
}

interface Grid {
  /** A moment for each span, two where nothing follows: the end of a step, and the gap. */
  readonly x: number[];
  /** Which span each is of; null: a gap. */
  readonly of: (number | null)[];
}

/** Where any of them was heard: start and end, by start. */
function spansOf(series: readonly PowerSeriesView[]): ReadonlyMap<number, number> {
  const spans = new Map<number, number>();
  for (const { points } of series) {
    for (const { at, span_s } of points) spans.set(Date.parse(at), Date.parse(at) + span_s * 1000);
  }
  return new Map([...spans].sort(([a], [b]) => a - b));
}

function gridOf(spans: ReadonlyMap<number, number>): Grid {
  const grid: Grid = { x: [], of: [] };
  let last: { readonly startMs: number; readonly endMs: number } | null = null;
  const end = () => {
    if (last === null) return;
    grid.x.push((last.endMs - 1) / 1000, last.endMs / 1000);
    grid.of.push(last.startMs, null);
  };
  for (const [startMs, endMs] of spans) {
    if (last !== null && startMs > last.endMs) end();
    grid.x.push(startMs / 1000);
    grid.of.push(startMs);
    last = { startMs, endMs };
  }
  end();
  return grid;
}

function layerOf(key: string, colour: number | null, sources: readonly Series[], { of }: Grid): Layer {
  const watts = new Map<number, number>();
  for (const { points } of sources)
    for (const { at, avg_w } of points) watts.set(Date.parse(at), (watts.get(Date.parse(at)) ?? 0) + avg_w);
  return {
    key,
    colour,
    energyWh: sources.reduce((sum, { energyWh }) => sum + energyWh, 0),
    estimated: sources.some(({ points }) => points.some(({ estimated }) => estimated)),
    watts: of.map((startMs) => (startMs === null ? null : (watts.get(startMs) ?? 0))),
  };
}

/** What solar panels send out is no load: below 0 there is nothing to stack. */
function backgroundOf({ points }: PowerSeriesView, below: readonly Layer[], { of }: Grid): Layer {
  const house = new Map(points.map(({ at, avg_w }) => [Date.parse(at), avg_w]));
  const watts = of.map((startMs, i) => {
    const all = startMs === null ? undefined : house.get(startMs);
    if (startMs === null) return null;
    return all === undefined ? 0 : Math.max(0, all - below.reduce((sum, layer) => sum + (layer.watts[i] ?? 0), 0));
  });
  const used = below.reduce((sum, { energyWh }) => sum + energyWh, 0);
  const energyWh = Math.max(0, points.reduce((sum, { energy_wh }) => sum + energy_wh, 0) - used);
  return { key: 'background', colour: null, energyWh, estimated: points.some(({ estimated }) => estimated), watts };
}

function topsOf(layers: readonly Layer[], length: number): (number | null)[][] {
  const sums: number[] = new Array<number>(length).fill(0);
  return layers.map(({ watts }) =>
    watts.map((own, i) => {
      if (own === null) return null;
      sums[i] = (sums[i] ?? 0) + own;
      return sums[i] ?? null;
    }),
  );
}
