import { describe, expect, it } from 'vitest';
import type { Event } from '../../daemon/core/events.ts';
import type { Bus } from '../../daemon/hub.ts';
import { Meters } from '../../daemon/meters/meters.ts';
import { Plugs } from '../../daemon/plugs.ts';
import { plugSettings } from '../../relay-drivers/plug-registry.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import { ANNA, Home, settingsOf } from '../core/home.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

const DEVICES = ['one', 'two'];

/** Two plugs of two relays that measure, of the configuration; what the hub decides is heard as it hears it. */
function open() {
  const clock = new VirtualClock();
  const home = new Home({ buses: DEVICES.map((id) => ({ id, channels: 2, isSimulated: true })) });
  const meters = new Meters({
    meters: [],
    state: home.state,
    clock,
    tell: () => undefined,
    onExchange: () => undefined,
    onTrouble: () => undefined,
  });
  meters.start();
  const listeners = new Set<(event: Event) => void>();
  const buses: Bus[] = [];
  new Plugs({
    hub: {
      state: home.state,
      meters,
      addBus: (bus) => void buses.push(bus),
      removeBus: (id) => void buses.splice(0, buses.length, ...buses.filter((bus) => bus.id !== id)),
      onEvent: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    port: new MemoryBroker().port(),
    clock,
    configured: DEVICES.map((id) => plugSettings.parse({ id, driver: 'tasmota', topic: id, channels: 2, power: true })),
    onTrouble: () => undefined,
  });
  const decide = (input: Parameters<Home['decide']>[0]) => {
    for (const event of home.decide(input).events) for (const listener of listeners) listener(event);
  };
  return {
    buses,
    hear: (event: object) => {
      for (const listener of listeners) listener({ seq: 1, ...event } as Event);
    },
    add: (id: string, channel: string) =>
      decide({ kind: 'add_appliance', settings: settingsOf(id, { w: 100, channel }), who: ANNA }),
    read: (id: string) => home.reads({ [id]: false }),
    move: (id: string, channel: string) => {
      const { relay } = settingsOf(id, { w: 100, channel });
      decide({ kind: 'change_appliance', appliance: id, change: { relay }, who: ANNA });
    },
    remove: (id: string) => decide({ kind: 'remove_appliance', appliance: id, who: ANNA }),
    meters: () => meters.views().map(({ id, measures }) => `${id} ${measures}`),
  };
}

describe('the meters of plugs', () => {
  it.each([
    ['two/2', 'one/1'],
    ['one/1', 'two/2'],
    ['one/2', 'one/1'],
    ['one/1', 'one/2'],
  ])('an appliance that moves from %s to %s is measured there', (from, to) => {
    const house = open();
    house.add('kettle', from);
    house.read('kettle');
    expect(house.meters()).toEqual([`${from} appliance:kettle`]);
    house.move('kettle', to);
    expect(house.meters()).toEqual([`${to} appliance:kettle`]);
    house.read('kettle');
    house.remove('kettle');
    expect(house.meters()).toEqual([]);
  });
});

describe('adopted devices', () => {
  const adopted = (id: string, settings: object) => ({
    kind: 'device_adopted',
    device: { id, channels: 3, isSimulated: false, driver: 'tasmota', settings },
  });

  it('come and go', () => {
    const house = open();
    house.hear(adopted('three', { topic: 'three', channels: 3 }));
    expect(house.buses.map(({ id }) => id)).toEqual(['one', 'two', 'three']);
    house.hear({ kind: 'device_forgotten', id: 'three' });
    expect(house.buses.map(({ id }) => id)).toEqual(['one', 'two']);
  });

  it('one that this version cannot drive is a bus all the same: its relays count, and it says why', async () => {
    const house = open();
    house.hear(adopted('three', { subject: 'three' }));
    const [, , three] = house.buses;
    expect(three).toMatchObject({ id: 'three', driver: { channels: 3 } });
    const read = three?.driver.readCoils({ priority: 'read', stillValid: () => true });
    await expect(read).rejects.toMatchObject({ code: 'port_closed' });
  });

  it('one that the configuration names, too, is driven as it stands there, and stays', () => {
    const house = open();
    const before = [...house.buses];
    house.hear(adopted('one', { topic: 'other', channels: 3 }));
    house.hear({ kind: 'device_forgotten', id: 'one' });
    expect(house.buses).toEqual(before);
  });
});
