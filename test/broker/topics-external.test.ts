import { expect, it, vi } from 'vitest';
import { clientOf, openExternalRig, openOutside, startMosquitto, up } from './external-rig.ts';
import { TopicsRig, topicOf } from './topics-rig.ts';
import { topicsSuite } from './topics-suite.ts';

topicsSuite("the hub's own topics on an external broker (Mosquitto)", openExternalRig);

it('does not switch for a broker whose clients may only look', async () => {
  const mosquitto = await startMosquitto();
  const { broker } = await openOutside(mosquitto.url, { role: 'viewer' });
  await up(broker);
  const rig = new TopicsRig();
  await rig.start();
  const topics = rig.speakOn(broker);
  const ha = await (await clientOf(mosquitto, 'home-assistant')).listen('voltsafe/home/#');
  await ha.say(topicOf('lamp', 'set'), 'ON');
  await ha.say(topicOf('lamp', 'set'), 'OFF');
  await ha.until(() => ha.on(topicOf('lamp', 'result')).length === 2);
  for (const result of ha.json(topicOf('lamp', 'result'))) {
    expect(result).toMatchObject({ accepted: false, code: 'forbidden' });
  }
  await topics.close();
  await rig.hub.close();
});

it('ignores at its start what was to be kept while it was away', async () => {
  const mosquitto = await startMosquitto();
  const ha = await (await clientOf(mosquitto, 'home-assistant')).listen('voltsafe/home/+/+/result');
  await ha.say(topicOf('lamp', 'set'), 'ON', true);
  const { broker } = await openOutside(mosquitto.url);
  const rig = new TopicsRig();
  await rig.start();
  const topics = rig.speakOn(broker);
  await ha.until(() => ha.on(topicOf('lamp', 'result')).length > 0);
  expect(ha.json(topicOf('lamp', 'result'))).toMatchObject([{ accepted: false, code: 'invalid_request' }]);
  expect(rig.hub.state.appliances.get('lamp')?.order.isOn).toBe(false);
  await topics.close();
  await rig.hub.close();
});

/** The hub's own broker keeps nothing of the hub over a restart. */
it('clears what is kept of appliances that are gone', async () => {
  const mqtt = await openExternalRig();
  await mqtt.broker.publish(topicOf('ghost', 'state'), '{"is_on":true}', { qos: 1, retain: true });
  const rig = new TopicsRig();
  await rig.start();
  const topics = rig.speakOn(mqtt.broker);
  await vi.waitFor(async () => {
    const ha = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
    await ha.until(() => ha.on('voltsafe/home/status').length > 0);
    expect(ha.on(topicOf('ghost', 'state'))).toEqual([]);
    expect(ha.on(topicOf('lamp', 'state'))).toHaveLength(1);
  }, 10_000);
  await topics.close();
  await rig.hub.close();
});
