import { describe, expect, it } from 'vitest';
import type { PowerOn } from '../../relay-drivers/simulator/plug.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { memoryPlug } from './memory-plug.ts';
import { plainFirmware } from './plain-firmware.ts';

/** One plug on a broker in memory, and somebody who listens to all that passes. */
async function bench(powerOn: PowerOn = 'last') {
  const clock = new VirtualClock();
  const broker = new MemoryBroker();
  const heard: string[] = [];
  broker.watch(({ from, topic, payload }) => {
    if (from === 'kettle') heard.push(`${topic} ${payload}`);
  });
  const plug = new SimulatedPlug(
    { name: 'kettle', flavour: plainFirmware, channels: 2, loadsW: [2000, 60], powerOn },
    { connect: memoryPlug(broker, 'kettle'), clock, random: () => 0 },
  );
  plug.start();
  await clock.settle();
  const hub = broker.port();
  const tell = async (payload: string, topic = 'kettle/set') => {
    hub.send(topic, payload);
    await clock.settle();
  };
  /** What was said since the last look. */
  const said = () => heard.splice(0);
  const closed = () => plug.coils().flatMap((coil) => (coil.closed ? [coil.channel] : []));
  return { clock, broker, plug, hub, tell, said, closed };
}

describe('a simulated plug', () => {
  it('switches what it is told to, says so, and draws through its contact', async () => {
    const { plug, tell, said, closed } = await bench();
    expect(said()).toEqual(['kettle/online true']);
    await tell('1 ON');
    expect(said()).toEqual(['kettle/1 ON 2000W', 'kettle/done 1']);
    expect(closed()).toEqual([1]);
    expect([plug.powerW(1), plug.powerW(2)]).toEqual([2000, 0]);
    await tell('1 ON');
    expect(said()).toEqual(['kettle/done 1']);
    expect(plug.log().map(({ what, on, cause }) => [what, on, cause])).toEqual([
      ['register', true, 'write'],
      ['contact', true, 'write'],
    ]);
  });

  it('counts energy over time, for each channel, and reports by itself', async () => {
    const { plug, tell, said, clock } = await bench();
    await tell('1 ON');
    said();
    await clock.advance(1_800_000);
    expect(plug.energyWh(1)).toBeCloseTo(1000);
    plug.draw(1, 1000);
    await clock.advance(1_800_000);
    await tell('1 OFF');
    await clock.advance(1_800_000);
    expect(plug.energyWh(1)).toBeCloseTo(1500);
    expect(plug.energyWh(2)).toBe(0);
    const reports = said().filter((line) => line.startsWith('kettle/energy'));
    expect(reports).toHaveLength(540);
    expect(reports[0]).toMatch(/^kettle\/energy 2\.7\d* 5$/);
  });

  it('flips at its own button, connected or not', async () => {
    const { plug, said, broker, closed, clock } = await bench();
    said();
    plug.pressButton(2);
    await clock.settle();
    expect(said()).toEqual(['kettle/2 ON 60W']);
    expect(plug.log()[0]).toMatchObject({ channel: 2, cause: 'button' });
    broker.stop();
    plug.pressButton(1);
    expect(closed()).toEqual([1, 2]);
    plug.cutPower(1000);
    plug.pressButton(1);
    expect(closed()).toEqual([]);
  });

  it.each<[PowerOn, number[]]>([
    ['off', []],
    ['on', [1, 2]],
    ['last', [2]],
  ])('comes back %s when its power was cut, after its will was told', async (powerOn, expected) => {
    const { plug, tell, said, closed, clock } = await bench(powerOn);
    await tell('1 OFF');
    await tell('2 ON');
    said();
    plug.setFaults({ power_cut: 3000 });
    expect(closed()).toEqual([]);
    await clock.settle();
    expect(said()).toEqual(['kettle/online false']);
    await tell('1 ON');
    await clock.advance(2999);
    expect([closed(), said()]).toEqual([[], []]);
    await clock.advance(1);
    expect(closed()).toEqual(expected);
    expect(said()).toEqual(['kettle/online true']);
    await clock.advance(5000);
    expect(said()[0]).toMatch(/ 5$/);
  });

  it('comes back to a broker that was away, later with each attempt', async () => {
    const { plug, said, broker, clock, tell } = await bench();
    broker.stop();
    await clock.settle();
    expect(plug.isConnected).toBe(false);
    said();
    await clock.advance(20_000);
    broker.start();
    await clock.advance(30_000);
    expect(plug.isConnected).toBe(true);
    expect(said()[0]).toBe('kettle/online true');
    await tell('1 ON');
    expect(said()).toContain('kettle/1 ON 2000W');
  });

  it('leaves no timer behind when it is taken away', async () => {
    const { plug, clock, said } = await bench();
    said();
    plug.setFaults({ power_cut: 3000 });
    plug.start();
    plug.close();
    expect(clock.pending).toBe(0);
    plug.start();
    await clock.settle();
    plug.close();
    await clock.settle();
    expect(clock.pending).toBe(0);
    expect(said().filter((line) => line.endsWith('false'))).toHaveLength(1);
  });
});
