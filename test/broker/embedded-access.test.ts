import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessRules, isCommandTopic, isReservedName } from '../../daemon/broker/embedded/access.ts';
import { covers, filterFault, levelsOf, matches, topicFault } from '../../daemon/broker/embedded/topics.ts';
import { TopicTree } from '../../daemon/broker/embedded/topic-tree.ts';
import type { MqttRole } from '../../daemon/core/model.ts';

const rules = accessRules('home-1', (topic) => topic === 'garage/heater/do');

const PLUG = { name: 'plug1', role: 'device', topics: [] } as const;
const BRIDGE = { name: 'zigbee2mqtt', role: 'device', topics: ['homeassistant/#'] } as const;
const GREEDY = { name: 'greedy', role: 'device', topics: ['#', 'garage/#'] } as const;
const HA = { name: 'ha', role: 'integration', topics: [] } as const;
const NODE_RED = { name: 'nodered', role: 'integration', topics: ['garage/#', 'tele/+/STATE'] } as const;
const PANEL = { name: 'panel', role: 'viewer', topics: [] } as const;
const RELAY = { name: 'relay', role: 'device', topics: [] } as const;

type Row = readonly [who: { name: string; role: MqttRole; topics: readonly string[] }, text: string, isAllowed: boolean];

const PUBLISHES: readonly Row[] = [
  // A device's own word, in the layouts of wire-formats C.
  [PLUG, 'tele/plug1/STATE', true],
  [PLUG, 'plug1/stat/RESULT', true],
  [PLUG, 'home/tele/kitchen/plug1/SENSOR', true],
  [PLUG, 'shellies/plug1/relay/0/power', true],
  [PLUG, 'plug1/events/rpc', true],
  [PLUG, 'plug1/hub/rpc', true],
  [PLUG, 'plug1/switch/relay/state', true],
  [PLUG, 'homeassistant/switch/plug1/relay/config', true],
  [PLUG, 'esphome/discover/plug1', true],
  [PLUG, 'tasmota/discovery/A4CF12345678/config', true],
  [PLUG, 'tasmota/discovery/A4CF12345678/sensors', true],
  [PLUG, 'shellies/announce', true],
  [BRIDGE, 'zigbee2mqtt/Kitchen/plug', true],
  [BRIDGE, 'zigbee2mqtt/bridge/devices', true],
  [BRIDGE, 'homeassistant/switch/0x00158d0001/switch/config', true],
  // Another's.
  [PLUG, 'tele/plug2/STATE', false],
  [PLUG, 'tele/plug11/STATE', false],
  [PLUG, 'tele/PLUG1/STATE', false],
  [PLUG, 'zigbee2mqtt/lamp', false],
  [PLUG, 'tasmota/discovery/plug/config', false],
  [PLUG, 'homeassistant/switch/plug2/relay/config', false],
  [PLUG, 'homeassistant/status', false],
  // Commands, also its own.
  [PLUG, 'cmnd/plug1/POWER', false],
  [PLUG, 'plug1/cmnd/POWER', false],
  [PLUG, 'home/CMND/plug1/POWER', false],
  [PLUG, 'shellies/plug1/relay/0/command', false],
  [PLUG, 'plug1/command/switch:0', false],
  [PLUG, 'plug1/command', false],
  [PLUG, 'plug1/rpc', false],
  [PLUG, 'a/plug1/rpc', false],
  [PLUG, 'hub/rpc', false],
  [PLUG, 'plug1/switch/relay/command', false],
  [PLUG, 'shellies/command', false],
  [PLUG, 'esphome/discover', false],
  [BRIDGE, 'zigbee2mqtt/Kitchen/plug/set', false],
  [BRIDGE, 'zigbee2mqtt/Kitchen/plug/set/state', false],
  [BRIDGE, 'zigbee2mqtt/Kitchen/plug/get', false],
  [BRIDGE, 'zigbee2mqtt/bridge/request/permit_join', false],
  [GREEDY, 'cmnd/plug1/POWER', false],
  [GREEDY, 'garage/heater/do', false],
  [NODE_RED, 'garage/heater/do', false],
  [NODE_RED, 'garage/heater/set', false],
  // The hub's own.
  [PLUG, 'voltsafe/home-1/appliance/plug1/set', false],
  [PLUG, 'voltsafe/plug1/status', false],
  [PLUG, 'homeassistant/device/voltsafe_home-1_plug1/plug1/config', false],
  [GREEDY, 'voltsafe/home-1/load', false],
  [GREEDY, 'voltsafe/other/load', false],
  [BRIDGE, 'homeassistant/device/voltsafe_home-1/config', false],
  [HA, 'voltsafe/home-1/appliance/lamp/set', true],
  [HA, 'voltsafe/home-1/appliance/lamp/state', false],
  [HA, 'voltsafe/home-1/appliance/lamp/set/x', false],
  [HA, 'voltsafe/home-1/appliance/set', false],
  [HA, 'voltsafe/other/appliance/lamp/set', false],
  [HA, 'voltsafe/home-1/status', false],
  [HA, 'voltsafe/home-1/load', false],
  [PANEL, 'voltsafe/home-1/appliance/lamp/set', false],
  // Integrations.
  [HA, 'homeassistant/status', true],
  [HA, 'homeassistant/switch/lamp/config', false],
  [HA, 'tele/plug1/STATE', false],
  [NODE_RED, 'garage/door/state', true],
  [NODE_RED, 'tele/plug1/STATE', true],
  [NODE_RED, 'tele/plug1/x/STATE', false],
  [PANEL, 'panel/state', false],
  // A common word opens nothing.
  [RELAY, 'shellies/plug1/relay/0', false],
  // aedes' own.
  [GREEDY, '$SYS/x/heartbeat', false],
  [PLUG, '$SYS/plug1', false],
];

const SUBSCRIBES: readonly Row[] = [
  [PLUG, 'cmnd/plug1/#', true],
  [PLUG, 'plug1/cmnd/#', true],
  [PLUG, 'home/cmnd/+/plug1/#', true],
  [PLUG, 'shellies/plug1/relay/0/command', true],
  [PLUG, 'plug1/rpc', true],
  [PLUG, 'plug1/command/#', true],
  [PLUG, 'shellies/command', true],
  [PLUG, 'cmnd/tasmotas/#', true],
  [PLUG, 'esphome/discover', true],
  [PLUG, 'homeassistant/status', true],
  [BRIDGE, 'zigbee2mqtt/+/set', true],
  [BRIDGE, 'homeassistant/#', true],
  [PLUG, 'cmnd/plug2/#', false],
  [PLUG, 'cmnd/#', false],
  [PLUG, 'cmnd/+/POWER', false],
  [PLUG, 'tasmota/discovery/#', false],
  [PLUG, '#', false],
  [PLUG, '+/plug1/#', false],
  [PLUG, 'voltsafe/plug1/#', false],
  [PLUG, 'voltsafe/home-1/appliance/plug1/state', false],
  [GREEDY, '#', false],
  [GREEDY, 'voltsafe/#', false],
  [GREEDY, 'tele/#', true],
  [HA, 'voltsafe/home-1/#', true],
  [HA, 'voltsafe/home-1/appliance/+/state', true],
  [HA, 'homeassistant/#', true],
  [HA, 'homeassistant/+/+/config', true],
  [HA, 'voltsafe/other/#', false],
  [HA, 'voltsafe/+/load', false],
  [HA, 'tele/#', false],
  [HA, '#', false],
  [NODE_RED, 'garage/+/state', true],
  [NODE_RED, 'tele/+/STATE', true],
  [NODE_RED, 'tele/#', false],
  [PANEL, 'voltsafe/home-1/#', true],
  [PANEL, 'homeassistant/#', false],
  [PANEL, '#', false],
  [HA, '$SYS/#', false],
  [GREEDY, '$SYS/#', false],
  [HA, '$share/x/voltsafe/home-1/#', false],
];

describe('who may publish what', () => {
  it.each(PUBLISHES.map(([who, topic, may]) => [who.name, may ? 'may' : 'may not', topic, who, may] as const))(
    '%s %s publish %s',
    (_name, _may, topic, who, may) => expect(rules.mayPublish(who, topic)).toBe(may),
  );
});

describe('who may subscribe to what', () => {
  it.each(SUBSCRIBES.map(([who, filter, may]) => [who.name, may ? 'may' : 'may not', filter, who, may] as const))(
    '%s %s subscribe to %s',
    (_name, _may, filter, who, may) => expect(rules.maySubscribe(who, filter)).toBe(may),
  );
});

describe('names that open too much', () => {
  it.each(['cmnd', 'stat', 'TELE', 'relay', 'status', 'voltsafe', 'voltsafe_x', 'homeassistant', 'tasmota', 'shellies', '0'])(
    '%s is reserved',
    (name) => expect(isReservedName(name)).toBe(true),
  );
  it.each(['POWER1', 'switch:0', 'l1', '', 'a/b', '+', '#', '$x', 'hub', 'events', 'rpc', 'set'])(
    '"%s" is reserved',
    (name) => expect(isReservedName(name)).toBe(true),
  );
  it.each(['zigbee2mqtt', 'plug1', 'shellyplus1pm-a8032ab12345', 'kitchen', 'tasmota_A1B2C3'])('%s is not', (name) =>
    expect(isReservedName(name)).toBe(false),
  );
});

const level = fc.constantFrom('a', 'plug1', 'cmnd', 'voltsafe', 'home-1', 'set', 'appliance', 'rpc', 'events', '$SYS', 'x');
const topics = fc.array(level, { minLength: 1, maxLength: 6 }).map((levels) => levels.join('/'));
const filterLevel = fc.oneof({ weight: 3, arbitrary: level }, { weight: 1, arbitrary: fc.constant('+') });
const filters = fc
  .tuple(fc.array(filterLevel, { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'));
const users = fc.record({
  name: fc.constantFrom('plug1', 'a', 'set', 'voltsafe', 'home-1'),
  role: fc.constantFrom<MqttRole>('device', 'integration', 'viewer'),
  topics: fc.array(filters, { maxLength: 3 }),
});

describe('whatever the topic and the user', () => {
  it('nobody but the hub speaks for the hub or commands a device', () => {
    fc.assert(
      fc.property(users, topics, (user, topic) => {
        const isAsking = user.role === 'integration' && /^voltsafe\/home-1\/appliance\/[^/]+\/set$/.test(topic);
        const isTaboo = topic.startsWith('voltsafe') || topic.startsWith('$') || isCommandTopic(topic);
        if (isTaboo) expect(rules.mayPublish(user, topic)).toBe(isAsking);
      }),
      { numRuns: 3000 },
    );
  });

  it('a device without extra topics publishes only where a level names it', () => {
    fc.assert(
      fc.property(users, topics, (user, topic) => {
        const mayPublish = rules.mayPublish({ ...user, role: 'device', topics: [] }, topic);
        if (mayPublish) expect(levelsOf(topic)).toContain(user.name);
      }),
      { numRuns: 3000 },
    );
  });

  it('a device hears nothing of the hub, a viewer nothing else', () => {
    fc.assert(
      fc.property(users, filters, topics, (user, filter, topic) => {
        if (!rules.maySubscribe({ ...user, topics: [] }, filter) || !matches(filter, topic)) return;
        if (user.role === 'device') expect(topic).not.toMatch(/^voltsafe(\/|$)/);
        if (user.role === 'viewer') expect(topic).toMatch(/^voltsafe\/home-1(\/|$)/);
        expect(topic).not.toMatch(/^\$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('a filter that covers another matches all that it matches', () => {
    fc.assert(
      fc.property(filters, filters, topics, (wide, narrow, topic) => {
        if (covers(wide, narrow) && matches(narrow, topic)) expect(matches(wide, topic)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('the tree finds what trying each filter finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 12 }), fc.uniqueArray(filters, { maxLength: 4 }), topics, (some, gone, topic) => {
        const tree = new TopicTree<string>();
        for (const filter of [...some, ...gone]) tree.add(filter, filter);
        for (const filter of gone) tree.remove(filter, filter);
        const left = some.filter((filter) => !gone.includes(filter));
        const found = left.filter((filter) => matches(filter, topic));
        expect(tree.match(topic).sort()).toEqual(found.sort());
        for (const filter of left) tree.remove(filter, filter);
        expect(tree.isEmpty).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the form of topics and filters', () => {
  it.each([
    ['a', null],
    ['a//b', null],
    ['/', null],
    [Array(16).fill('x').join('/'), null],
    ['x'.repeat(256), null],
    ['', /empty/],
    ['a/+', /wildcard/],
    ['a#', /wildcard/],
    ['a\u0000b', /control/],
    ['a\nb', /control/],
    ['a\u0085', /control/],
    ['a\uFFFD', /control/],
    ['a\uFFFF', /control/],
    [Array(17).fill('x').join('/'), /levels/],
    ['x'.repeat(257), /characters/],
  ])('topic %j', (topic, fault) => expectFault(topicFault(topic), fault));

  it.each([
    ['a/+/b', null],
    ['#', null],
    ['+/+', null],
    ['a/#/b', /wildcard/],
    ['a/b#', /wildcard/],
    ['a+/b', /wildcard/],
    ['', /empty/],
    ['a\u0007', /control/],
  ])('filter %j', (filter, fault) => expectFault(filterFault(filter), fault));
});

function expectFault(found: string | null, expected: RegExp | null): void {
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatch(expected);
}
