import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessRules, isCommandTopic, isReservedName } from '../../daemon/broker/embedded/access.ts';
import { TopicTree } from '../../daemon/broker/embedded/topic-tree.ts';
import { covers, filterFault, levelsOf, matches, topicFault } from '../../daemon/broker/embedded/topics.ts';
import type { MqttRole } from '../../daemon/core/model.ts';
import { PUBLISHES, SUBSCRIBES } from './embedded-access-table.ts';

const rules = accessRules('home-1', (topic) => topic === 'garage/heater/do');

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

describe('the first device that a topic names owns it', () => {
  const known = accessRules('home-1', undefined, undefined, (name) =>
    ['heater', 'node2', 'zigbee2mqtt'].includes(name),
  );
  const heater = { name: 'heater', role: 'device', topics: [] } as const;

  it.each([
    ['node2/switch/heater/state', false],
    ['zigbee2mqtt/heater', false],
    ['zigbee2mqtt/heater/availability', false],
    ['heater/switch/node2/state', true],
    ['home/tele/heater/STATE', true],
  ])('%s: %s', (topic, may) => expect(known.mayPublish(heater, topic)).toBe(may));
});

describe('another discovery prefix of Home Assistant', () => {
  const moved = accessRules('home-1', () => false, 'ha/found');
  const [home, plug] = [
    { name: 'home', role: 'integration', topics: ['ha/#'] },
    { name: 'plug1', role: 'device', topics: ['ha/#'] },
  ] as const;

  it('its birth and what is found are where it looks', () => {
    const none = { ...home, topics: [] };
    expect(moved.mayPublish(none, 'ha/found/status')).toBe(true);
    expect(moved.maySubscribe(none, 'ha/found/#')).toBe(true);
    expect(moved.mayPublish(none, 'homeassistant/status')).toBe(false);
    expect(moved.maySubscribe({ ...plug, topics: [] }, 'ha/found/status')).toBe(true);
  });

  it('nobody announces anything as the hub there', () => {
    for (const user of [home, plug]) {
      expect(moved.mayPublish(user, 'ha/found/device/voltsafe_home-1/config')).toBe(false);
      expect(moved.mayPublish(user, 'ha/found/device/other/config')).toBe(true);
    }
  });
});

describe('names that open too much', () => {
  it.each([
    'cmnd',
    'stat',
    'TELE',
    'relay',
    'status',
    'voltsafe',
    'voltsafe_x',
    'homeassistant',
    'tasmota',
    'shellies',
    '0',
  ])('%s is reserved', (name) => expect(isReservedName(name)).toBe(true));
  it.each(['POWER1', 'switch:0', 'l1', '', 'a/b', '+', '#', '$x', 'hub', 'events', 'rpc', 'set'])(
    '"%s" is reserved',
    (name) => expect(isReservedName(name)).toBe(true),
  );
  it.each(['zigbee2mqtt', 'plug1', 'shellyplus1pm-a8032ab12345', 'kitchen', 'tasmota_A1B2C3'])('%s is not', (name) =>
    expect(isReservedName(name)).toBe(false),
  );
});

const level = fc.constantFrom(
  'a',
  'plug1',
  'cmnd',
  'voltsafe',
  'home-1',
  'set',
  'appliance',
  'rpc',
  'events',
  '$SYS',
  'x',
);
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
      fc.property(
        fc.uniqueArray(filters, { maxLength: 12 }),
        fc.uniqueArray(filters, { maxLength: 4 }),
        topics,
        (some, gone, topic) => {
          const tree = new TopicTree<string>();
          for (const filter of [...some, ...gone]) tree.add(filter, filter);
          tree.match(topic); // what is found is kept until something changes
          for (const filter of gone) tree.remove(filter, filter);
          const left = some.filter((filter) => !gone.includes(filter));
          const found = left.filter((filter) => matches(filter, topic));
          expect(tree.match(topic).toSorted()).toEqual(found.sort());
          for (const filter of left) tree.remove(filter, filter);
          expect(tree.isEmpty).toBe(true);
        },
      ),
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
