import { ANY_UNIT } from '../../relay-drivers/pzem-004t/codec.ts';
import { type BusSettings, unitOf } from '../../relay-drivers/registry.ts';
import type { Entry, Finding } from './finding.ts';

/** A meter and the port that it hangs on. */
export interface Wired {
  readonly index: number;
  readonly path: string;
  /** Null: it talks by itself, and needs the port for itself. */
  readonly unit: number | null;
  /** Of a port of its own. */
  readonly terms: { readonly baud: number; readonly parity: string } | null;
  /** The board whose line it shares. */
  readonly bus: Entry<BusSettings> | null;
}

/** Devices that would talk over each other, or answer for each other. */
export function checkMeterPorts(meters: readonly Wired[], buses: readonly Entry<BusSettings>[]): Finding[] {
  return meters.flatMap((meter) => {
    const boards = buses.filter(({ value }) => value.path === meter.path);
    const earlier = meters.filter((other) => other.index < meter.index && other.path === meter.path);
    return meter.bus === null ? checkOwnPort(meter, boards, earlier) : checkSharedLine(meter, boards, earlier);
  });
}

function checkOwnPort(meter: Wired, [board]: readonly Entry<BusSettings>[], earlier: readonly Wired[]): Finding[] {
  const { index, path } = meter;
  if (board !== undefined) {
    const instead = meter.unit === null ? 'this meter needs a port of its own' : `write bus: ${board.value.id} instead`;
    return [finding(index, 'path', `${path} is the line of buses[${board.index}]; ${instead}`)];
  }
  const other = earlier.find(({ unit }) => unit === null || meter.unit === null);
  if (other !== undefined)
    return [
      finding(
        index,
        'path',
        `${path} is the port of meters[${other.index}]; a meter that talks by itself needs it alone`,
      ),
    ];
  return [...earlier.flatMap((one) => checkTerms(meter, one)), ...checkUnit(meter, [], earlier)];
}

function checkTerms({ index, path, terms }: Wired, other: Wired): Finding[] {
  return (['baud', 'parity'] as const).flatMap((field) => {
    const [here, there] = [terms?.[field], other.terms?.[field]];
    if (here === there) return [];
    const message = `meters[${other.index}] shares ${path}, so their ${field} must be the same: ${here} here, ${there} there`;
    return [finding(index, field, message)];
  });
}

function checkSharedLine(meter: Wired, boards: readonly Entry<BusSettings>[], earlier: readonly Wired[]): Finding[] {
  const alone = boards.find(({ value }) => unitOf(value) === null);
  if (alone === undefined) return checkUnit(meter, boards, earlier);
  const message = `buses[${alone.index}] has no unit address, so it needs its port alone; give this meter a path of its own`;
  return [finding(meter.index, 'bus', message)];
}

/** Two devices with one unit address on one line answer at the same time. */
function checkUnit(
  { index, unit, path }: Wired,
  boards: readonly Entry<BusSettings>[],
  earlier: readonly Wired[],
): Finding[] {
  const places = [
    ...boards.map((board) => ({ unit: unitOf(board.value), name: `buses[${board.index}]` })),
    ...earlier.map((other) => ({ unit: other.unit, name: `meters[${other.index}]` })),
  ];
  const taken = places.find((place) => place.unit === unit);
  if (taken !== undefined) return [finding(index, 'unit', `unit ${unit} on ${path} is ${taken.name} already`)];
  const anybody = places.find((place) => place.unit === ANY_UNIT || unit === ANY_UNIT);
  if (anybody === undefined) return [];
  const message = `unit ${ANY_UNIT} answers to every address, so it must be alone on ${path}; ${anybody.name} is there too`;
  return [finding(index, 'unit', message)];
}

function finding(index: number, field: string, message: string): Finding {
  return { path: ['meters', index, field], message };
}
