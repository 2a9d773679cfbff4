import type { BusSettings } from '../../relay-drivers/registry.ts';
import { HOUSE } from '../core/model.ts';
import type { Entry, Finding } from './finding.ts';
import { hint } from './nearest.ts';

type Meter = { readonly measures: string } & (
  | { readonly bus: string; readonly unit: number }
  | { readonly path: string }
);

interface Around {
  readonly circuits: readonly string[];
  readonly busIds: readonly string[];
  readonly buses: readonly Entry<BusSettings>[];
}

/** Meters refer to circuits and buses of the file; appliances are in the ledger and cannot be checked here. */
export function checkMeters(meters: readonly Entry<Meter>[], around: Around): Finding[] {
  return meters.flatMap(({ index, value }) => [
    ...checkMeasures(index, value.measures, around.circuits),
    ...('bus' in value ? checkBus(index, value, around, meters) : checkPort(index, value.path, around.buses)),
  ]);
}

function checkMeasures(index: number, measures: string, circuits: readonly string[]): Finding[] {
  const circuit = measures.startsWith('circuit:') ? measures.slice('circuit:'.length) : HOUSE;
  return circuit === HOUSE ? [] : checkKnown(['meters', index, 'measures'], 'circuit', circuit, circuits);
}

function checkKnown(path: Finding['path'], what: string, id: string, known: readonly string[]): Finding[] {
  if (known.includes(id)) return [];
  const all = known.length === 0 ? '; there is none' : `; there are ${known.join(', ')}`;
  return [{ path, message: `no ${what} has the id "${id}"${hint(id, known) || all}` }];
}

/** Two devices with one unit address on one line answer at the same time. */
function checkBus(
  index: number,
  meter: { bus: string; unit: number },
  around: Around,
  meters: readonly Entry<Meter>[],
): Finding[] {
  const pathOf = (bus: string) => around.buses.find(({ value }) => value.id === bus)?.value.path;
  const path = pathOf(meter.bus);
  const board = around.buses.find(({ value }) => value.path === path && value.unit === meter.unit);
  const earlier = meters.find((other) => {
    const { value } = other;
    return other.index < index && 'bus' in value && value.unit === meter.unit && pathOf(value.bus) === path;
  });
  const taken = board ? `buses[${board.index}]` : earlier && `meters[${earlier.index}]`;
  return [
    ...checkKnown(['meters', index, 'bus'], 'bus', meter.bus, around.busIds),
    ...(taken === undefined || path === undefined
      ? []
      : [{ path: ['meters', index, 'unit'], message: `unit ${meter.unit} on ${path} is ${taken} already` }]),
  ];
}

/** A meter that pushes owns its port. */
function checkPort(index: number, path: string, buses: readonly Entry<BusSettings>[]): Finding[] {
  const bus = buses.find(({ value }) => value.path === path);
  if (!bus) return [];
  return [
    {
      path: ['meters', index, 'path'],
      message: `${path} is the line of buses[${bus.index}]; this meter needs a port of its own`,
    },
  ];
}
