import { describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES } from '../../daemon/broker/home-assistant/limits.ts';
import { discoveryTopic, HUB, objectId } from '../../daemon/broker/home-assistant/names.ts';
import { appliancePayload, hubPayload } from '../../daemon/broker/home-assistant/payloads.ts';
import type { ApplianceFacts, HubFacts } from '../../daemon/broker/home-assistant/port.ts';
import { HUB_FACTS, OVEN } from './home-assistant-facts.ts';
import { entitiesOf, problemsOf } from './home-assistant-schema.ts';

const HUB_TOPIC = discoveryTopic('homeassistant', objectId('home', HUB));
const OVEN_TOPIC = discoveryTopic('homeassistant', objectId('home', 'oven'));
const hub = (over: Partial<HubFacts> = {}) => JSON.stringify(hubPayload({ ...HUB_FACTS, ...over }));
const oven = (over: Partial<ApplianceFacts> = {}) => JSON.stringify(appliancePayload(HUB_FACTS, { ...OVEN, ...over }));

describe('discovery payloads', () => {
  it('stand on one topic for each device', () => {
    expect(HUB_TOPIC).toBe('homeassistant/device/voltsafe_home/config');
    expect(OVEN_TOPIC).toBe('homeassistant/device/voltsafe_home_oven/config');
  });

  it('are what the schema takes, whatever the hub has', () => {
    expect(problemsOf(HUB_TOPIC, hub())).toEqual([]);
    expect(problemsOf(HUB_TOPIC, hub({ isMetered: false, circuits: [], panelUrl: null }))).toEqual([]);
    expect(problemsOf(OVEN_TOPIC, oven())).toEqual([]);
    expect(problemsOf(OVEN_TOPIC, oven({ hasCounter: false, room: null, isSimulated: true }))).toEqual([]);
  });

  it('announce for the hub its load, and each circuit', () => {
    const [first] = entitiesOf(hub());
    expect(first).toMatchObject({ state_topic: 'voltsafe/home/load', unique_id: 'voltsafe_home_reserved' });
    expect(keysOf(hub())).toEqual([
      ...['reserved', 'measured', 'headroom', 'status', 'overload', 'circuit_kitchen_reserved'],
      ...['circuit_kitchen_headroom', 'circuit_oven_2_reserved', 'circuit_oven_2_headroom'],
    ]);
    expect(keysOf(hub({ isMetered: false }))).not.toContain('measured');
  });

  it('announce for an appliance a switch that waits for the hub', () => {
    const [first] = entitiesOf(oven());
    expect(first).toMatchObject({
      ...{ key: 'switch', name: null, unique_id: 'voltsafe_home_oven_switch', optimistic: false, retain: false },
      ...{ command_topic: 'voltsafe/home/appliance/oven/set', state_topic: 'voltsafe/home/appliance/oven/state' },
      availability_mode: 'all',
    });
  });

  it('hang the appliance on the hub, in its room', () => {
    const { dev } = appliancePayload(HUB_FACTS, OVEN);
    expect(dev).toMatchObject({ via_device: 'voltsafe_home', sa: 'Cucina', name: 'Forno "grande"' });
    expect(hubPayload(HUB_FACTS).dev.ids).toEqual(['voltsafe_home']);
    expect(appliancePayload(HUB_FACTS, { ...OVEN, isSimulated: true }).dev.mdl).toContain('simulated');
  });

  it('have energy only where it is counted, and take it back where it no longer is', () => {
    expect(keysOf(oven())).toEqual(['switch', 'power', 'energy', 'refusal', 'fault']);
    expect(keysOf(oven({ hasCounter: false }))).toEqual(['switch', 'power', 'refusal', 'fault']);
    expect(JSON.parse(oven({ hasCounter: false })).cmps.energy).toEqual({ p: 'sensor' });
  });

  it('keep all ids when an appliance is renamed or moves', () => {
    const ids = (text: string) => entitiesOf(text).map((entity) => entity.unique_id);
    expect(ids(oven({ name: 'Other', room: 'Other' }))).toEqual(ids(oven()));
  });

  it('stay within their bound, for the largest house and the longest names', () => {
    const circuits = Array.from({ length: 200 }, (_, at) => `${at}`.padStart(64, 'c'));
    const largest = hub({ id: 'h'.repeat(64), name: '\u{1f3e0}'.repeat(200), circuits });
    expect(Buffer.byteLength(largest)).toBeLessThan(MAX_PAYLOAD_BYTES);
    expect(problemsOf(HUB_TOPIC, largest)).toEqual([]);
    expect(Buffer.byteLength(oven({ id: 'o'.repeat(64), name: '\u{1f3e0}'.repeat(100) }))).toBeLessThan(4096);
  });
});

function keysOf(text: string): string[] {
  return entitiesOf(text).map(({ key }) => key);
}
