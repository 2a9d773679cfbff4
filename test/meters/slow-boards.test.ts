import { describe, expect, it } from 'vitest';
import { openMeters } from '../../daemon/open-meters.ts';
import { loadSettings } from '../../daemon/settings/load.ts';
import { createBuses } from '../../relay-drivers/buses.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

const P1 = '{ id: p1, driver: dsmr-p1, path: /dev/p1, measures: house }';

/** How long a sample waits at least for the boards of this configuration. */
function handNoticedMs(buses: string, meters = P1): number {
  const yaml = `buses: [${buses}]\nmeters: [${meters}]`;
  const loaded = loadSettings(yaml, { file: 'house.yaml', folder: '/etc', timezone: 'Europe/Rome' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const clock = new VirtualClock();
  const bus = createBus({ baud: 9600, echo: false, boards: [] }, clock, seededRandom(1));
  const deps = { clock, openPort: () => new MemoryPort(bus.wire, clock).open };
  const opened = openMeters(loaded.settings.meters, { ...deps, buses: createBuses(loaded.settings.buses, deps) });
  return opened.meters[0]?.handNoticedMs ?? Number.NaN;
}

describe('a sample waits for the slowest board to show what a hand switched', () => {
  it.each([
    // Measured from the hand to the commit, boards simulated; ms.
    ['driver: lcus, channels: 8', 2310],
    ['driver: modbus-fc06, channels: 32, baud: 1200', 2245],
    // Two readings that agree, or relay by relay: more than the usual second.
    ['driver: kmtronic, channels: 8', 1250],
    ['driver: numato, channels: 8', 1250],
    ['driver: numato, channels: 64', 1250],
    ['driver: modbus-coils, channels: 8', 1250],
  ])('%s: more than %i ms', (board, ms) => {
    expect(handNoticedMs(`{ id: main, path: /dev/line, ${board} }`)).toBeGreaterThan(ms);
    expect(handNoticedMs(`{ id: main, path: /dev/line, ${board} }`)).toBeLessThan(ms + 500);
  });

  it('the slowest of all; those of one line wait for each other and for a meter', () => {
    const coils = '{ id: a, path: /dev/a, driver: modbus-coils, channels: 8, baud: 4800 }';
    const next = '{ id: b, path: /dev/a, unit: 2, driver: modbus-coils, channels: 8, baud: 4800 }';
    const apart = '{ id: b, path: /dev/b, driver: modbus-coils, channels: 8, baud: 9600 }';
    const sdm = '{ id: m, bus: a, unit: 3, driver: eastron-sdm, model: sdm120, measures: house }';
    const alone = handNoticedMs(coils);
    expect(handNoticedMs(`${coils}, ${apart}`)).toBe(alone);
    expect(handNoticedMs(`${coils}, ${next}`)).toBeGreaterThan(alone);
    expect(handNoticedMs(coils, sdm)).toBeGreaterThan(alone);
  });
});
