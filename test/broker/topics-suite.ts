import { describe, expect, it, vi } from 'vitest';
import { TOPIC_LIMITS } from '../../daemon/broker/topics/limits.ts';
import type { TestClient } from './client.ts';
import { type BrokerRig, requestsOn } from './suite.ts';
import { ADMIN, onTheAir, TopicsRig, topicOf } from './topics-rig.ts';

const RESULT = topicOf('lamp', 'result');

/** The contract of api.md, on whichever broker. */
export function topicsSuite(name: string, open: () => Promise<BrokerRig>): void {
  describe(name, () => {
    describe('what the hub says', () => says(open));
    describe('what the hub is asked', () => asked(open));
    describe('what the hub refuses', () => refuses(open));
    describe('brokers and hubs that go and come', () => comesAndGoes(open));
  });
}

function says(open: () => Promise<BrokerRig>): void {
  it('how everything stands, kept, and that it is online last', async () => {
    const { mqtt, rig } = await onTheAir(open);
    const later = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
    await later.until(() => later.heard.length >= 6);
    expect(later.heard.every(({ isRetained }) => isRetained)).toBe(true);
    expect(later.on('voltsafe/home/status').map(({ payload }) => payload)).toEqual(['online']);
    expect(later.json('voltsafe/home/load')[0]).toEqual(JSON.parse(JSON.stringify(rig.port.load())));
    expect(later.json(topicOf('boiler', 'state'))[0]).toEqual({
      is_on: false,
      relay_state: 'off',
      fault: null,
      power_w: 0,
      energy_wh: null,
      refusal: null,
      updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('what changed, whoever changed it', async () => {
    const { rig, ha } = await onTheAir(open);
    rig.energy.set('lamp', 1234.5);
    await rig.toggle('lamp', 'on');
    await ha.until(() => ha.on(topicOf('lamp', 'state')).length > 0);
    expect(ha.json(topicOf('lamp', 'state')).at(-1)).toMatchObject({ is_on: true, power_w: 100, energy_wh: 1234.5 });
    await ha.until(() => ha.json('voltsafe/home/load').at(-1)?.reserved_w === 100);
    expect(ha.on(RESULT)).toEqual([]);
  });

  it('nothing of what was removed', async () => {
    const { rig, mqtt, ha } = await onTheAir(open);
    await rig.hub.queue.ask({ kind: 'remove_appliance', appliance: 'lamp', who: ADMIN });
    await ha.until(() => ha.on(topicOf('lamp', 'state')).some(({ payload }) => payload === ''));
    const later = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
    await later.until(() => later.on('voltsafe/home/status').length > 0);
    expect(later.on(topicOf('lamp', 'state'))).toEqual([]);
  });

  it('all of it again, when somebody new wants to know', async () => {
    const { topics, ha } = await onTheAir(open);
    topics.republish();
    await ha.until(() => ha.on('voltsafe/home/status').length > 0);
    expect(new Set(ha.heard.map(({ topic }) => topic)).size).toBe(6);
  });
}

function asked(open: () => Promise<BrokerRig>): void {
  it('switches what has no relay, and says so twice', async () => {
    const { ha, rig } = await onTheAir(open);
    await ha.say(topicOf('lamp', 'set'), '{"is_on":true,"request_id":"r1"}');
    await ha.until(() => ha.on(RESULT).length === 2 && ha.on(topicOf('lamp', 'state')).length > 0);
    const ordered = rig.events.find((event) => event.kind === 'ordered');
    const common = { request_id: 'r1', accepted: true, changed: true, seq: ordered?.seq };
    expect(ha.json(RESULT)).toMatchObject([
      { ...common, phase: 'decided', load: { reserved_w: 100 } },
      { ...common, phase: 'confirmed' },
    ]);
    expect(ordered?.who).toMatchObject({ role: 'operator', source: 'mqtt' });
    expect(ha.heard.findIndex(({ topic }) => topic === RESULT)).toBeLessThan(
      ha.heard.findIndex(({ topic }) => topic === topicOf('lamp', 'state')),
    );
  });

  it('says what was decided before the relay obeys, and that it obeyed', async () => {
    const { ha, rig } = await onTheAir(open);
    const free = rig.board.occupy();
    await ha.say(topicOf('boiler', 'set'), 'ON');
    const result = topicOf('boiler', 'result');
    await ha.until(() => ha.on(topicOf('boiler', 'state')).length > 0);
    expect(ha.json(result)).toMatchObject([{ request_id: null, phase: 'decided', accepted: true, changed: true }]);
    expect(ha.json(topicOf('boiler', 'state')).at(-1)).toMatchObject({ is_on: true, relay_state: 'turning_on' });
    free();
    await ha.until(() => ha.json(topicOf('boiler', 'state')).at(-1)?.relay_state === 'on');
    expect(ha.json(result).map(({ phase }) => phase)).toEqual(['decided', 'confirmed']);
    expect(ha.json(result)[1]?.seq).toBe(ha.json(result)[0]?.seq);
    expect(rig.board.coils[0]).toBe(true);
  });

  it('says that the relay failed', async () => {
    const { ha, rig } = await onTheAir(open);
    rig.board.always = 'timeout';
    await ha.say(topicOf('boiler', 'set'), '{"is_on":true,"request_id":"r2"}');
    const result = topicOf('boiler', 'result');
    await ha.until(() => ha.on(result).length === 2);
    expect(ha.json(result)).toMatchObject([
      { phase: 'decided', accepted: true },
      { phase: 'failed', request_id: 'r2', code: 'relay_unreachable', relay_state: 'unknown' },
    ]);
    rig.board.always = 'ok';
  });

  it('flips, and does again what was asked under another key only', async () => {
    const { ha } = await onTheAir(open);
    const say = (payload: string) => ha.say(topicOf('lamp', 'set'), payload);
    const last = () => ha.json(RESULT).at(-1);
    await say('TOGGLE');
    await ha.until(() => ha.on(RESULT).length === 2);
    expect(last()).toMatchObject({ phase: 'confirmed', changed: true });
    await say('{"is_on":false,"idempotency_key":"k1"}');
    await ha.until(() => ha.on(RESULT).length === 4);
    const first = last();
    await say('ON');
    await ha.until(() => ha.on(RESULT).length === 6);
    await say('{"is_on":false,"idempotency_key":"k1"}');
    await ha.until(() => ha.on(RESULT).length === 8);
    expect(last()).toEqual(first);
    await say('{"is_on":true,"idempotency_key":"k1"}');
    await ha.until(() => ha.on(RESULT).length === 9);
    expect(last()).toMatchObject({ accepted: false, code: 'idempotency_key_reused' });
  });

  it('answers each of many at once, and never grants too much', async () => {
    const { ha, rig } = await onTheAir(open);
    const ids = ['heater', 'oven', 'lamp', 'boiler'];
    await Promise.all(ids.flatMap((id) => [1, 2, 3].map(() => ha.say(topicOf(id, 'set'), 'ON'))));
    const decided = () =>
      ids.flatMap((id) => ha.json(topicOf(id, 'result'))).filter(({ phase }) => phase === 'decided');
    await ha.until(() => decided().length === 12);
    expect(rig.port.load().circuits.find(({ id }) => id === 'kitchen')?.reserved_w).toBeLessThanOrEqual(3000);
    expect(decided().filter(({ accepted }) => accepted === false)).toHaveLength(3);
  });
}

function refuses(open: () => Promise<BrokerRig>): void {
  it('what does not fit, once, with the figures; and shows the truth again, and why', async () => {
    const { ha, rig } = await onTheAir(open);
    await rig.toggle('heater', 'on');
    await ha.until(() => ha.on(topicOf('heater', 'state')).length > 0);
    const [result, state] = [topicOf('oven', 'result'), topicOf('oven', 'state')];
    await ha.say(topicOf('oven', 'set'), 'ON');
    await ha.until(() => ha.on(state).length > 0);
    expect(ha.json(result)).toMatchObject([
      {
        ...{ request_id: null, phase: 'decided', accepted: false, code: 'capacity_exceeded' },
        ...{ circuit: 'kitchen', limit_w: 3000, reserved_w: 2900, requested_w: 2000, exceeded_by_w: 1900 },
        seq: rig.events.find(({ kind }) => kind === 'refused')?.seq,
      },
    ]);
    const refusal = {
      code: 'capacity_exceeded',
      detail: ha.json(result)[0]?.detail,
      at: ha.json(result)[0]?.at,
    };
    expect(ha.json(state).at(-1)).toMatchObject({ is_on: false, refusal });
    expect(ha.heard.findIndex(({ topic }) => topic === result)).toBeLessThan(
      ha.heard.findIndex(({ topic }) => topic === state),
    );
    // Again, though it is the same: a switch that was shown on snaps back.
    const before = ha.on(state).length;
    await ha.say(topicOf('oven', 'set'), 'ON');
    await ha.until(() => ha.on(state).length > before);
    await ha.say(topicOf('heater', 'set'), 'OFF');
    await ha.say(topicOf('oven', 'set'), 'ON');
    await ha.until(() => ha.json(state).at(-1)?.is_on === true);
    expect(ha.json(state).at(-1)).toMatchObject({ refusal: null });
  });

  it('what is no set, and decides nothing', async () => {
    const { ha, rig } = await onTheAir(open);
    const before = rig.events.length;
    const payloads = [
      ...['on', ' ON', 'ON\n', '1', 'true', 'null', '[]', '{}', '{"is_on":"true"}', '{"is_on":1}', '{'],
      ...['{"is_on":true,"force":true}', '{"is_on":true,"__proto__":{}}', '{"is_on":true,"request_id":7}'],
      ...['{"is_on":true,"idempotency_key":""}', '{"is_on":true,"fencing_token":-1}', 'constructor', '\ufeffON'],
      `{"is_on":true,"request_id":"${'x'.repeat(101)}"}`,
      `{"is_on":true${' '.repeat(TOPIC_LIMITS.setBytes)}}`,
    ];
    for (const payload of payloads) await ha.say(topicOf('lamp', 'set'), payload);
    await ha.say(topicOf('lamp', 'set'), Buffer.from([0x4f, 0x4e, 0xff]));
    await ha.say(topicOf('lamp', 'set'), '{"is_on":1,"request_id":"mine"}');
    await ha.until(() => ha.on(RESULT).length === payloads.length + 2);
    for (const result of ha.json(RESULT)) expect(result).toMatchObject({ accepted: false, code: 'invalid_request' });
    expect(ha.json(RESULT).at(-1)).toMatchObject({ request_id: 'mine', detail: 'is_on must be true or false' });
    expect(rig.events).toHaveLength(before);
  });

  it('what there is not', async () => {
    const { ha } = await onTheAir(open);
    await ha.say(topicOf('nothing', 'set'), 'ON');
    await ha.until(() => ha.on(topicOf('nothing', 'result')).length > 0);
    expect(ha.json(topicOf('nothing', 'result'))).toMatchObject([{ accepted: false, code: 'not_found' }]);
    expect(ha.on(topicOf('nothing', 'state'))).toEqual([]);
  });

  it('what was to be kept, and clears it', async () => {
    const { ha, rig, mqtt } = await onTheAir(open);
    await ha.say(topicOf('lamp', 'set'), 'ON', true);
    await ha.until(() => ha.on(RESULT).length > 0);
    expect(ha.json(RESULT)).toMatchObject([{ accepted: false, code: 'invalid_request' }]);
    expect(rig.troubles.join()).toContain('retained');
    await vi.waitFor(async () => {
      const later = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
      await later.until(() => later.on('voltsafe/home/status').length > 0);
      expect(later.on(topicOf('lamp', 'set'))).toEqual([]);
    }, 10_000);
    expect(rig.hub.state.appliances.get('lamp')?.order.isOn).toBe(false);
  });

  it('ON while the ledger cannot record it', async () => {
    const { ha, rig } = await onTheAir(open);
    rig.isLedgerBroken = true;
    await ha.say(topicOf('lamp', 'set'), 'ON');
    await ha.until(() => ha.on(topicOf('lamp', 'state')).length > 0);
    expect(ha.json(RESULT)).toMatchObject([{ accepted: false, code: 'ledger_unavailable', seq: null }]);
    expect(ha.json(topicOf('lamp', 'state')).at(-1)).toMatchObject({ refusal: { code: 'ledger_unavailable' } });
    rig.isLedgerBroken = false;
  });

  it('a flood of ONs, but no OFF', async () => {
    const { ha } = await onTheAir(open);
    const sent = 3 * TOPIC_LIMITS.setsBurst;
    const ons = Array.from({ length: sent }, () => ha.say(topicOf('lamp', 'set'), 'ON'));
    await Promise.all([...ons, ha.say(topicOf('boiler', 'set'), 'OFF')]);
    await ha.until(() => ha.json(topicOf('boiler', 'result')).at(-1)?.phase === 'confirmed');
    const limited = () => ha.json(RESULT).filter(({ code }) => code === 'rate_limited');
    await ha.until(() => limited().length > 0);
    expect(limited()[0]).toMatchObject({ accepted: false, retry_after_ms: expect.any(Number) });
    expect(limited().length).toBeLessThan(sent - TOPIC_LIMITS.setsBurst);
    // A flood of OFFs ends in OFF, and does not come back as a flood of answers.
    ha.heard.length = 0;
    await Promise.all(Array.from({ length: 500 }, () => ha.say(topicOf('lamp', 'set'), 'OFF')));
    await ha.until(() => isOff(ha, 'lamp'));
    expect(ha.on(RESULT).some(({ payload }) => payload.includes('rate_limited'))).toBe(false);
  });
}

function comesAndGoes(open: () => Promise<BrokerRig>): void {
  it('says goodbye', async () => {
    const { topics, ha, rig, mqtt } = await onTheAir(open);
    await topics.close();
    await ha.until(() => ha.on('voltsafe/home/status').length > 0);
    expect(ha.on('voltsafe/home/status').map(({ payload }) => payload)).toEqual(['offline']);
    const before = rig.events.length;
    const alsoHeard = requestsOn(mqtt.broker);
    await mqtt.broker.publish('voltsafe/home/load', '{}', { qos: 1, retain: false });
    await ha.say(topicOf('lamp', 'set'), 'ON');
    await vi.waitFor(() => expect(alsoHeard).toHaveLength(1));
    await rig.toggle('oven', 'on');
    expect(rig.events.slice(before).map(({ kind }) => kind)).toEqual(['ordered']);
    expect(ha.on(RESULT)).toEqual([]);
  });

  it('says how things stand now, and nothing of what was, when the broker is back', async () => {
    const mqtt = await open();
    const rig = new TopicsRig();
    await rig.start();
    let topics = rig.speakOn(mqtt.broker);
    const gone = mqtt.broker;
    await vi.waitFor(() => expect(gone.state.isUp).toBe(true));
    await mqtt.stop();
    await vi.waitFor(() => expect(gone.state.isUp).toBe(false));
    await rig.toggle('lamp', 'on');
    await rig.hub.queue.ask({ kind: 'remove_appliance', appliance: 'oven', who: ADMIN });
    await mqtt.start();
    if (mqtt.broker !== gone) {
      await topics.close();
      topics = rig.speakOn(mqtt.broker);
    }
    await vi.waitFor(() => expect(mqtt.broker.state.isUp).toBe(true), 10_000);
    const ha = await (await mqtt.client('home-assistant')).listen('voltsafe/home/#');
    await ha.until(() => ha.on('voltsafe/home/status').at(-1)?.payload === 'online');
    expect(ha.json(topicOf('lamp', 'state')).at(-1)).toMatchObject({ is_on: true });
    await ha.until(() => (ha.on(topicOf('oven', 'state')).at(-1)?.payload ?? '') === '');
    expect(ha.heard.filter(({ topic }) => topic.endsWith('/result'))).toEqual([]);
    await topics.close();
    await rig.hub.close();
  });
}

function isOff(client: TestClient, id: string): boolean {
  return client.json(topicOf(id, 'state')).at(-1)?.is_on === false;
}
