import { describe, expect, it } from 'vitest';
import { MQTT_USERS_AT_MOST } from '../../daemon/core/access.ts';
import { apply } from '../../daemon/core/apply.ts';
import type { Device, MqttUser } from '../../daemon/core/model.ts';
import { readSnapshot, writeSnapshot } from '../../daemon/core/snapshot.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { ANNA, answered, events, Home, settingsOf } from './home.ts';

const PLUG: Device = { id: 'tasmota-a1', channels: 2, isSimulated: true, driver: 'tasmota', settings: { topic: 'a1' } };

function adopt(home: Home, id: string, channel: number, device: Device = PLUG) {
  const settings = settingsOf(id, { w: 2000, channel: `${device.id}/${channel}` });
  return home.decide({ kind: 'add_appliance', settings, device, who: ANNA });
}

const devices = (home: Home) => [...home.state.devices.values()].map(({ id }) => id);

describe('a device that was found', () => {
  it('is adopted with its first appliance, and counts until it was read', () => {
    const home = new Home();
    const { reply, events: done } = adopt(home, 'kettle', 1);
    expect(done.map(({ kind }) => kind)).toEqual(['device_adopted', 'appliance_added']);
    expect(answered(reply)).toBe('waits for a reading');
    expect([home.reservedW(), home.view('kettle').simulated]).toEqual([2000, true]);
    home.reads({ kettle: false });
    expect(home.reservedW()).toBe(0);
    home.switchedOn('kettle');
    expect(home.reservedW()).toBe(2000);
  });

  it('stays as it was adopted, whatever is discovered later', () => {
    const home = new Home();
    adopt(home, 'kettle', 1);
    const { events: done } = adopt(home, 'lamp', 2, { ...PLUG, channels: 9, settings: { topic: 'spoofed' } });
    expect(done.map(({ kind }) => kind)).toEqual(['appliance_added']);
    expect(home.state.devices.get(PLUG.id)).toEqual(PLUG);
  });

  it.each([
    ['a channel that it has not', 3, 'invalid_request'],
    ['a channel that is taken', 1, 'conflict'],
  ])('%s: nothing is adopted', (_, channel, code) => {
    const home = new Home();
    adopt(home, 'kettle', 1);
    const before = home.history.length;
    expect(answered(adopt(home, 'other', channel).reply)).toBe(code);
    expect(home.history).toHaveLength(before);
  });

  it('is forgotten with the last of its appliances', () => {
    const home = new Home();
    adopt(home, 'kettle', 1);
    adopt(home, 'lamp', 2);
    home.reads({ kettle: false, lamp: false });
    const remove = (appliance: string) => home.decide({ kind: 'remove_appliance', appliance, who: ANNA });
    expect(events(remove('kettle'))).toEqual(['appliance_removed kettle']);
    expect(devices(home)).toEqual([PLUG.id]);
    expect(events(remove('lamp'))).toEqual(['appliance_removed lamp', 'device_forgotten']);
    expect(devices(home)).toEqual([]);
  });

  it('and when the last of them is moved to another relay', () => {
    const home = new Home();
    adopt(home, 'kettle', 1);
    home.reads({ kettle: false });
    const relay = { bus: 'main', channel: 1 };
    const { events: done } = home.decide({
      kind: 'change_appliance',
      appliance: 'kettle',
      change: { relay },
      who: ANNA,
    });
    expect(done.map(({ kind }) => kind)).toEqual(['appliance_changed', 'device_forgotten']);
  });

  it('outlives a restart, by replay and by snapshot; a relay on it is then unknown', () => {
    const home = new Home();
    adopt(home, 'kettle', 1);
    home.reads({ kettle: false });
    const replayed = emptyState();
    for (const event of home.history) apply(replayed, event);
    const restored = readSnapshot(writeSnapshot(home.state));
    for (const state of [replayed, restored]) expect(state?.devices.get(PLUG.id)).toEqual(PLUG);
    home.restart();
    expect([devices(home), home.appliance('kettle').observed, home.reservedW()]).toEqual([[PLUG.id], 'unknown', 2000]);
  });
});

it('a device that is lost takes its appliances with it, and a start does not take it for an orphan', () => {
  const home = new Home();
  adopt(home, 'kettle', 1);
  home.reads({ kettle: false });
  const lost = home.decide({ kind: 'bus_lost', bus: PLUG.id, reason: 'offline' });
  expect(events(lost)).toEqual(['observed kettle unknown unreachable']);
  expect(home.reservedW()).toBe(2000);
  expect(events(home.restart())).toEqual(['configured']);
});

describe('MQTT users', () => {
  const user = (name: string): MqttUser => ({
    name,
    role: 'device',
    topics: [],
    secretHash: `hash of ${name}`,
    createdWallMs: 0,
  });
  const add = (home: Home, one: MqttUser) => home.decide({ kind: 'add_mqtt_user', user: one, who: ANNA });
  const remove = (home: Home, name: string) => home.decide({ kind: 'remove_mqtt_user', name, who: ANNA });

  it('are added, replaced and removed, each on record, and outlive a restart', () => {
    const home = new Home();
    add(home, user('kettle'));
    add(home, { ...user('kettle'), secretHash: 'another' });
    expect(home.state.mqttUsers.get('kettle')?.secretHash).toBe('another');
    expect(readSnapshot(writeSnapshot(home.state))?.mqttUsers.get('kettle')?.secretHash).toBe('another');
    expect(events(remove(home, 'kettle'))).toEqual(['mqtt_user_removed']);
    expect(answered(remove(home, 'kettle').reply)).toBe('not_found');
  });

  it('are bounded; one that is there may still be replaced', () => {
    const home = new Home();
    for (let i = 0; i < MQTT_USERS_AT_MOST; i++) add(home, user(`u${i}`));
    expect(answered(add(home, user('more')).reply)).toBe('conflict');
    expect(answered(add(home, user('u1')).reply)).toBe('done');
  });
});
