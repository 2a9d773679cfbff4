import { busProblems } from '../../relay-drivers/buses.ts';
import { meterSettings } from '../../relay-drivers/meter-registry.ts';
import { plugSettings } from '../../relay-drivers/plug-registry.ts';
import { type BusSettings, busSettings } from '../../relay-drivers/registry.ts';
import { isPlugDriver } from './bus-entry.ts';
import { type CircuitPlace, checkCircuits } from './check-circuits.ts';
import { checkMeters } from './check-meters.ts';
import { checkMqtt } from './check-mqtt.ts';
import { checkBroker, checkPlugs } from './check-plugs.ts';
import type { Entry, Finding } from './finding.ts';
import { mqttSchema } from './mqtt.ts';
import { httpSchema, limitsSchema } from './schema.ts';

/**
 * What one value cannot tell by itself: ids that clash, parents that are missing, boards that talk over each other.
 * Each part of the file is read by itself, so that one bad entry hides nothing of the others.
 */
export function crosscheck(raw: unknown): Finding[] {
  const buses = entries(raw, 'buses', busSettings);
  const plugs = entries(raw, 'buses', plugSettings);
  const meters = entries(raw, 'meters', meterSettings);
  return [
    ...checkLimits(raw),
    ...(['circuits', 'buses', 'meters'] as const).flatMap((part) => checkIds(raw, part)),
    ...checkCircuits(circuitsOf(raw)),
    ...checkBuses(buses),
    ...checkPlugs(plugs),
    ...checkBroker(plugs, field(field(raw, 'mqtt'), 'mode') === 'off'),
    ...checkDoors(raw),
    ...checkMeters(meters, { buses, circuits: idsOf(raw, 'circuits'), ...busIdsOf(raw) }),
  ];
}

interface Parser<T> {
  safeParse(raw: unknown): { success: true; data: T } | { success: false };
}

function entries<T>(raw: unknown, part: string, schema: Parser<T>): Entry<T>[] {
  return list(raw, part).flatMap((item, index) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [{ index, value: parsed.data }] : [];
  });
}

/** Entries with other mistakes too: only what the tree is made of is read. */
function circuitsOf(raw: unknown): Entry<CircuitPlace>[] {
  return list(raw, 'circuits').flatMap((item, index) => {
    const id = field(item, 'id');
    const parent = field(item, 'parent');
    return typeof id === 'string' ? [{ index, value: { id, parent: typeof parent === 'string' ? parent : null } }] : [];
  });
}

/** The rules between boards are the drivers' own; a second board of one id is told of by `checkIds`. */
function checkBuses(buses: readonly Entry<BusSettings>[]): Finding[] {
  return busProblems(buses.map(({ value }) => value))
    .filter(({ path }) => path[1] !== 'id')
    .map(({ path: [index, key], message }) => ({ path: ['buses', buses[index]?.index ?? index, key], message }));
}

function checkLimits(raw: unknown): Finding[] {
  const limits = limitsSchema.safeParse(field(raw, 'limits') ?? {});
  if (!limits.success || limits.data.base_load_w < limits.data.limit_w) return [];
  const message = 'the base load leaves nothing under limit_w; expected less than the limit';
  return [{ path: ['limits', 'base_load_w'], message }];
}

function checkDoors(raw: unknown): Finding[] {
  const mqtt = mqttSchema.safeParse(field(raw, 'mqtt') ?? {});
  const http = httpSchema.safeParse(field(raw, 'http') ?? {});
  return mqtt.success && http.success ? checkMqtt(mqtt.data, http.data) : [];
}

function checkIds(raw: unknown, part: 'circuits' | 'buses' | 'meters'): Finding[] {
  const first = new Map<unknown, number>();
  return list(raw, part).flatMap((item, index) => {
    const id = field(item, 'id');
    if (typeof id !== 'string') return [];
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    return before === undefined
      ? []
      : [{ path: [part, index, 'id'], message: `"${id}" is the id of ${part}[${before}] already` }];
  });
}

/** Ids as written, of entries with other mistakes too: what refers to them is not a mistake of its own. */
function idsOf(raw: unknown, part: string): string[] {
  return list(raw, part).flatMap((item) => {
    const id = field(item, 'id');
    return typeof id === 'string' ? [id] : [];
  });
}

/** A meter hangs on the line of a board; a device on MQTT has none. */
function busIdsOf(raw: unknown): { busIds: string[]; plugIds: string[] } {
  const ids = (isPlug: boolean) =>
    idsOf({ buses: list(raw, 'buses').filter((item) => isPlugDriver(field(item, 'driver')) === isPlug) }, 'buses');
  return { busIds: ids(false), plugIds: ids(true) };
}

function list(raw: unknown, part: string): unknown[] {
  const found = field(raw, part);
  return Array.isArray(found) ? found : [];
}

function field(raw: unknown, key: string): unknown {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, key) ? Reflect.get(raw, key) : undefined;
}
