import { describe, expect, it, onTestFinished } from 'vitest';
import { Relays } from '../../daemon/relays/relays.ts';
import { createBuses } from '../../relay-drivers/buses.ts';
import { createBus, type BusSettings as SimulatedLine } from '../../relay-drivers/simulator/bus.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { settings } from '../drivers/rig.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

const BOARD = { channels: 8, unit: 1 };

/** The supervisor, its driver and its line over a simulated line that is wired wrongly, for half a minute. */
async function supervised(line: Partial<SimulatedLine>) {
  const clock = new VirtualClock();
  const { wire } = createBus({ baud: 9600, boards: [BOARD], ...line }, clock, seededRandom(7));
  const config = settings();
  const buses = createBuses([config], { clock, openPort: () => new MemoryPort(wire, clock).open });
  const parts = [...buses.values()].map(({ id, driver, line: opened }) => ({
    bus: id,
    driver,
    wiring: config,
    line: opened,
    clock,
    switches: new Map(),
    offWithoutProof: 'hold' as const,
    standing: () => null,
    tell: () => undefined,
    onExchange: () => undefined,
    onTrouble: () => undefined,
  }));
  const relays = new Relays(parts, () => undefined);
  for (const { line: opened } of buses.values()) opened.start();
  relays.start();
  onTestFinished(() => {
    relays.close();
    for (const { line: opened } of buses.values()) opened.close();
  });
  await clock.advance(30_000);
  return { health: relays.health()[0] };
}

describe('hostile wiring ends in a fault that says what is probably wrong and what to try', () => {
  it('two boards with one unit address', async () => {
    const { health } = await supervised({ boards: [BOARD, BOARD], mayClash: true });
    expect(health).toMatchObject({
      up: false,
      reason: expect.stringMatching(/damaged again and again: probably two devices on the line have this address/),
      advice: expect.stringMatching(/disconnect all devices but one and give each an address of its own/),
    });
  });

  it.each([
    { baud: 19_200 },
    { baud: 4800 },
    { baud: 9600, parity: 'even' as const },
    { baud: 9600, parity: 'odd' as const },
  ])('a board set to another baud rate or parity: %o', async (boardFormat) => {
    const { health } = await supervised({ boardFormat });
    expect(health).toMatchObject({
      up: false,
      reason: 'nothing comes back from unit 1 at 9600 baud, no parity',
      advice: expect.stringMatching(/baud rate and parity: try baud 2400, 4800, 19200.* and parity even or odd/),
    });
  });

  it('an adapter that hears itself, and no board', async () => {
    const { health } = await supervised({ boards: [], echo: true });
    expect(health?.reason).toMatch(/only our own bytes come back/);
  });

  it('a board with another address', async () => {
    const { health } = await supervised({ boards: [{ channels: 8, unit: 2 }] });
    expect(health).toMatchObject({
      reason: expect.stringMatching(/unit 1/),
      advice: expect.stringMatching(/1 is asked/),
    });
  });

  it('right wiring is no fault', async () => {
    const { health } = await supervised({});
    expect(health).toMatchObject({ up: true, reason: null, advice: null });
  });
});
