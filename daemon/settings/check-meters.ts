import { type MeterSettings, meterKind } from '../../relay-drivers/meter-registry.ts';
import type { BusSettings } from '../../relay-drivers/registry.ts';
import { HOUSE } from '../core/model.ts';
import { checkMeterPorts, type Wired } from './check-meter-ports.ts';
import type { Entry, Finding } from './finding.ts';
import { hint } from './nearest.ts';

interface Around {
  readonly circuits: readonly string[];
  /** Of boards on serial lines. */
  readonly busIds: readonly string[];
  /** Of devices on MQTT. */
  readonly plugIds: readonly string[];
  readonly buses: readonly Entry<BusSettings>[];
}

/** Meters refer to circuits and buses of the file; appliances are in the ledger and cannot be checked here. */
export function checkMeters(meters: readonly Entry<MeterSettings>[], around: Around): Finding[] {
  return [
    ...meters.flatMap((entry) => [
      ...checkMeasures(entry, around.circuits),
      ...checkTwice(entry, meters),
      ...checkStale(entry),
      ...checkBus(entry, around),
    ]),
    ...checkMeterPorts(
      meters.flatMap((entry) => wired(entry, around.buses) ?? []),
      around.buses,
    ),
  ];
}

function checkMeasures({ index, value: { measures } }: Entry<MeterSettings>, circuits: readonly string[]): Finding[] {
  const circuit = measures.startsWith('circuit:') ? measures.slice('circuit:'.length) : HOUSE;
  return circuit === HOUSE ? [] : checkKnown(['meters', index, 'measures'], 'circuit', circuit, circuits);
}

/** Two meters of one thing may see the same watts or different ones: nobody could tell whether to add them. */
function checkTwice({ index, value }: Entry<MeterSettings>, meters: readonly Entry<MeterSettings>[]): Finding[] {
  const what = thing(value);
  const earlier = meters.find((other) => other.index < index && thing(other.value) === what);
  if (earlier === undefined) return [];
  const message = `meters[${earlier.index}] measures ${what} already; one meter for each`;
  return [{ path: ['meters', index, 'measures'], message }];
}

function thing({ measures }: MeterSettings): string {
  return measures === `circuit:${HOUSE}` ? HOUSE : measures;
}

function checkStale({ index, value }: Entry<MeterSettings>): Finding[] {
  const periodS = 'poll_s' in value ? value.poll_s : value.period_s;
  if (value.stale_after_s === undefined || value.stale_after_s > periodS) return [];
  const message = `expected more than the ${periodS} s from one reading to the next, got ${value.stale_after_s}`;
  return [{ path: ['meters', index, 'stale_after_s'], message }];
}

function checkBus({ index, value }: Entry<MeterSettings>, { busIds, plugIds }: Around): Finding[] {
  const bus = 'bus' in value ? value.bus : undefined;
  if (bus !== undefined && plugIds.includes(bus)) {
    const message = `"${bus}" is a device on MQTT, whose own readings need no meter here; expected a board on a serial line`;
    return [{ path: ['meters', index, 'bus'], message }];
  }
  return bus === undefined ? [] : checkKnown(['meters', index, 'bus'], 'bus', bus, busIds);
}

function checkKnown(path: Finding['path'], what: string, id: string, known: readonly string[]): Finding[] {
  if (known.includes(id)) return [];
  const all = known.length === 0 ? '; there is none' : `; there are ${known.join(', ')}`;
  return [{ path, message: `no ${what} has the id "${id}"${hint(id, known) || all}` }];
}

/** Where it hangs, with what is left out filled in; null where its bus is not there. */
function wired({ index, value }: Entry<MeterSettings>, buses: readonly Entry<BusSettings>[]): Wired | null {
  if (!('poll_s' in value)) return { index, path: value.path, unit: null, terms: null, bus: null };
  const { unit } = value;
  if (value.bus !== undefined) {
    const bus = buses.find((entry) => entry.value.id === value.bus);
    return bus === undefined ? null : { index, path: bus.value.path, unit, terms: null, bus };
  }
  const kind = meterKind(value.driver);
  const baud = value.baud ?? (kind.kind === 'polled' ? kind.baud(value) : 0);
  return { index, path: value.path ?? '', unit, terms: { baud, parity: value.parity ?? 'none' }, bus: null };
}
