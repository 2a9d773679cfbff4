import { describe, expect, it } from 'vitest';
import { lostBoards, lostBroker } from '../../dashboard/src/state/boards.ts';
import { adoptables } from '../../dashboard/src/state/discovered.ts';
import { follow } from '../../dashboard/src/state/hub-state.ts';
import type { BrokerView, Problem } from '../../dashboard/src/wire.ts';
import { sayBoard, sayBroker, sayLost } from '../../dashboard/src/words/board.ts';
import { foldConfirmations, sayDecision } from '../../dashboard/src/words/decision.ts';
import {
  checkAdoption,
  sayAdoptFailure,
  sayChannel,
  sayKind,
  sayRelays,
  suggestName,
} from '../../dashboard/src/words/discovered.ts';
import { appliance, bus, decision, found, load, on, snapshot } from './panel-fixtures.ts';

const channel = (number: number, appliance: string | null = null, name: string | null = null) => ({
  channel: number,
  name,
  appliance,
});
const STRIP = found('strip', { name: 'Strip', channels: [channel(1, null, 'Screen'), channel(2, 'fan'), channel(3)] });

describe('found devices', () => {
  it('are those with something left to add, by name', () => {
    const used = found('used', { adopted: true, channels: [channel(1, 'tv')] });
    const told = adoptables([found('z', { name: 'Anna' }), used, STRIP, found('b', { name: 'Anna' })]);
    expect(told.map(({ device, free }) => [device.id, free.map((one) => one.channel)])).toEqual([
      ['b', [1]],
      ['z', [1]],
      ['strip', [1, 3]],
    ]);
  });

  it('come with the snapshot, and are replaced by each later list', () => {
    const state = follow(null, snapshot(1, [], load(0), [], [STRIP]));
    expect(state?.discovered).toEqual([STRIP]);
    expect(follow(state, { type: 'discovered', devices: [] })?.discovered).toEqual([]);
    expect(follow(null, { type: 'discovered', devices: [STRIP] })).toBeNull();
  });

  it('say what they are', () => {
    const [strip] = adoptables([STRIP]);
    const [plug] = adoptables([found('plug', { measures_power: false })]);
    expect(strip && sayRelays(strip)).toBe('3 relays, 1 of them in use. Measures power.');
    expect(plug && sayRelays(plug)).toBe('One relay. Does not measure power.');
    expect(sayKind({ driver: 'shelly-gen2', model: 'Plus 1PM' })).toBe('Shelly, Plus 1PM');
    expect(sayKind({ driver: 'one-to-come', model: null })).toBe('one-to-come');
    expect(STRIP.channels.map(sayChannel)).toEqual(['Relay 1: Screen', 'Relay 2', 'Relay 3']);
  });

  it('suggest the name that the hub would give', () => {
    expect([1, 3].map((number) => suggestName(STRIP, number))).toEqual(['Screen', 'Strip 3']);
    expect(suggestName(found('desk', { name: 'Desk' }), 1)).toBe('Desk');
  });
});

describe('why it did not become an appliance', () => {
  const say = (problem: Partial<Problem>, retryAfterS: number | null = null) =>
    sayAdoptFailure({ kind: 'problem', problem: { code: 'x', status: 400, ...problem }, retryAfterS });

  it('missing watts need no hub', () => {
    expect(checkAdoption({ wattage: ' ' })?.fields.wattage).toMatch(/how many watts/);
    expect(checkAdoption({ wattage: '60' })).toBeNull();
  });

  it('stands at its field, and what has none beside them', () => {
    const errors = [
      { path: 'wattage', message: 'must be watts, as a number or a decimal string' },
      { path: 'name', message: 'must have at most 100 characters' },
      { path: '', message: 'There is no circuit "x".' },
    ];
    const { fields, rest } = say({ code: 'invalid_request', errors });
    expect(fields.wattage).toMatch(/like 1500 or 59\.5/);
    expect(fields.name).toBe('The name must have at most 100 characters.');
    expect(rest).toBe('There is no circuit "x".');
    expect(say({ code: 'invalid_request', errors: errors.slice(0, 1) }).rest).toBeNull();
    expect(say({ code: 'invalid_request', detail: 'So not.' })).toEqual({ fields: {}, rest: 'So not.' });
  });

  it.each([
    ['not_found', {}, /not found any more/],
    ['forbidden', {}, /administrator/],
    ['conflict', { detail: 'Channel a/1 belongs to the appliance "tv" already.' }, /belongs to the appliance "tv"/],
    ['ledger_unavailable', {}, /nothing was added\. Try again in 2 s/],
    ['http_502', { title: 'The hub gave no usable answer' }, /no usable answer/],
    ['odd', {}, /code odd/],
  ])('%s', (code, more, words) => {
    expect(say({ code, ...more }, 2)).toEqual({ fields: {}, rest: expect.stringMatching(words) });
  });

  it('without an answer nobody knows', () => {
    expect(sayAdoptFailure({ kind: 'network' }).rest).toMatch(/may have been added or not/);
  });
});

describe('a plug that does not answer', () => {
  const plug = (id: string) =>
    bus(id, { kind: 'plug', driver: 'tasmota', path: null, up: false, reason: 'it is offline', advice: 'plug it in' });
  const lamp = on('lamp', 60, { relay: { bus: 'desk', channel: 1 } });

  it('is no board, and has no wires to check', () => {
    const [lost] = lostBoards([plug('desk')], [lamp, appliance('tv')]);
    expect(lost && sayBoard(lost)).toEqual({
      id: 'desk',
      title: 'Plug desk',
      where: 'Tasmota',
      reason: 'It is offline.',
      advice: 'Plug it in.',
      affected: 'On it: lamp. 60 W stay counted meanwhile.',
    });
  });

  const board = bus('main', { up: false, reason: 'gone' });
  it.each([
    [[board], 'A board does not answer'],
    [[board, board], '2 boards do not answer'],
    [[plug('a')], 'A plug does not answer'],
    [[plug('a'), plug('b')], '2 plugs do not answer'],
    [[plug('a'), board], '2 devices do not answer'],
  ])('with others: %#', (buses, title) => {
    expect(sayLost(lostBoards(buses, []), null)).toBe(title);
  });
});

describe('the broker', () => {
  const down: BrokerView = {
    mode: 'external',
    url: 'mqtts://broker.lan:8883',
    up: false,
    reason: 'it refuses the password',
    advice: 'renew the password file',
    clients: null,
  };
  const desk = bus('desk', { kind: 'plug', driver: 'tasmota', up: false, reason: 'the broker is not reached' });
  const lamp = on('lamp', 60, { relay: { bus: 'desk', channel: 1 } });

  it('is told when it is down, with the plugs that are cut off', () => {
    const lost = lostBroker(down, [desk, bus('main', { up: false, reason: 'gone' })], [lamp, on('tv', 150)]);
    expect(lost && sayBroker(lost)).toEqual({
      id: 'mqtt-broker',
      title: 'MQTT broker',
      where: 'mqtts://broker.lan:8883',
      reason: 'It refuses the password.',
      advice: 'Renew the password file.',
      affected: 'On it: lamp. 60 W stay counted meanwhile.',
    });
    expect(sayLost([], lost)).toBe('The MQTT broker is not there');
    expect(sayLost(lostBoards([desk], []), lost)).toBe('The MQTT broker and a plug do not answer');
  });

  it('is not told when there is nothing to tell', () => {
    const off: BrokerView = { mode: 'off', url: null, up: false, reason: null, advice: null, clients: null };
    for (const view of [null, off, { ...down, up: true }, { ...down, reason: null }])
      expect(lostBroker(view, [desk], [])).toBeNull();
  });
});

describe('in the list of decisions', () => {
  it.each([
    ['device_adopted', 'Marta (panel) took a found device in'],
    ['device_forgotten', 'A device that nothing hangs on was forgotten'],
    ['mqtt_user_added', 'Marta (panel) let someone in on MQTT'],
    ['mqtt_user_removed', 'Marta (panel) shut someone out of MQTT'],
    ['restored', 'The ledger was restored from a backup'],
  ])('%s', (kind, words) => {
    const [line] = foldConfirmations([decision(1, { kind, outcome: 'recorded', appliance: null, is_on: null })]);
    expect(line && sayDecision(line, (id) => id).text).toBe(words);
  });
});
