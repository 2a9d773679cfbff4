import { describe, expect, it } from 'vitest';
import { DriverError, type Terms } from '../../relay-drivers/driver.ts';
import type { Meter } from '../../relay-drivers/meters.ts';
import { Plug } from '../../relay-drivers/plugs/plug.ts';
import { plugMeter } from '../../relay-drivers/plugs/plug-meter.ts';
import type { PlugProtocol, PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { VirtualClock } from './virtual-clock.ts';

const TERMS: Terms = { priority: 'on', stillValid: () => true };
const READING = { powerMw: 1500, phases: [], energyImportMwh: null, energyExportMwh: null };

/** A device whose messages are the words themselves. */
const protocolOf = (more: Partial<PlugProtocol> = {}): PlugProtocol => ({
  channels: 2,
  filters: ['plug/say'],
  hear: ({ payload }) => JSON.parse(new TextDecoder().decode(payload)) as PlugWord[],
  command: (channel, isOn, question) => ({
    topic: `plug/set/${channel}`,
    payload: `${question} ${isOn ? 'on' : 'off'}`,
  }),
  numbersAnswers: false,
  queries: (question) => [{ topic: 'plug/get', payload: String(question) }],
  powerEveryMs: 10_000,
  timeoutMs: 2000,
  ...more,
});

function rig(protocol = protocolOf()) {
  const clock = new VirtualClock();
  const broker = new MemoryBroker();
  const faults: string[] = [];
  const plug = new Plug({ id: 'kettle', port: broker.port(), clock, protocol, onFault: (what) => faults.push(what) });
  const device = broker.client('plug');
  const sent: string[] = [];
  broker.watch(({ from, topic, payload }) => from === 'hub' && sent.push(`${topic} ${payload}`));
  const say = async (...words: PlugWord[]) => {
    device.publish('plug/say', JSON.stringify(words));
    await clock.settle();
  };
  const states: string[] = [];
  plug.onStateChange((state) => states.push(state.isOpen ? 'open' : state.reason));
  return { clock, broker, plug, device, sent, say, states, faults };
}

const question = (line: string | undefined) => Number(line?.split(' ')[1]);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: DriverError) => error,
  );

describe('Plug', () => {
  it('is closed before it starts and while the broker is not reached, and says why', async () => {
    const { plug, broker, states } = rig();
    expect(plug.state).toEqual({ isOpen: false, reason: 'it was not started yet' });
    broker.stop();
    plug.start();
    expect(plug.state).toEqual({ isOpen: false, reason: 'the broker is not reached: the broker stopped' });
    broker.start();
    expect(plug.isOpen).toBe(true);
    plug.close();
    expect(states).toEqual(['the broker is not reached: the broker stopped', 'open', 'the hub closed it']);
  });

  it('tells what to look at, in words of a plug', async () => {
    const { plug, broker, clock } = rig();
    plug.start();
    const silent = failure(plug.setCoil(1, true, TERMS));
    await clock.advance(2000);
    expect(await silent).toMatchObject({ code: 'timeout', message: 'kettle: relay 1 on: no answer within 2000 ms' });
    expect((await silent)?.advice).toMatch(/power .* Wi-Fi.* broker.* password/);
    broker.stop();
    const closed = await failure(plug.setCoil(1, true, TERMS));
    expect(closed?.advice).toMatch(/Wi-Fi/);
    expect(closed).toBeInstanceOf(DriverError);
  });

  it('starts anew: closed and open again, what was under way fails, and nothing is repeated', async () => {
    const { plug, say, states, sent } = rig();
    plug.start();
    const order = failure(plug.setCoil(1, true, TERMS));
    const reading = failure(plug.readCoils(TERMS));
    await say({ kind: 'restarted' });
    expect(await order).toMatchObject({ code: 'port_closed', message: 'kettle: it started anew' });
    expect(await reading).toMatchObject({ code: 'port_closed' });
    expect(states).toEqual(['open', 'it started anew', 'open']);
    expect(sent).toHaveLength(2);
  });

  it('asks once more who came when nobody knew where it was: what it was asked before found nobody', async () => {
    const { plug, sent, say } = rig();
    plug.start();
    const reading = plug.readCoils(TERMS);
    expect(sent).toHaveLength(1);
    await say({ kind: 'presence', isOnline: true });
    expect(sent.map((line) => line.split(' ')[0])).toEqual(['plug/get', 'plug/get']);
    // It is known to be there now: saying so again is no news.
    await say({ kind: 'presence', isOnline: true });
    expect(sent).toHaveLength(2);
    await say({ kind: 'relay', channel: 1, isOn: true }, { kind: 'relay', channel: 2, isOn: false });
    expect(await reading).toEqual([true, false]);
  });

  it('hears nothing of a device that is away, whoever speaks for it', async () => {
    const { plug, say } = rig();
    const heard: unknown[] = [];
    plug.onReport((...told) => heard.push(told));
    plug.onPower((...told) => heard.push(told));
    plug.onTrouble((...told) => heard.push(told));
    plug.start();
    const words: PlugWord[] = [
      { kind: 'relay', channel: 1, isOn: false },
      { kind: 'power', channel: 1, reading: READING },
      { kind: 'trouble', channel: null, what: 'overheated' },
    ];
    await say({ kind: 'presence', isOnline: false }, ...words);
    expect(heard).toEqual([]);
    await say({ kind: 'presence', isOnline: true }, ...words);
    expect(heard).toEqual([
      [1, false],
      [1, READING],
      [null, 'overheated'],
    ]);
  });

  it('takes a numbered answer for its question and for no other', async () => {
    const { plug, say, sent, clock } = rig(protocolOf({ numbersAnswers: true }));
    plug.start();
    const order = plug.setCoil(1, true, TERMS);
    const number = question(sent[0]?.replace('plug/set/1', 'set'));
    await say(
      { kind: 'answer', question: number - 1, isOk: true, detail: null },
      { kind: 'relay', channel: 1, isOn: true },
    );
    let isOver = false;
    void order.then(() => {
      isOver = true;
    });
    await clock.settle();
    expect(isOver).toBe(false);
    await say({ kind: 'answer', question: number, isOk: true, detail: null });
    await expect(order).resolves.toBe('acknowledged');
    const refused = failure(plug.setCoil(2, true, TERMS));
    await say({ kind: 'answer', question: number + 1, isOk: false, detail: '-103: no such switch' });
    expect(await refused).toMatchObject({
      code: 'exception',
      message: 'kettle: relay 2 on was refused: -103: no such switch',
    });
    const reading = failure(plug.readCoils(TERMS));
    await say({ kind: 'answer', question: number + 2, isOk: false, detail: null });
    expect(await reading).toMatchObject({ code: 'exception' });
  });

  it('drops words of channels that it has not, and readings that are no numbers', async () => {
    const { plug, say } = rig();
    const heard: unknown[] = [];
    plug.onReport((...told) => heard.push(told));
    plug.onPower((...told) => heard.push(told));
    plug.start();
    for (const channel of [0, -1, 3, 1.5]) {
      await say({ kind: 'relay', channel, isOn: true });
      await say({ kind: 'power', channel, reading: READING });
    }
    await say({ kind: 'power', channel: 1, reading: { ...READING, powerMw: 0.5 } });
    expect(heard).toEqual([]);
  });

  it('outlives a family that throws, and says so', async () => {
    const { plug, device, clock, say, faults } = rig();
    plug.start();
    device.publish('plug/say', 'no JSON');
    await clock.settle();
    expect(faults).toEqual(['kettle: a message on plug/say broke its driver']);
    await say({ kind: 'presence', isOnline: false });
    expect(plug.isOpen).toBe(false);
  });

  it('cuts the topic of what was given up', () => {
    const { plug, device } = rig();
    device.subscribe('plug/set/2', () => undefined);
    plug.start();
    plug.abandon(1);
    plug.abandon(7);
    expect(device.isConnected).toBe(true);
    plug.abandon(2);
    expect(device.isConnected).toBe(false);
  });

  it('reads what cannot be asked from what was kept, once it said something live', async () => {
    const { plug, device, clock, broker } = rig(protocolOf({ queries: () => [] }));
    const words = (isOn: boolean): PlugWord[] => [1, 2].map((channel) => ({ kind: 'relay', channel, isOn }));
    device.publish('plug/say', JSON.stringify(words(true)), { retain: true });
    await clock.settle();
    plug.start();
    expect(await failure(clock.settled(plug.readCoils(TERMS)))).toMatchObject({ code: 'timeout' });
    device.publish('plug/say', JSON.stringify([{ kind: 'power', channel: 1, reading: READING }]));
    expect(await clock.settled(plug.readCoils(TERMS))).toEqual([true, true]);
    device.publish('plug/say', JSON.stringify([{ kind: 'presence', isOnline: false }]));
    broker.client('other').publish('plug/say', JSON.stringify(words(false)), { retain: true });
    await clock.settle();
    expect(await failure(plug.readCoils(TERMS))).toMatchObject({ code: 'port_closed' });
  });
});

describe('plugMeter', () => {
  const names = { id: 'kettle', driver: 'tasmota', measures: 'appliance:kettle' };

  it('is a meter of the hub: tells of its own channel, and is open as its plug is', async () => {
    const { plug, say, broker } = rig();
    const meter = plugMeter(plug, 2, names);
    if (meter === null) throw new Error('it has one');
    const known: Meter = meter;
    expect(known).toMatchObject({ kind: 'pushed', id: 'kettle', periodMs: 10_000, settings: { driver: 'tasmota' } });
    const heard: number[] = [];
    meter.onReading(({ powerMw }) => heard.push(powerMw));
    plug.start();
    expect(meter.opening.state).toEqual({ isOpen: true });
    await say({ kind: 'power', channel: 1, reading: { ...READING, powerMw: 1 } });
    await say({ kind: 'power', channel: 2, reading: { ...READING, powerMw: 2 } });
    meter.close();
    await say({ kind: 'power', channel: 2, reading: { ...READING, powerMw: 3 } });
    expect(heard).toEqual([2]);
    broker.stop();
    expect(meter.opening.state.isOpen).toBe(false);
  });

  it('is none where the device measures nothing', () => {
    expect(plugMeter(rig(protocolOf({ powerEveryMs: null })).plug, 1, names)).toBeNull();
  });
});
