import type { Import, Source } from './source.ts';

interface Room {
  /** A folder (with its slash) or a file; the longest that fits is the room of a path. */
  readonly place: string;
  /** What it may import besides itself: folders or files. */
  readonly may: readonly string[];
  /** Of these, types only. */
  readonly typesOnly?: readonly string[];
  /** It lives on what it is given: no package, no module of Node. */
  readonly isBare?: true;
}

const CLOCK = 'relay-drivers/clock.ts';
const CONTRACT = ['relay-drivers/clock.ts', 'relay-drivers/driver.ts'];

/** Words that bytes are described with: no line, no clock. What several families share lies beside them. */
const WORDS = ['relay-drivers/modbus/', 'relay-drivers/telegram/', 'relay-drivers/fields.ts', 'relay-drivers/meter.ts'];
const ON_LINE = [...CONTRACT, 'relay-drivers/line/', 'relay-drivers/transport/address.ts'];
const FAMILIES = [
  ...['modbus-coils', 'modbus-fc06', 'lcus', 'kmtronic', 'numato', 'skeleton'],
  ...['eastron-sdm', 'pzem-004t', 'dsmr-p1', 'sml'],
];

/** Families on MQTT: topics and payloads only. */
const PLUG_FAMILIES = ['tasmota', 'esphome', 'generic-mqtt', 'shelly-gen1', 'shelly-gen2', 'zigbee2mqtt'];
const MQTT = 'relay-drivers/transport/mqtt.ts';
const MQTT_FILTER = 'relay-drivers/transport/mqtt-filter.ts';
const PLUG_WORDS = [
  'relay-drivers/plugs/protocol.ts',
  'relay-drivers/plugs/settings.ts',
  'relay-drivers/plugs/words/',
  'relay-drivers/meter.ts',
  'relay-drivers/fields.ts',
  MQTT,
];

/** A family on MQTT; its twin shares nothing with what it is a twin of, but the words of the contract. */
function plugRooms(name: string): Room[] {
  const home = `relay-drivers/${name}/`;
  const twin = ['relay-drivers/simulator/plug-twin.ts', `${home}settings.ts`];
  return [
    { place: home, may: PLUG_WORDS },
    { place: `${home}twin.ts`, may: twin },
  ];
}

/** A family: its driver on the line; and its twin, which shares nothing with the driver but the frames (issue 2). */
function familyRooms(name: string): Room[] {
  const home = `relay-drivers/${name}/`;
  const twin = ['relay-drivers/simulator/protocol.ts', 'relay-drivers/simulator/meter-twin.ts', ...WORDS];
  const frames = ['codec', 'requests', 'input-modes', 'settings', 'models'].map((file) => `${home}${file}.ts`);
  const may = [...twin, ...frames, `${home}twin/`];
  const places = name === 'modbus-coils' ? [`${home}twin.ts`, `${home}twin/`] : [`${home}twin.ts`];
  return [{ place: home, may: [...ON_LINE, ...WORDS] }, ...places.map((place) => ({ place, may }))];
}

/** design.md, section 4: who may import whom. */
export const ROOMS: readonly Room[] = [
  { place: 'daemon/core/', may: [], isBare: true },
  { place: 'daemon/queue/', may: ['daemon/core/', CLOCK], isBare: true },
  // The edges: none imports another. The supervisor carries out what the queue's port declares.
  {
    place: 'daemon/relays/',
    may: ['daemon/core/', 'daemon/queue/ports.ts', 'relay-drivers/diagnose.ts', ...CONTRACT],
    isBare: true,
  },
  {
    place: 'daemon/meters/',
    may: [
      'daemon/core/',
      'relay-drivers/meter.ts',
      'relay-drivers/meters.ts',
      'relay-drivers/diagnose.ts',
      ...CONTRACT,
    ],
    isBare: true,
  },
  { place: 'daemon/ledger/', may: ['daemon/core/', 'daemon/folder.ts', CLOCK] },
  { place: 'daemon/folder.ts', may: [] },
  { place: 'daemon/zones/', may: [] },
  { place: 'daemon/replication/', may: ['daemon/core/', CLOCK] },
  { place: 'daemon/telemetry/', may: ['daemon/core/', 'daemon/folder.ts', 'daemon/zones/', CLOCK] },
  { place: 'daemon/http/', may: ['daemon/core/', 'daemon/zones/', CLOCK] },
  { place: 'daemon/broker/', may: ['daemon/core/', 'daemon/folder.ts', CLOCK, MQTT, MQTT_FILTER] },
  {
    place: 'daemon/settings/',
    may: [
      'daemon/core/',
      'daemon/zones/',
      'relay-drivers/registry.ts',
      'relay-drivers/meter-registry.ts',
      'relay-drivers/plug-registry.ts',
      'relay-drivers/buses.ts',
      'relay-drivers/pzem-004t/codec.ts',
    ],
  },
  { place: 'daemon/observe/', may: ['daemon/core/', 'daemon/settings/types.ts', CLOCK] },
  {
    place: 'daemon/cli/',
    may: [
      'daemon/core/',
      'daemon/observe/',
      'daemon/settings/',
      'daemon/zones/',
      'daemon/http/secrets.ts',
      'daemon/serve.ts',
      'daemon/folder.ts',
      'daemon/checkup.ts',
      'daemon/backups.ts',
      CLOCK,
      'relay-drivers/simulator/',
      // `ports` and `doctor` look at hardware without a hub.
      'relay-drivers/find/',
      'relay-drivers/transport/open.ts',
    ],
  },
  // hub.ts and its neighbours join the rooms; they are imported by cli alone.
  { place: 'daemon/', may: ['daemon/', 'relay-drivers/'] },
  { place: 'daemon/main.ts', may: ['daemon/cli/', 'daemon/observe/'] },
  { place: 'daemon/voltsafe.js', may: ['daemon/main.ts'] },

  { place: 'relay-drivers/', may: ['relay-drivers/'] },
  { place: 'relay-drivers/clock.ts', may: [], isBare: true },
  { place: 'relay-drivers/driver.ts', may: [], isBare: true },
  { place: 'relay-drivers/transport/', may: [CLOCK, MQTT] },
  { place: 'relay-drivers/line/', may: [...CONTRACT, 'relay-drivers/transport/'] },
  { place: 'relay-drivers/fields.ts', may: ['relay-drivers/transport/address.ts'] },
  { place: 'relay-drivers/meter.ts', may: ['relay-drivers/driver.ts'], isBare: true },
  { place: 'relay-drivers/modbus/', may: [...CONTRACT, 'relay-drivers/line/', 'relay-drivers/meter.ts'] },
  { place: 'relay-drivers/telegram/', may: ['relay-drivers/meter.ts'], isBare: true },
  ...FAMILIES.flatMap(familyRooms),
  { place: MQTT, may: [], isBare: true },
  { place: 'relay-drivers/plugs/', may: [...CONTRACT, 'relay-drivers/meter.ts', 'relay-drivers/fields.ts', MQTT] },
  ...PLUG_FAMILIES.flatMap(plugRooms),
  // It shares nothing with a driver, or it could not tell when the driver is wrong.
  {
    place: 'relay-drivers/simulator/',
    may: [
      CLOCK,
      'relay-drivers/transport/pipe.ts',
      'relay-drivers/meter.ts',
      'relay-drivers/eastron-sdm/models.ts',
      ...[...FAMILIES, ...PLUG_FAMILIES].map((name) => `relay-drivers/${name}/twin.ts`),
    ],
  },

  { place: 'dashboard/', may: [], typesOnly: ['daemon/http/wire', 'daemon/core/views.ts'] },
  { place: 'test/', may: ['daemon/', 'relay-drivers/', 'dashboard/', 'test/'] },
  { place: 'vitest.config.ts', may: [] },
];

export function roomOf(path: string): Room | undefined {
  const fitting = ROOMS.filter(({ place }) => covers(place, path));
  return fitting.sort((x, y) => y.place.length - x.place.length)[0];
}

function covers(place: string, path: string): boolean {
  return path === place || (place.endsWith('/') && path.startsWith(place));
}

/** Imports that go where they may not. */
export function strayImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap((one) => {
      const why = forbidden(path, one);
      return why === null ? [] : [`${path}:${one.line} imports ${one.from}: ${why}`];
    }),
  );
}

function forbidden(path: string, { from, target, isTypeOnly }: Import): string | null {
  const room = roomOf(path);
  if (room === undefined) return 'this file stands in no room of design.md 4';
  if (target === null) return room.isBare ? `${room.place} lives on what it is given` : null;
  if (!from.endsWith('.ts') && !from.endsWith('.vue') && !from.endsWith('.css')) return 'write the ending of the file';
  if (target.startsWith('test/') && !path.startsWith('test/')) return 'nothing imports test';
  if (roomOf(target) === room || room.may.some((place) => covers(place, target))) return null;
  if (room.typesOnly?.some((place) => target.startsWith(place)))
    return isTypeOnly ? null : 'types only: write `import type`';
  return `${room.place} may import ${room.may.join(', ') || 'nothing else'}`;
}

/** Chains of imports that come back to where they began; each is told once, from its first file. */
export function cycles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]));
  const done = new Set<string>();
  const found: string[] = [];
  for (const path of targets.keys()) visit(path, []);
  return found;

  function visit(path: string, chain: readonly string[]): void {
    const at = chain.indexOf(path);
    if (at >= 0) found.push([...chain.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...chain, path]);
    done.add(path);
  }
}
