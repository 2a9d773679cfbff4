import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { genericMqttEntry } from '../../relay-drivers/generic-mqtt/twin.ts';
import { PlugHouse } from './mqtt-house.ts';
import { PATIENTLY } from './rig.ts';

/** Family -> the name of its simulated plug, which is the id of its appliance, too. */
const PLUGS = {
  tasmota: 'kettle',
  'shelly-gen1': 'boiler',
  'shelly-gen2': 'panel-heater',
  zigbee2mqtt: 'zigbee2mqtt',
  esphome: 'oven',
  'generic-mqtt': 'iron',
} as const;
const FAMILIES = Object.keys(PLUGS) as (keyof typeof PLUGS)[];
const FOUND = FAMILIES.filter((family) => family !== 'generic-mqtt');
const NAMES = Object.values(PLUGS);

const RATED_W = 1500;
const DRAWN_W = 1200;
/** What no relay switches: it leaves room for all plugs, or for half of one. */
const LIMIT_W = 20_000;
const FULL_W = LIMIT_W - RATED_W / 2;
/** Longer than the slowest of them takes to answer three times, and shorter than anybody's keep-alive. */
const LATE_MS = 7000;

let home: PlugHouse;

beforeAll(async () => {
  home = await PlugHouse.open({
    twins: FAMILIES.map((family) => `${family}:${PLUGS[family]}:1:${DRAWN_W}`),
    plugs: [genericMqttEntry('iron-plug', PLUGS['generic-mqtt'], 1)],
    limits: { limit_w: LIMIT_W },
  });
}, 60_000);
afterAll(() => home?.remove());

function each<T>(run: (name: string) => Promise<T>): Promise<T[]> {
  return Promise.all(NAMES.map(run));
}

/** Polls the truth of a plug. */
async function isClosed(name: string, expected: boolean): Promise<void> {
  await expect.poll(() => home.plug(name).closed(), PATIENTLY).toEqual(expected ? [1] : []);
}

/** Switches it, and holds the answer against the contact. */
async function switched(name: string, isOn: boolean): Promise<void> {
  const { status, text } = await home.api.toggle(name, isOn);
  expect({ name, status, text }).toMatchObject({ status: 200 });
  expect(await home.plug(name).closed(), name).toEqual(isOn ? [1] : []);
}

async function allOff(): Promise<void> {
  await each(async (name) => {
    expect((await home.api.toggle(name, false)).status, name).toBe(200);
    await home.becomes(name, { relay_state: 'off', is_on: false });
  });
}

/** A house that is all but full, for a while. */
async function whileFull(run: () => Promise<unknown>): Promise<void> {
  expect((await home.api.toggle('base', true)).status).toBe(200);
  await run();
  expect((await home.api.toggle('base', false)).status).toBe(200);
}

async function lastSeq(): Promise<number> {
  return (await home.api.decisions()).at(-1)?.seq ?? 0;
}

/** In this order: each begins with all plugs off, and leaves them so. */
describe('plugs of all families on the embedded broker', { timeout: 60_000 }, () => {
  it('are found, and none is switched before or by its adoption', async () => {
    for (const family of FOUND) await home.found(family);
    const { devices } = await home.api.get<{ devices: { driver: string; adopted: boolean }[] }>('/api/discovered');
    expect(devices.map(({ driver }) => driver).sort()).toEqual([...FOUND].sort());
    expect(devices.filter(({ adopted }) => adopted)).toEqual([]);
    // Somebody switches one on by hand: it is nobody's business before it is adopted.
    await home.plug('kettle').button();
    for (const family of FOUND.slice(1)) await home.adopt(family, PLUGS[family], RATED_W);
    const kettle = await home.found('tasmota');
    await home.api.post(`/api/discovered/${kettle}/adopt`, { id: 'kettle', name: 'Kettle', wattage: RATED_W });
    await home.becomes('kettle', { relay_state: 'on', is_on: true, reserved_w: RATED_W });
    await home.house.add('iron', RATED_W, 'iron-plug/1');
    await home.house.add('base', FULL_W);
    await home.becomes('iron', { relay_state: 'off' });
    expect(await each((name) => home.plug(name).written())).toEqual(NAMES.map(() => []));
    await switched('kettle', false);
  });

  it.each(NAMES)('%s: on, off, its own button, power', async (name) => {
    const plug = home.plug(name);
    await switched(name, true);
    await switched(name, false);

    await plug.button();
    await home.becomes(name, { is_on: true, relay_state: 'on', reserved_w: RATED_W });
    await plug.report();
    await home.becomes(name, { power_w: DRAWN_W, reserved_w: RATED_W });
    await plug.draws(RATED_W + 700);
    await plug.report();
    await home.becomes(name, { power_w: RATED_W + 700, reserved_w: RATED_W + 700 });
    await plug.draws(DRAWN_W);
    await plug.button();
    await home.becomes(name, { is_on: false, relay_state: 'off', reserved_w: 0 });

    const seq = await lastSeq();
    await whileFull(async () => {
      expect((await home.api.toggle(name, true)).body).toMatchObject({ code: 'capacity_exceeded' });
      expect(await plug.closed()).toEqual([]);
      await plug.button();
      await expect.poll(async () => (await plug.written()).at(-1), PATIENTLY).toBe(false);
      await home.becomes(name, { is_on: false, relay_state: 'off', reserved_w: 0 });
    });
    const trail = (await home.api.decisions(seq)).filter(({ appliance }) => appliance === name);
    expect(trail.find(({ kind, is_on }) => kind === 'observed' && is_on)?.reserved_w).toBe(FULL_W + RATED_W);
    expect(trail.filter(({ kind }) => kind === 'ordered')).toMatchObject([{ is_on: false, reason: 'unasked' }]);
    expect(await plug.closed()).toEqual([]);
  });

  it('one that vanishes is unknown and counted; back again it is as it is within 5 s', async () => {
    await each((name) => switched(name, true));
    await each((name) => home.plug(name).fault({ vanish: true }));
    await each((name) => home.becomes(name, { relay_state: 'unknown', is_on: true, reserved_w: RATED_W }));
    expect((await home.api.load()).reserved_w).toBe(NAMES.length * RATED_W);
    const { status, body } = await home.api.toggle('base', true);
    expect({ status, body }).toMatchObject({ status: 403, body: { code: 'capacity_exceeded' } });
    // Meanwhile half of them are switched off by hand.
    const pressed: readonly string[] = NAMES.slice(3);
    for (const name of pressed) await home.plug(name).button();
    const startMs = performance.now();
    const took = await each(async (name) => {
      await home.plug(name).fault({ vanish: false });
      await home.becomes(name, { relay_state: pressed.includes(name) ? 'off' : 'on', fault: null });
      return [name, Math.round(performance.now() - startMs)];
    });
    console.log('back again, right after ms:', JSON.stringify(Object.fromEntries(took)));
    expect((await home.api.load()).reserved_w).toBe(3 * RATED_W);
    await allOff();
  });

  it('an ON that was given up while a plug was frozen never comes late', async () => {
    const before = await each((name) => home.plug(name).log());
    await each((name) => home.plug(name).fault({ freeze: true }));
    const answers = await each((name) => home.api.toggle(name, true));
    for (const { status, body } of answers)
      expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable' } });
    expect((await home.api.load()).reserved_w).toBe(NAMES.length * RATED_W);
    // What it did not read yet it would obey now: it is cut off, and what hung in its connection with it.
    await each((name) => home.plug(name).fault({ freeze: false }));
    await each((name) => home.becomes(name, { is_on: false, relay_state: 'off', fault: null, reserved_w: 0 }));
    expect(await each((name) => home.plug(name).log())).toEqual(before);
  });

  it('late answers confirm nothing that is not so; who says the opposite of what he does stays counted', async () => {
    const [late, liars] = [NAMES.slice(0, 3), NAMES.slice(3)];
    const before = await each(async (name) => (await home.plug(name).written()).length);
    await Promise.all(late.map((name) => home.plug(name).fault({ delay_ms: LATE_MS })));
    await Promise.all(liars.map((name) => home.plug(name).fault({ contrary: [1] })));
    const answers = await each((name) => home.api.toggle(name, true));
    expect(answers.map(({ status }) => status)).toEqual(NAMES.map(() => 502));
    expect((await home.api.load()).reserved_w).toBe(NAMES.length * RATED_W);
    // All were cut off, and what they had not said yet with it; what they say next comes in time.
    await Promise.all(late.map((name) => home.plug(name).fault({ delay_ms: 0 })));
    // Each obeys the OFF that follows. The liars say that they are on, and so they count.
    await each((name) => isClosed(name, false));
    await Promise.all(liars.map((name) => home.becomes(name, { reserved_w: RATED_W })));
    await Promise.all(liars.map((name) => home.plug(name).fault({ contrary: [], vanish: true })));
    await Promise.all(liars.map((name) => home.becomes(name, { relay_state: 'unknown', reserved_w: RATED_W })));
    await Promise.all(liars.map((name) => home.plug(name).fault({ vanish: false })));
    await each((name) => home.becomes(name, { is_on: false, relay_state: 'off', fault: null, reserved_w: 0 }));
    // Each was switched on once and off once: nothing that was given up came again.
    const moves = await each((name) => home.plug(name).written());
    expect(moves.map((all, index) => all.slice(before[index]))).toEqual(NAMES.map(() => [true, false]));
  });
});
