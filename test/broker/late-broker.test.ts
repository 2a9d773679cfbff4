import { describe, expect, it } from 'vitest';
import type { Broker } from '../../daemon/broker/port.ts';
import { LateBroker } from '../../daemon/late-broker.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

const URL = 'mqtt://127.0.0.1:1883';

/** A broker that cannot be opened so many times, and then can. */
function open(failures: number) {
  const clock = new VirtualClock();
  const memory = new MemoryBroker();
  const troubles: string[] = [];
  const seen = { attempts: 0, closed: 0 };
  const inner: Broker = {
    ...members(memory),
    url: URL,
    publish: async () => undefined,
    onRequest: () => () => undefined,
    close: async () => {
      seen.closed += 1;
    },
  };
  const late = new LateBroker({
    clock,
    url: URL,
    open: async () => {
      seen.attempts += 1;
      if (seen.attempts <= failures) throw new Error('its port is taken');
      return inner;
    },
    onTrouble: (what) => troubles.push(what),
  });
  return { clock, memory, late, seen, troubles };
}

function members(memory: MemoryBroker) {
  const port = memory.port();
  return {
    state: port.state,
    onStateChange: port.onStateChange.bind(port),
    subscribe: port.subscribe.bind(port),
    recall: port.recall.bind(port),
    send: port.send.bind(port),
    cut: port.cut.bind(port),
  };
}

describe('a broker that opens late', () => {
  it('is tried again; who subscribed before it was there hears, once', async () => {
    const { clock, memory, late, seen, troubles } = open(2);
    const [heard, states]: [string[], boolean[]] = [[], []];
    late.subscribe('a', ({ payload }) => heard.push(new TextDecoder().decode(payload)));
    late.onStateChange(({ isUp }) => states.push(isUp));
    await late.start();
    expect(late.state).toEqual({ isUp: false, reason: 'its port is taken' });
    expect(late.send('a', 'late')).toBe(false);
    await clock.advance(20_000);
    expect([seen.attempts, states, troubles.length]).toEqual([3, [true], 1]);
    memory.client('plug').publish('a', '1');
    await clock.advance(10);
    expect(heard).toEqual(['1']);
  });

  it('is opened once, whatever a listener makes of it', async () => {
    const { clock, late, seen, troubles } = open(0);
    late.onStateChange(() => {
      throw new Error('not today');
    });
    await late.start();
    await clock.advance(60_000);
    expect([seen.attempts, late.state.isUp]).toEqual([1, true]);
    expect(troubles).toEqual(['a listener of MQTT failed']);
  });

  it('closed while it is being opened: nothing is left open, and nothing is tried again', async () => {
    const { clock, late, seen } = open(0);
    const starting = late.start();
    await late.close();
    expect(seen.closed).toBe(1);
    await starting;
    const never = open(9);
    await never.late.start();
    await never.late.close();
    await never.clock.advance(60_000);
    await clock.advance(60_000);
    expect([seen.attempts, never.seen.attempts]).toEqual([1, 1]);
  });
});
