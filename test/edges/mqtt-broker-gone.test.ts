import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { Mosquitto } from '../broker/mosquitto.ts';
import type { Appliance, Reply, Toggled } from './client.ts';
import { Asker } from './mqtt-asker.ts';
import { PlugHouse, plugHouse } from './mqtt-house.ts';
import { PATIENTLY } from './rig.ts';

/** How long Mosquitto is away: a minute on demand. */
const OUTAGE_MS = Number(process.env.VOLTSAFE_MQTT_OUTAGE_S ?? 3) * 1000;
const KILLS = Number(process.env.VOLTSAFE_MQTT_KILLS ?? 1);
const RATED_W = 1000;

const EMBEDDED = { kettle: 'tasmota', boiler: 'shelly-gen1', 'panel-heater': 'shelly-gen2', pump: 'esphome' } as const;
const TWINS = Object.entries(EMBEDDED).map(([name, family]) => `${family}:${name}`);
const NAMES = Object.keys(EMBEDDED);

async function adoptAll(home: PlugHouse): Promise<void> {
  for (const [name, family] of Object.entries(EMBEDDED)) await home.adopt(family, name, RATED_W);
}

/** What each plug was told over MQTT, and did: true for on. */
function written(home: PlugHouse): Promise<boolean[][]> {
  return Promise.all(NAMES.map((name) => home.plug(name).written()));
}

/** Everything is known, settled, and as it is in truth. */
async function isRight(home: PlugHouse): Promise<void> {
  const [appliances, contacts] = await Promise.all([
    home.api.appliances(),
    Promise.all(NAMES.map(async (name) => [name, (await home.plug(name).closed()).length > 0 ? 'on' : 'off'])),
  ]);
  const truth = Object.fromEntries(contacts);
  const plugs = appliances.filter(({ id }) => NAMES.includes(id));
  expect(Object.fromEntries(plugs.map(({ id, relay_state }) => [id, relay_state]))).toEqual(truth);
  expect(Object.fromEntries(plugs.map(({ id, is_on }) => [id, is_on ? 'on' : 'off']))).toEqual(truth);
  expect(plugs.filter(({ fault }) => fault !== null)).toEqual([]);
}

async function msUntilRight(home: PlugHouse): Promise<number> {
  const startMs = performance.now();
  await vi.waitFor(() => isRight(home), PATIENTLY);
  return Math.round(performance.now() - startMs);
}

/** Those that came on while nobody asked. */
function lateOns(before: readonly boolean[][], after: readonly boolean[][]): number {
  return after.flatMap((moves, index) => moves.slice(before[index]?.length ?? 0).filter((isOn) => isOn)).length;
}

describe('the embedded broker goes and comes with its hub', { timeout: 120_000 }, () => {
  it(`SIGKILL in the middle of switching, ${KILLS} times: nothing is late, nothing is lost, all is right again`, async () => {
    const home = await plugHouse({
      twins: TWINS,
      users: { 'home-assistant': 'integration' },
      limits: { limit_w: 3 * RATED_W },
    });
    await adoptAll(home);
    const plug = await home.client('kettle');
    await plug.say('stat/kettle/NOTE', 'kept', true);
    // What is retained reaches the disk by and by; from then on no crash loses it.
    const journal = join(home.house.dataDir, 'mqtt.journal');
    await expect.poll(() => readFile(journal, 'utf8').catch(() => ''), PATIENTLY).toContain('stat/kettle/NOTE');
    const tookMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
      await switchUntilKilled(home, asker, 3 + 4 * kill);
      // A plug that lost its connection has read what was in it: what it does from now on, somebody else told it.
      await expect.poll(() => home.fleet.connected(), PATIENTLY).toEqual([]);
      const before = await written(home);
      await home.house.start();
      await expect.poll(async () => (await home.fleet.connected()).length, PATIENTLY).toBe(NAMES.length);
      tookMs.push(await msUntilRight(home));
      expect(lateOns(before, await written(home))).toBe(0);
    }
    console.log('after the plugs were connected again, all was right within ms:', tookMs);
    const reader = await (
      await home.client('boiler', { username: 'kettle', password: home.passwords.kettle ?? '' })
    ).listen('stat/kettle/#');
    await reader.until(() =>
      reader.on('stat/kettle/NOTE').some(({ payload, isRetained }) => payload === 'kept' && isRetained),
    );
    const asker = await Asker.of('home-assistant', await home.client('home-assistant'));
    expect((await asker.set('kettle', false)).results.at(-1)).toMatchObject({ phase: 'confirmed' });
  });
});

/** Toggles without pause over HTTP and MQTT, and crashes the hub in the turn of some answer. */
async function switchUntilKilled(home: PlugHouse, asker: Asker, answers: number): Promise<void> {
  let left = answers;
  let isDead = false;
  const answered = () => {
    left -= 1;
    if (left !== 0) return;
    isDead = true;
    home.house.hub.strike();
  };
  const person = async (id: string) => {
    for (let isOn = true; !isDead; isOn = !isOn) {
      const reply = await home.api.toggle(id, isOn).catch(() => null);
      if (reply === null) return;
      answered();
    }
  };
  const integration = async (id: string) => {
    for (let isOn = true; !isDead; isOn = !isOn) {
      void asker.set(id, isOn).catch(() => undefined);
      await pause(systemClock, 5);
    }
  };
  await Promise.all([...NAMES.map(person), integration('pump'), integration('kettle')]);
  await home.house.hub.ended;
}

function allAre(home: PlugHouse, expected: Partial<Appliance>): Promise<unknown> {
  return Promise.all(NAMES.map((name) => home.becomes(name, expected)));
}

function isRefused({ status, body }: Reply<Toggled>): void {
  expect({ status, body }).toMatchObject({ status: 502, body: { code: 'relay_unreachable' } });
}

/** The broker is back: how long until the plugs are, which is their own affair, and until everything is right. */
async function recovery(home: PlugHouse): Promise<{ readonly pluggedMs: number; readonly rightMs: number }> {
  const startMs = performance.now();
  await expect.poll(async () => (await home.fleet.connected()).length, PATIENTLY).toBe(NAMES.length);
  const pluggedMs = Math.round(performance.now() - startMs);
  return { pluggedMs, rightMs: pluggedMs + (await msUntilRight(home)) };
}

describe(`Mosquitto is away for ${OUTAGE_MS / 1000} s`, { timeout: 120_000 + 2 * OUTAGE_MS }, () => {
  let mosquitto: Mosquitto;
  let home: PlugHouse;

  beforeAll(async () => {
    mosquitto = await Mosquitto.start();
    home = await PlugHouse.open({ twins: TWINS, mosquitto, limits: { limit_w: 3 * RATED_W } });
    await adoptAll(home);
  }, 60_000);
  afterAll(async () => {
    await home?.remove();
    await mosquitto?.remove();
  });

  /** The first two are on, the others off. */
  async function begin(): Promise<boolean[][]> {
    for (const name of NAMES) expect((await home.api.toggle(name, false)).status, name).toBe(200);
    for (const name of NAMES.slice(0, 2)) expect((await home.api.toggle(name, true)).status, name).toBe(200);
    return written(home);
  }

  /** Only the OFF that was ordered meanwhile came, and the house is as it is. */
  async function isRecovered(before: readonly boolean[][]): Promise<void> {
    const since = (await written(home)).map((moves, index) => moves.slice(before[index]?.length));
    expect(since).toEqual([[false], [], [], []]);
    expect(await home.api.appliance('kettle')).toMatchObject({ is_on: false, relay_state: 'off' });
  }

  it('killed: what was ordered meanwhile is refused and never comes; an OFF is repeated, and obeyed', async () => {
    const before = await begin();
    await mosquitto.kill();
    const startMs = performance.now();
    await allAre(home, { relay_state: 'unknown', reserved_w: RATED_W });
    isRefused(await home.api.toggle('panel-heater', true));
    isRefused(await home.api.toggle('pump', true));
    isRefused(await home.api.toggle('kettle', false));
    expect((await home.api.load()).reserved_w).toBe(NAMES.length * RATED_W);
    await home.plug('boiler').button();
    await pause(systemClock, Math.max(0, OUTAGE_MS - (performance.now() - startMs)));
    await mosquitto.start();
    console.log(`Mosquitto was killed for ${OUTAGE_MS} ms; after it was back:`, await recovery(home));
    await isRecovered(before);
    expect((await home.api.load()).reserved_w).toBe(0);
  });

  it('stopped (SIGSTOP): the same, though its port still takes everything', async () => {
    const before = await begin();
    mosquitto.freeze();
    const startMs = performance.now();
    for (const reply of await Promise.all([home.api.toggle('panel-heater', true), home.api.toggle('kettle', false)]))
      isRefused(reply);
    await home.becomes('kettle', { is_on: false, relay_state: 'unknown', reserved_w: RATED_W });
    await home.becomes('panel-heater', { is_on: false, relay_state: 'unknown', reserved_w: RATED_W });
    await pause(systemClock, Math.max(0, OUTAGE_MS - (performance.now() - startMs)));
    mosquitto.thaw();
    console.log(`Mosquitto was stopped for ${OUTAGE_MS} ms; after it went on:`, await recovery(home));
    await isRecovered(before);
    expect(await home.plug('boiler').closed()).toEqual([1]);
  });

  it('a command that somebody retained for a plug is a button that nobody pressed (S9)', async () => {
    await begin();
    const kettle = home.plug('kettle');
    const somebody = await home.client('voltsafe', { clientId: 'old-automation' });
    onTestFinished(() => somebody.say('cmnd/kettle/POWER', '', true));
    expect((await home.api.toggle('kettle', false)).status).toBe(200);
    await somebody.say('cmnd/kettle/POWER', 'ON', true);
    // It is obeyed at once; it fits, and counts.
    await home.becomes('kettle', { is_on: true, relay_state: 'on', reserved_w: RATED_W });
    for (const [name, isOn] of [
      ['kettle', false],
      ['panel-heater', true],
      ['pump', true],
    ] as const)
      expect((await home.api.toggle(name, isOn)).status, name).toBe(200);
    // Now the house is full. The plug comes back, and the broker tells it to switch on.
    const { length: before } = await home.api.decisions();
    const { length: moved } = await kettle.written();
    await kettle.fault({ vanish: true });
    await home.becomes('kettle', { relay_state: 'unknown' });
    await kettle.fault({ vanish: false });
    await expect.poll(async () => (await kettle.written()).slice(moved), PATIENTLY).toEqual([true, false]);
    await home.becomes('kettle', { is_on: false, relay_state: 'off', reserved_w: 0 });
    const trail = (await home.api.decisions(before)).filter(({ appliance }) => appliance === 'kettle');
    expect(trail.filter(({ kind }) => kind === 'ordered')).toMatchObject([{ is_on: false, reason: 'unasked' }]);
  });
});
