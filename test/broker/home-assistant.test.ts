import { describe, expect, it } from 'vitest';
import { hubPayload } from '../../daemon/broker/home-assistant/payloads.ts';
import { capturedMessages } from '../drivers/captured-mqtt.ts';
import { HUB_FACTS } from './home-assistant-facts.ts';
import { Rig } from './home-assistant-rig.ts';
import { problemsOf } from './home-assistant-schema.ts';

const HUB_TOPIC = 'homeassistant/device/voltsafe_home/config';
const payloadOf = (rig: Rig, object: string) =>
  JSON.parse(
    new TextDecoder().decode(rig.broker.retained(`homeassistant/device/voltsafe_${object}/config`)[0]?.payload),
  );

async function started(...appliances: string[]): Promise<Rig> {
  const rig = new Rig();
  for (const id of appliances) rig.household.put(id);
  rig.start();
  await rig.settle();
  return rig;
}

describe('announcing to Home Assistant', () => {
  it('announces the hub, then its appliances, retained and valid, one after the other', async () => {
    const rig = await started('oven', 'lamp');
    for (const { topic, payload, isRetained } of rig.said) {
      expect(isRetained).toBe(true);
      expect(problemsOf(topic, payload)).toEqual([]);
    }
    expect(rig.heard()).toEqual(['voltsafe_home', 'voltsafe_home_oven', 'voltsafe_home_lamp']);
    expect(rig.mostAtOnce).toBe(1);
  });

  it('follows appliances as they are added, renamed, moved and metered; the same is not said twice', async () => {
    const rig = await started();
    rig.heard();
    rig.household.put('oven', { hasCounter: false });
    await rig.settle();
    rig.household.put('oven', { hasCounter: false });
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home_oven']);
    rig.household.put('oven', { name: 'Ofen', room: 'Keller', hasCounter: true });
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home_oven']);
    expect(payloadOf(rig, 'home_oven')).toMatchObject({ dev: { name: 'Ofen', sa: 'Keller' } });
    expect(payloadOf(rig, 'home_oven').cmps.energy.dev_cla).toBe('energy');
  });

  it('takes back what is deleted', async () => {
    const rig = await started('oven', 'lamp');
    rig.heard();
    rig.household.remove('oven');
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home_oven gone']);
    expect(rig.kept()).toEqual(['home', 'home_lamp']);
  });

  it('says nothing of an appliance that came and went before it was announced', async () => {
    const rig = new Rig();
    rig.start();
    rig.household.put('oven');
    rig.household.remove('oven');
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home']);
  });

  it('takes back at its start what was deleted while it was away, and nothing of others', async () => {
    const first = await started('oven', 'lamp');
    first.stop();
    first.household.remove('oven');
    first.heard();
    first.publish(
      'homeassistant/device/voltsafe_home_2/config',
      JSON.stringify(hubPayload({ ...HUB_FACTS, id: 'home_2' })),
      true,
    );
    first.publish('homeassistant/device/other/config', '{"dev":{}}', true);
    first.publish('homeassistant/device/voltsafe_home_junk/config', 'no json', true);
    await first.clock.settle();
    first.start();
    await first.settle();
    expect(first.heard()).toEqual(['voltsafe_home', 'voltsafe_home_lamp', 'voltsafe_home_oven gone']);
    expect(first.kept()).toEqual(['home', 'home_2', 'home_junk', 'home_lamp', 'other']);
  });

  it('takes back the sensors of a circuit that is gone, once', async () => {
    const rig = await started();
    rig.stop();
    rig.household.facts = { ...HUB_FACTS, circuits: ['kitchen'] };
    rig.start();
    await rig.settle();
    expect(payloadOf(rig, 'home').cmps.circuit_oven_2_reserved).toEqual({ p: 'sensor' });
    expect(problemsOf(HUB_TOPIC, JSON.stringify(payloadOf(rig, 'home')))).toEqual([]);
    rig.publish('homeassistant/status', 'online');
    await rig.settle();
    expect(payloadOf(rig, 'home').cmps).not.toHaveProperty('circuit_oven_2_reserved');
    rig.stop();
    rig.start();
    await rig.settle();
    expect(payloadOf(rig, 'home').cmps).not.toHaveProperty('circuit_oven_2_reserved');
  });

  it('takes everything back when it is turned off', async () => {
    const rig = await started('oven');
    rig.stop();
    rig.start({ enabled: false });
    await rig.settle();
    rig.publish('homeassistant/status', 'online');
    rig.household.put('lamp');
    await rig.settle();
    expect(rig.kept()).toEqual([]);
    expect(rig.household.republished).toBe(0);
  });

  it('uses the prefix that it is given', async () => {
    const rig = new Rig();
    rig.start({ prefix: 'ha' });
    await rig.settle();
    expect(rig.kept('ha')).toEqual(['home']);
    expect(rig.kept()).toEqual([]);
  });
});

describe('when Home Assistant starts', () => {
  it('is told everything again after a while, and the states last', async () => {
    const rig = await started('oven');
    rig.heard();
    rig.publish('homeassistant/status', 'online');
    await rig.settle(2900);
    expect(rig.heard()).toEqual([]);
    await rig.settle(105);
    expect(rig.heard()).toEqual(['voltsafe_home', 'voltsafe_home_oven']);
    expect(rig.household.republished).toBe(1);
  });

  it('is answered once, however often it says so', async () => {
    const rig = await started('oven');
    rig.heard();
    for (let count = 0; count < 50; count += 1) rig.publish('homeassistant/status', 'online');
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home', 'voltsafe_home_oven']);
    expect(rig.household.republished).toBe(1);
  });

  it('is told everything again as it was recorded to start, and what others announce there stays theirs', async () => {
    const rig = await started('oven');
    rig.heard();
    for (const { topic, payload, isRetained } of capturedMessages('homeassistant-discovery')) {
      rig.publish(topic, new TextDecoder().decode(payload), isRetained);
      await rig.settle();
    }
    expect(rig.heard()).toEqual(['voltsafe_home', 'voltsafe_home_oven']);
    expect(rig.broker.retained('homeassistant/device/0AFFD2/config')).toHaveLength(1);
  });

  it('is not believed to start when it said so some time ago, or says something else', async () => {
    const rig = new Rig();
    rig.publish('homeassistant/status', 'online', true);
    await rig.clock.settle();
    rig.start();
    await rig.settle();
    rig.publish('homeassistant/status', 'offline');
    await rig.settle();
    expect(rig.household.republished).toBe(0);
  });
});

describe('when the broker has troubles', () => {
  it('announces everything again to a broker that comes back', async () => {
    const rig = await started('oven', 'lamp');
    rig.heard();
    rig.household.put('oven', { name: 'under way when it breaks' });
    rig.broker.stop();
    rig.household.remove('lamp');
    await rig.settle();
    expect(rig.warnings).toEqual([]);
    rig.broker.forget();
    rig.broker.start();
    await rig.settle();
    expect(rig.heard()).toEqual(['voltsafe_home', 'voltsafe_home_oven', 'voltsafe_home_lamp gone']);
  });

  it('tries again what a broker would not have, and says so', async () => {
    const rig = new Rig();
    rig.refusal = new Error('no room');
    rig.household.put('oven');
    rig.start();
    await rig.settle(3_600_000);
    expect(rig.warnings[0]).toContain('no room');
    expect(rig.warnings.length).toBeLessThan(20);
    rig.refusal = null;
    await rig.settle(300_000);
    expect(rig.kept()).toEqual(['home', 'home_oven']);
  });

  it('ends when it is told to: nothing is said any more, no timer stays', async () => {
    const rig = await started('oven');
    rig.publish('homeassistant/status', 'online');
    await rig.clock.settle();
    rig.stop();
    rig.heard();
    rig.household.put('lamp');
    await rig.settle(0);
    expect(rig.clock.pending).toBe(0);
    expect(rig.heard()).toEqual([]);
  });
});

describe('a large house', () => {
  it('is announced in slices, whole, while appliances come and go', async () => {
    const rig = new Rig();
    for (let at = 0; at < 20_000; at += 1) rig.household.appliances.set(`a${at}`, { ...rigAppliance, id: `a${at}` });
    rig.start();
    await rig.settle(1500);
    expect(rig.said.length).toBeGreaterThan(100);
    expect(rig.said.length).toBeLessThan(1000);
    rig.publish('homeassistant/status', 'online');
    rig.household.remove('a19999');
    rig.household.remove('a0');
    await rig.settle(60_000);
    expect(rig.kept()).toHaveLength(1 + 20_000 - 2);
    expect(rig.heard().filter((said) => said === 'voltsafe_home')).toHaveLength(1);
    expect(rig.household.republished).toBe(1);
    expect(rig.mostAtOnce).toBe(1);
  });
});

const rigAppliance = { name: 'lamp', room: null, hasCounter: false, isSimulated: false };
