import { describe, expect, it } from 'vitest';
import { Allowance } from '../../daemon/broker/topics/allowance.ts';
import { TOPIC_LIMITS } from '../../daemon/broker/topics/limits.ts';
import { TopicNames } from '../../daemon/broker/topics/names.ts';
import { Offs } from '../../daemon/broker/topics/offs.ts';
import { Outbox } from '../../daemon/broker/topics/outbox.ts';
import { Throttle } from '../../daemon/broker/topics/throttle.ts';
import type { MqttState } from '../../relay-drivers/transport/mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

describe('names', () => {
  it('knows an appliance by its topic, and nothing else', () => {
    const names = new TopicNames('home');
    expect(names.idOf('voltsafe/home/appliance/lamp/set')).toBe('lamp');
    expect(names.idOf('voltsafe/home/appliance/lamp/state')).toBe('lamp');
    for (const topic of ['/set', 'set', '', 'voltsafe/home/appliance/-x/set', 'voltsafe/home/appliance//set'])
      expect(names.idOf(topic)).toBeNull();
    expect(names.idOf('voltsafe/away/appliance/lamp/set')).toBeNull();
    expect(names.idOf(`voltsafe/home/appliance/${'x'.repeat(65)}/set`)).toBeNull();
  });
});

describe('what each client may ask', () => {
  it('is a burst, and then so much a second, for each', async () => {
    const clock = new VirtualClock();
    const allowance = new Allowance(clock, 3, 2);
    expect([1, 2, 3, 4].map(() => allowance.take('ha'))).toEqual([0, 0, 0, 500]);
    expect(allowance.take('other')).toBe(0);
    await clock.advance(499);
    expect(allowance.take('ha')).toBeGreaterThan(0);
    await clock.advance(1);
    expect([allowance.take('ha'), allowance.take('ha')]).toEqual([0, 500]);
    await clock.advance(3_600_000);
    expect([1, 2, 3, 4].map(() => allowance.take('ha'))).toEqual([0, 0, 0, 500]);
  });

  it('forgets whoever was silent longest', () => {
    const allowance = new Allowance(new VirtualClock(), 1, 1);
    allowance.take('first');
    for (let client = 0; client < TOPIC_LIMITS.clients; client += 1) allowance.take(`client ${client}`);
    expect(allowance.take('first')).toBe(0);
    expect(allowance.take(`client ${TOPIC_LIMITS.clients - 1}`)).toBeGreaterThan(0);
  });
});

describe('what is said now and then', () => {
  it('is said at once, then at most once in so long, and the last is never forgotten', async () => {
    const clock = new VirtualClock();
    const said: string[] = [];
    const throttle = new Throttle(clock, 5000, (key) => said.push(`${key} ${clock.nowMs()}`));
    throttle.ask('a');
    await clock.advance(1000);
    for (const key of ['a', 'a', 'b']) throttle.ask(key);
    await clock.advance(20_000);
    throttle.ask('a');
    expect(said).toEqual(['a 0', 'b 1000', 'a 5000', 'a 21000']);
    throttle.close();
    expect(clock.pending).toBe(0);
  });
});

describe('OFFs of one client for one appliance', () => {
  it('are asked few at a time; one is asked after the last, whatever came in between', async () => {
    const clock = new VirtualClock();
    const asked: { wish: number; tickets: readonly string[]; done: () => void }[] = [];
    const offs = new Offs<string, number>(
      (wish, tickets) => new Promise<void>((done) => asked.push({ wish, tickets, done })),
    );
    for (let count = 0; count < 1000; count += 1) offs.ask('lamp', count, `ticket ${count}`);
    offs.ask('oven', -1, 'other');
    expect(asked.map(({ wish }) => wish)).toEqual([0, 1, 2, 3, -1]);
    asked[0]?.done();
    await clock.settle();
    expect(asked).toHaveLength(6);
    expect(asked[5]?.wish).toBe(999);
    expect(asked[5]?.tickets).toHaveLength(TOPIC_LIMITS.offsJoined);
    for (const { done } of asked) done();
    await clock.settle();
    offs.ask('lamp', 7, 'later');
    expect(asked.map(({ wish }) => wish)).toEqual([0, 1, 2, 3, -1, 999, 7]);
  });
});

/** A broker that takes a message when the test says so. */
class SlowBroker {
  state: MqttState = { isUp: true };
  readonly said: string[] = [];
  underWay = 0;
  #settle: ((failure: Error | null) => void) | null = null;

  publish(topic: string, payload: string, { retain }: { retain: boolean }): Promise<void> {
    this.said.push(`${topic}=${payload}${retain ? ' kept' : ''}`);
    this.underWay += 1;
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        this.underWay -= 1;
        if (failure === null) resolve();
        else reject(failure);
      };
    });
  }

  async take(clock: VirtualClock, failure: Error | null = null): Promise<void> {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(failure);
    await clock.advance(1);
  }
}

function outboxRig() {
  const clock = new VirtualClock();
  const broker = new SlowBroker();
  const troubles: string[] = [];
  const outbox = new Outbox({ broker, clock, troubles: { tell: (kind) => void troubles.push(kind) } });
  return { clock, broker, troubles, outbox };
}

describe('the outbox', () => {
  it('says one thing at a time, results first, and the latest of what is kept', async () => {
    const { clock, broker, outbox } = outboxRig();
    let value = 1;
    outbox.retain('first', () => 'x');
    await clock.settle();
    outbox.retain('state', () => `${value}`);
    outbox.retain('state', () => `${value}`);
    outbox.result(0, 'result', 'a');
    outbox.result(0, 'result', 'b');
    value = 2;
    for (let count = 0; count < 5; count += 1) {
      expect(broker.underWay).toBeLessThanOrEqual(1);
      await broker.take(clock);
    }
    expect(broker.said).toEqual(['first=x kept', 'result=a', 'result=b', 'state=2 kept']);
  });

  it('does not repeat itself, but where somebody waits to be told that nothing changed', async () => {
    const { clock, broker, outbox } = outboxRig();
    for (const isForced of [false, false, true]) {
      outbox.retain('state', () => '1', isForced);
      await clock.settle();
      await broker.take(clock);
    }
    expect(broker.said).toEqual(['state=1 kept', 'state=1 kept']);
  });

  it('says nothing later of what was while the broker was away', async () => {
    const { clock, broker, outbox, troubles } = outboxRig();
    outbox.result(0, 'result', 'under way');
    await clock.settle();
    outbox.result(0, 'result', 'waiting');
    broker.state = { isUp: false, reason: 'test' };
    outbox.lost();
    await broker.take(clock, new Error('lost'));
    outbox.result(0, 'result', 'of before');
    outbox.retain('state', () => 'now');
    broker.state = { isUp: true };
    outbox.found();
    await clock.settle();
    await broker.take(clock);
    expect(broker.said).toEqual(['result=under way', 'state=now kept']);
    expect(troubles).toEqual([]);
  });

  it('tells when the broker refuses, goes on, and tries again with what is to be kept', async () => {
    const { clock, broker, outbox, troubles } = outboxRig();
    let value = 1;
    outbox.retain('one', () => `${value}`);
    outbox.retain('two', () => 'x');
    await clock.settle();
    await broker.take(clock, new Error('not authorized'));
    await broker.take(clock);
    expect(broker.said).toEqual(['one=1 kept', 'two=x kept']);
    expect(troubles).toEqual(['refused']);
    value = 2;
    await clock.advance(TOPIC_LIMITS.retryMs);
    expect(broker.said).toEqual(['one=1 kept', 'two=x kept', 'one=2 kept']);
    outbox.lost();
    expect(clock.pending).toBe(0);
  });

  it('drops the oldest results rather than grow without end', async () => {
    const { clock, broker, outbox, troubles } = outboxRig();
    for (let count = 0; count <= TOPIC_LIMITS.results + 1; count += 1) outbox.result(0, 'result', `${count}`);
    await clock.settle();
    expect(broker.said).toEqual(['result=2']);
    expect(troubles).toContain('results');
  });

  it('ends with a last word', async () => {
    const { clock, broker, outbox } = outboxRig();
    outbox.retain('one', () => '1');
    outbox.retain('two', () => '2');
    await clock.settle();
    const closed = outbox.close('status', 'offline');
    outbox.retain('three', () => '3');
    await broker.take(clock);
    await broker.take(clock);
    await closed;
    expect(broker.said).toEqual(['one=1 kept', 'status=offline kept']);
  });
});
