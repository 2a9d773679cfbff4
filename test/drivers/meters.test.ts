import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuses } from '../../relay-drivers/buses.ts';
import { DSMR_P1_TWINS } from '../../relay-drivers/dsmr-p1/twin.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { meterSettings } from '../../relay-drivers/meter-registry.ts';
import { createMeters, type Meter } from '../../relay-drivers/meters.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import type { MeterProtocol } from '../../relay-drivers/simulator/meter-twin.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { SML_TWINS } from '../../relay-drivers/sml/twin.ts';
import type { PortSettings } from '../../relay-drivers/transport/address.ts';
import { only } from '../simulator/desk.ts';
import { settings as boardSettings, terms } from './rig.ts';
import { threePhases } from './telegrams.ts';
import { VirtualClock } from './virtual-clock.ts';

const entry = (more: Record<string, unknown>) =>
  meterSettings.parse({ id: 'grid', measures: 'house', driver: 'dsmr-p1', path: '/dev/p1', ...more });
const P1 = entry({ period_s: 1 });
const P1_SLOW = entry({ baud: 9600, data_bits: 7, parity: 'even', period_s: 10 });
const SML = entry({ driver: 'sml' });

const wattsOnly = { ...threePhases, phases: [] };
const signedOnly = {
  ...threePhases,
  phases: threePhases.phases.map(({ powerMw }) => ({ voltageMv: null, currentMa: null, powerMw })),
  energyExportMwh: null,
};

/** A simulated meter that talks by itself, and the hub's end of it. */
function installed(protocol: MeterProtocol, settings: typeof P1, chunkBytes = 32) {
  const clock = new VirtualClock();
  const { baud = 9600, parity = 'none' } = settings;
  const bus = createBus({ baud, parity, chunkBytes, boards: [], meters: [{ protocol }] }, clock, seededRandom(7));
  const port = new MemoryPort(bus.wire, clock);
  const opened: PortSettings[] = [];
  const openPort = (wanted: PortSettings) => {
    opened.push(wanted);
    return port.open;
  };
  const { meters, ports } = createMeters([settings], { clock, openPort, buses: new Map() });
  const meter = pushing(only(meters));
  const readings: MeterReading[] = [];
  const reasons: string[] = [];
  meter.onReading((reading) => readings.push(reading));
  meter.onDamaged((reason) => reasons.push(reason));
  const twin = only(bus.meters);
  twin.measure(threePhases);
  for (const each of ports) each.start();
  onTestFinished(() => {
    for (const each of ports) each.close();
    twin.close();
  });
  return { clock, twin, port, meter, readings, reasons, opened };
}

function pushing(meter: Meter): Meter & { kind: 'pushed' } {
  if (meter.kind !== 'pushed') throw new Error('this meter does not talk by itself');
  return meter;
}

describe('meters that talk by themselves', () => {
  it.each([
    ['dsmr-v5', DSMR_P1_TWINS['dsmr-v5'], P1, threePhases],
    ['dsmr-v2 at 9600 7E1', DSMR_P1_TWINS['dsmr-v2'], P1_SLOW, wattsOnly],
    ['d0', DSMR_P1_TWINS.d0, entry({ baud: 9600 }), signedOnly],
    ['sml', SML_TWINS.sml, SML, threePhases],
  ] as const)('%s is read over its wire, telegram after telegram', async (_, protocol, settings, expected) => {
    const { clock, meter, readings, reasons } = installed(protocol, settings);
    const everyMs = protocol.kind === 'pushed' ? protocol.everyMs : 0;
    await clock.advance(5.9 * everyMs);
    expect(readings).toEqual(new Array(5).fill(expected));
    expect(reasons).toEqual([]);
    expect(meter.opening.state).toEqual({ isOpen: true });
  });

  it('the port is opened as the entry says', () => {
    expect(installed(DSMR_P1_TWINS['dsmr-v2'], P1_SLOW).opened).toEqual([
      { path: '/dev/p1', baud: 9600, parity: 'even', dataBits: 7 },
    ]);
    expect(installed(SML_TWINS.sml, SML).opened).toEqual([{ path: '/dev/p1', baud: 9600, parity: 'none' }]);
    expect(installed(DSMR_P1_TWINS['dsmr-v2'], P1_SLOW).meter.periodMs).toBe(10_000);
  });

  it.each([
    ['dsmr-p1', DSMR_P1_TWINS['dsmr-v5'], P1, threePhases],
    ['sml', SML_TWINS.sml, SML, threePhases],
  ] as const)(
    '%s: a port lost in the middle of a telegram costs that telegram and no other',
    async (_, protocol, settings, expected) => {
      const { clock, port, readings, reasons, meter } = installed(protocol, settings);
      const everyMs = protocol.kind === 'pushed' ? protocol.everyMs : 0;
      await clock.advance(2 * everyMs + 10);
      port.unplug();
      await clock.until(() => !meter.opening.state.isOpen);
      port.plugIn();
      await clock.advance(3 * everyMs);
      expect(readings.length).toBeGreaterThanOrEqual(3);
      for (const reading of readings) expect(reading).toEqual(expected);
      expect(reasons).toEqual([]);
    },
  );

  it.each([
    ['dsmr-p1', DSMR_P1_TWINS['dsmr-v5'], P1],
    ['sml', SML_TWINS.sml, SML],
  ] as const)('%s: spoiled telegrams are told as damage and make no reading', async (_, protocol, settings) => {
    const { clock, twin, readings, reasons } = installed(protocol, settings, 10);
    twin.setFaults({ corrupt_replies: 0.5, drop_replies: 0.1, duplicate_replies: 0.1 });
    await clock.advance(200_000);
    expect(readings.length).toBeGreaterThan(20);
    expect(reasons.length).toBeGreaterThan(20);
    for (const reading of readings) expect(reading).toEqual(threePhases);
  });

  it('a meter without power: nothing is read, and the port is tried again', async () => {
    const { clock, twin, readings, opened, meter } = installed(DSMR_P1_TWINS['dsmr-v5'], P1);
    const states: boolean[] = [];
    meter.opening.onStateChange((state) => states.push(state.isOpen));
    await clock.advance(3500);
    twin.cutPower(40_000);
    const before = readings.length;
    await clock.advance(39_000);
    expect(readings).toHaveLength(before);
    expect(states).toEqual([true, false, true]);
    await clock.advance(5000);
    expect(readings.length).toBeGreaterThan(before);
    expect(opened).toHaveLength(1);
  });

  it('a locked SML meter says what to do', async () => {
    const { clock, readings, reasons } = installed(SML_TWINS['sml-locked'], SML);
    await clock.advance(3000);
    expect(readings).toEqual([]);
    expect(reasons).toEqual([expect.stringContaining('PIN')]);
  });
});

describe('who may have a port', () => {
  const clock = new VirtualClock();
  const openPort = () => () => Promise.reject(new Error('no such port'));
  const buses = createBuses([boardSettings({ id: 'main', path: '/dev/rs485' })], { clock, openPort });
  const create = (...entries: Record<string, unknown>[]) =>
    createMeters(entries.map(entry), { clock, openPort, buses });
  const sdm = (more: Record<string, unknown>) => ({
    driver: 'eastron-sdm',
    model: 'sdm120',
    unit: 3,
    path: undefined,
    ...more,
  });

  it('a meter that is asked shares the line of its bus, or one with others', () => {
    const made = create(
      sdm({ id: 'a', bus: 'main' }),
      sdm({ id: 'b', path: '/dev/own' }),
      sdm({ id: 'c', unit: 4, path: '/dev/own' }),
      { id: 'd' },
    );
    const [a, b, c] = made.meters.map(({ opening }) => opening);
    expect(a).toBe(buses.get('main')?.line);
    expect(b).toBe(c);
    expect(made.ports).toHaveLength(2);
    expect(made.ports[0]).toBe(b);
  });

  it.each([
    ['a bus that is not there', [sdm({ bus: 'garage' })], 'there is no bus garage'],
    ['the port of a bus, by pushing', [{ path: '/dev/rs485' }], 'line of bus main'],
    ['the port of a bus, by asking', [sdm({ path: '/dev/rs485' })], 'line of bus main'],
    ['two that push', [{ id: 'a' }, { id: 'b' }], 'meter b: another meter has /dev/p1 already'],
    ['one that asks behind one that pushes', [{ id: 'a' }, sdm({ path: '/dev/p1' })], 'another meter has /dev/p1'],
    ['one that pushes behind one that asks', [sdm({ path: '/dev/p1' }), { id: 'b' }], 'another meter has /dev/p1'],
    [
      'two baud rates',
      [sdm({ path: '/dev/own', baud: 2400 }), sdm({ id: 'b', path: '/dev/own', baud: 9600 })],
      '/dev/own is at 2400 baud, parity none, not at 9600 baud',
    ],
  ])('refuses %s', (_, entries, message) => {
    expect(() => create(...entries)).toThrow(message);
  });

  it('a polled meter on a port that does not open says so', async () => {
    const [meter] = create(sdm({ bus: 'main' })).meters;
    if (meter?.kind !== 'polled') throw new Error('this meter is not asked');
    await expect(meter.driver.read(terms('meter'))).rejects.toMatchObject({ code: 'port_closed' });
  });
});
