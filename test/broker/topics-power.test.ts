import { expect, it, onTestFinished } from 'vitest';
import type { Broker } from '../../daemon/broker/port.ts';
import { TOPIC_LIMITS } from '../../daemon/broker/topics/limits.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { TalkingMeter } from '../meters/fake-meter.ts';
import { TopicsRig, topicOf } from './topics-rig.ts';

/** Takes everything at once; here time is what matters. */
class Paper implements Broker {
  readonly state = { isUp: true } as const;
  readonly url = 'mqtt://paper';
  readonly said: { readonly topic: string; readonly payload: string; readonly atMs: number }[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async publish(topic: string, payload: string): Promise<void> {
    this.said.push({ topic, payload, atMs: this.#clock.nowMs() });
  }

  on(topic: string): number[] {
    return this.said.filter((one) => one.topic === topic).map(({ atMs }) => atMs);
  }

  onStateChange = () => () => undefined;
  subscribe = () => () => undefined;
  onRequest = () => () => undefined;
  recall = () => undefined;
  send = () => true;
  cut = () => undefined;
  close = async () => undefined;
}

async function metered(measures: string) {
  const clock = new VirtualClock();
  const meter = new TalkingMeter({ measures });
  const rig = new TopicsRig(clock, [meter.metered]);
  await rig.begin();
  await clock.until(() => rig.hub.isReady);
  const paper = new Paper(clock);
  const topics = rig.speakOn(paper);
  onTestFinished(() => rig.hub.close());
  await clock.advance(10_000);
  paper.said.length = 0;
  return { clock, meter, rig, paper, topics };
}

it('says power that moves now and then, and the last of it', async () => {
  const { clock, meter, rig, paper } = await metered('appliance:lamp');
  await rig.toggle('lamp', 'on');
  await clock.advance(10_000);
  paper.said.length = 0;
  for (let second = 1; second <= 12; second += 1) {
    meter.says(50 + second);
    await clock.advance(1000);
  }
  await clock.advance(TOPIC_LIMITS.powerEveryMs);
  const times = paper.on(topicOf('lamp', 'state'));
  expect(times.length).toBeGreaterThanOrEqual(3);
  expect(times.length).toBeLessThanOrEqual(4);
  for (const [index, atMs] of times.slice(1).entries())
    expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(TOPIC_LIMITS.powerEveryMs);
  const last = paper.said.filter(({ topic }) => topic === topicOf('lamp', 'state')).at(-1);
  expect(JSON.parse(last?.payload ?? '')).toMatchObject({ power_w: 62 });
});

it('says the load at most once a second where nothing is decided, and at once where something is', async () => {
  const { clock, meter, rig, paper } = await metered('house');
  for (let tenth = 1; tenth <= 30; tenth += 1) {
    meter.says(100 + tenth);
    await clock.advance(100);
  }
  const times = paper.on('voltsafe/home/load');
  expect(times.length).toBeGreaterThanOrEqual(3);
  expect(times.length).toBeLessThanOrEqual(5);
  paper.said.length = 0;
  await rig.toggle('lamp', 'on');
  await clock.advance(1);
  expect(paper.on('voltsafe/home/load')).toHaveLength(1);
});

it('leaves no timers behind', async () => {
  const { clock, rig, topics, meter } = await metered('appliance:lamp');
  meter.says(10);
  await topics.close();
  await rig.hub.close();
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
});
