import { describe, expect, it } from 'vitest';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { parsePlugFaults } from '../../relay-drivers/simulator/plug-faults.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { memoryPlug } from './memory-plug.ts';
import { plainFirmware } from './plain-firmware.ts';

async function bench() {
  const clock = new VirtualClock();
  const broker = new MemoryBroker();
  const heard: string[] = [];
  broker.watch(({ from, topic, payload }) => {
    if (from === 'kettle') heard.push(`${topic} ${payload}`);
  });
  const plug = new SimulatedPlug(
    { name: 'kettle', flavour: plainFirmware, channels: 1, loadsW: [2000] },
    { connect: memoryPlug(broker, 'kettle'), clock, random: seededRandom(7) },
  );
  plug.start();
  await clock.settle();
  heard.splice(0);
  const hub = broker.port();
  const tell = async (payload: string, topic = 'kettle/set') => {
    hub.send(topic, payload);
    await clock.settle();
  };
  const said = () => heard.splice(0);
  const isClosed = () => plug.coils()[0]?.closed;
  return { clock, broker, plug, hub, tell, said, isClosed };
}

describe('a plug with a fault', () => {
  it('freezes: nothing is said, and what came meanwhile is obeyed when it thaws', async () => {
    const { plug, tell, said, isClosed, clock } = await bench();
    plug.setFaults({ freeze: true });
    await tell('1 ON');
    await clock.advance(60_000);
    expect([isClosed(), said(), plug.isConnected]).toEqual([false, [], true]);
    plug.setFaults({ freeze: false });
    await clock.settle();
    expect(isClosed()).toBe(true);
    expect(said()).toEqual(['kettle/1 ON 2000W', 'kettle/done 1']);
  });

  it('freezes: a connection that was cut meanwhile brings nothing late', async () => {
    const { plug, tell, said, isClosed, clock, hub } = await bench();
    plug.setFaults({ freeze: true });
    await tell('1 ON');
    hub.cut('kettle/set');
    await clock.advance(60_000);
    expect(plug.isConnected).toBe(false);
    plug.setFaults({ freeze: false });
    await clock.advance(60_000);
    expect([isClosed(), plug.isConnected]).toEqual([false, true]);
    expect(said()).toContain('kettle/online true');
  });

  it('vanishes: its will is told, nothing reaches it, and it comes back', async () => {
    const { plug, tell, said, isClosed, clock } = await bench();
    plug.setFaults({ vanish: true });
    await clock.settle();
    expect(said()).toEqual(['kettle/online false']);
    await tell('1 ON');
    await clock.advance(60_000);
    plug.setFaults({ vanish: false });
    await clock.settle();
    expect(isClosed()).toBe(false);
    expect(said()).toEqual(['kettle/online true']);
  });

  it('answers late, in order, also when the delay becomes less', async () => {
    const { plug, tell, said, isClosed, clock } = await bench();
    plug.setFaults({ delay_ms: 3000 });
    await tell('1 ON');
    plug.setFaults({ delay_ms: 0 });
    await tell('1 OFF');
    expect([isClosed(), said()]).toEqual([false, []]);
    await clock.advance(3000);
    expect(said()).toEqual(['kettle/1 ON 2000W', 'kettle/done 1', 'kettle/1 OFF 0W', 'kettle/done 1']);
  });

  it('what it would say late is not said over the next connection', async () => {
    const { plug, tell, said, clock } = await bench();
    plug.setFaults({ delay_ms: 3000 });
    await tell('1 ON');
    plug.setFaults({ vanish: true, delay_ms: 0 });
    plug.setFaults({ vanish: false });
    await clock.advance(4000);
    expect(said().filter((line) => line.startsWith('kettle/1'))).toEqual([]);
  });

  it('does not move and says so (stuck), or says that it did (pretends)', async () => {
    const { plug, tell, said, isClosed } = await bench();
    plug.setFaults({ stuck: [1] });
    await tell('1 ON');
    await tell('', 'kettle/get');
    expect([isClosed(), said()]).toEqual([false, ['kettle/done 1', 'kettle/1 OFF 0W']]);
    plug.setFaults({ stuck: [], pretends: [1] });
    await tell('1 ON');
    await tell('', 'kettle/get');
    expect([isClosed(), said()]).toEqual([false, ['kettle/1 ON 0W', 'kettle/done 1', 'kettle/1 ON 0W']]);
    plug.setFaults({ pretends: [] });
    await tell('1 ON');
    expect(isClosed()).toBe(true);
  });

  it('says the opposite of what it did', async () => {
    const { plug, tell, said, isClosed } = await bench();
    plug.setFaults({ contrary: [1] });
    await tell('1 ON');
    expect([isClosed(), said()]).toEqual([true, ['kettle/1 OFF 2000W', 'kettle/done 1']]);
    plug.pressButton(1);
    expect(isClosed()).toBe(false);
  });

  it('is welded: it says off, and draws', async () => {
    const { plug, tell, said, isClosed } = await bench();
    await tell('1 ON');
    plug.setFaults({ welded: [1] });
    said();
    await tell('1 OFF');
    expect([isClosed(), said()]).toEqual([true, ['kettle/1 OFF 2000W', 'kettle/done 1']]);
    plug.setFaults({ welded: [] });
    expect(isClosed()).toBe(false);
  });

  it('loses and doubles messages, each way', async () => {
    const { plug, tell, said, isClosed } = await bench();
    plug.setFaults({ drop_requests: 1 });
    await tell('1 ON');
    expect([isClosed(), said()]).toEqual([false, []]);
    plug.setFaults({ drop_requests: 0, drop_replies: 1 });
    await tell('1 ON');
    expect([isClosed(), said()]).toEqual([true, []]);
    plug.setFaults({ drop_replies: 0, duplicate_requests: 1 });
    await tell('1 OFF');
    expect(said()).toEqual(['kettle/1 OFF 0W', 'kettle/done 1', 'kettle/done 1']);
    plug.setFaults({ duplicate_requests: 0, duplicate_replies: 1 });
    await tell('1 OFF');
    expect(said()).toEqual(['kettle/done 1', 'kettle/done 1']);
    plug.setFaults({ duplicate_replies: 0, drop: 0.5 });
    for (let n = 0; n < 100; n += 1) await tell('', 'kettle/get');
    const { length } = said();
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThan(50);
  });

  it('is haunted: a command that is kept switches it at each new connection', async () => {
    const { plug, tell, isClosed, clock, broker } = await bench();
    plug.setFaults({ ghost: { topic: 'kettle/set', payload: '1 ON' } });
    await clock.settle();
    await tell('1 OFF');
    expect(broker.retained('kettle/set')).toHaveLength(1);
    plug.cutPower(100);
    await clock.advance(200);
    expect(isClosed()).toBe(true);
  });
});

describe('what can be asked of the switches', () => {
  it('is read as it is meant', () => {
    const asked = {
      drop: true,
      delay_ms: 5,
      freeze: true,
      stuck: [2, 2],
      power_cut: true,
      ghost: { topic: 'a', payload: '' },
    };
    expect(parsePlugFaults(asked, 2)).toEqual({ ...asked, drop: 1, stuck: [2], power_cut: 500 });
    expect(parsePlugFaults({ power_cut: false, drop_replies: 0.25 }, 1)).toEqual({ power_cut: 0, drop_replies: 0.25 });
  });

  it.each<[unknown, string]>([
    [{ drip: 1 }, 'drip'],
    [{ drop: 1.5 }, 'drop'],
    [{ delay_ms: -1 }, 'delay_ms'],
    [{ freeze: 1 }, 'freeze'],
    [{ welded: [3] }, 'welded.0'],
    [{ contrary: 1 }, 'contrary'],
    [{ power_cut: 1e9 }, 'power_cut'],
    [{ ghost: { topic: '', payload: 'ON' } }, 'ghost.topic'],
    [{ ghost: { topic: 'a' } }, 'ghost.payload'],
    [null, ''],
  ])('and refused where it means nothing: %j', (value, path) => {
    expect(() => parsePlugFaults(value, 2)).toThrow(expect.objectContaining({ name: 'BadInput', path }));
  });
});
