import assert from 'node:assert/strict';
import type { Case } from './case.ts';
import { garbled, isJson, lacking } from './plug-garbage.ts';
import { inPlugWorld, LOADS_W, type PlugSubject, type PlugWorld } from './plug-world.ts';

type PlugCase = Case<PlugSubject>;

/** Asked as the supervisor asks it, for so long. */
async function supervised(world: PlugWorld, forMs: number): Promise<void> {
  const endMs = world.clock.nowMs() + forMs;
  while (world.clock.nowMs() < endMs) {
    await world.clock.settled(world.read());
    await world.clock.advance(world.plug.pace.pollMs);
  }
}

async function allOn(world: PlugWorld): Promise<void> {
  for (let channel = 1; channel <= world.lastChannel; channel += 1) await world.obeys(channel, true);
}

const powerIsTrue: PlugCase = {
  name: 'power is told in milliwatts as it is, and at least as often as is said',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const { powerEveryMs } = world.plug;
      if (powerEveryMs === null) return;
      await allOn(world);
      const channels = Array.from({ length: world.lastChannel }, (_, index) => index + 1);
      for (const turn of [1, 2]) {
        for (const channel of channels) world.twin.draw(channel, (LOADS_W[channel - 1] ?? 0) * turn);
        world.truth.note();
        const sinceMs = world.clock.nowMs();
        await supervised(world, 10 * powerEveryMs);
        for (const channel of channels) toldOften(world, channel, sinceMs, powerEveryMs);
      }
    }),
};

/** A little late at times, for it is asked by a clock that is not its own. */
const SLACK = 1.2;

function toldOften(world: PlugWorld, channel: number, sinceMs: number, everyMs: number): void {
  const told = world.readings.filter((one) => one.channel === channel && one.atMs >= sinceMs);
  const moments = [sinceMs, ...told.map(({ atMs }) => atMs), world.clock.nowMs()];
  const gaps = moments.map((atMs, index) => atMs - (moments[index - 1] ?? atMs));
  assert.ok(Math.max(...gaps) <= SLACK * everyMs, `channel ${channel} told nothing for ${Math.max(...gaps)} ms`);
  const last = told.at(-1)?.reading.powerMw ?? Number.NaN;
  assert.ok(Math.abs(last - world.twin.powerW(channel) * 1000) <= world.subject.powerStepMw / 2, `${last} mW at last`);
}

const energyIsTrue: PlugCase = {
  name: 'energy, where it is told, is what flowed',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      if (world.plug.powerEveryMs === null) return;
      await world.obeys(1, true);
      await supervised(world, 4 * 3_600_000);
      const energies = world.readings.flatMap(({ channel, reading, atMs }) =>
        channel === 1 && reading.energyImportMwh !== null ? [{ atMs, mwh: reading.energyImportMwh }] : [],
      );
      const [first, last] = [energies[0], energies.at(-1)];
      if (first === undefined || last === undefined) return;
      const flowedMwh = ((last.atMs - first.atMs) / 3_600_000) * world.twin.powerW(1) * 1000;
      // It counts now and then, and in steps of up to a watt-hour.
      assert.ok(Math.abs(last.mwh - first.mwh - flowedMwh) < 0.02 * flowedMwh + 2000, `${last.mwh - first.mwh} mWh`);
    }),
};

interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** What the device says while all is on and stays so: each message once by its topic and its fields, and each is true. */
async function aLife(world: PlugWorld): Promise<readonly Message[]> {
  await allOn(world);
  await supervised(world, 120_000);
  await world.obeys(1, false);
  await world.obeys(1, true);
  world.twin.report();
  await supervised(world, 120_000);
  const latest = new Map(world.said.map(({ topic, payload }) => [`${topic} ${shapeOf(payload)}`, { topic, payload }]));
  const told: Message[] = [];
  for (const message of latest.values()) if (await isTrue(world, message)) told.push(message);
  return told;
}

/** Said once more it is no lie: the others were said of a moment that is past. */
async function isTrue(world: PlugWorld, { topic, payload }: Message): Promise<boolean> {
  const before = world.lies.length;
  world.broker.client('echo').publish(topic, payload);
  await world.clock.advance(1000);
  const isWhole = world.lies.length === before && world.plug.isOpen;
  world.lies.length = before;
  return isWhole;
}

function shapeOf(payload: string): string {
  return isJson(payload) ? payload.replace(/:[^,{}[\]]+/g, '') : '';
}

const partial: PlugCase = {
  name: 'a message that lacks something tells nothing untrue: no 0 W where power is not told',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const messages = await aLife(world);
      const stranger = world.broker.client('stranger');
      for (const { topic, payload } of messages) {
        for (const part of lacking(payload)) stranger.publish(topic, part);
        await world.clock.settle();
      }
      await world.clock.advance(5000);
      await again(world);
    }),
};

const babble: PlugCase = {
  name: 'what is no message of its family never throws, and tells nothing untrue',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const messages = await aLife(world);
      const stranger = world.broker.client('stranger');
      for (const { topic, payload } of messages) {
        for (const bytes of garbled(payload, subject.readsQuoted === true)) stranger.publish(topic, bytes);
        await world.clock.settle();
      }
      await world.clock.advance(5000);
      await again(world);
    }),
};

/** Somebody's garbage may have said that it restarted, or is gone: its own next words put that right. */
async function again(world: PlugWorld): Promise<void> {
  world.honest();
  world.twin.cutPower(1000);
  await world.clock.advance(5000);
  await world.clock.until(() => world.plug.isOpen);
  await world.clock.advance(1000);
  await world.works();
}

export const PLUG_POWER: readonly PlugCase[] = [powerIsTrue, energyIsTrue, partial, babble];
