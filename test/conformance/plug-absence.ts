import assert from 'node:assert/strict';
import { type Case, forEach } from './case.ts';
import { inPlugWorld, type PlugSubject, type PlugWorld } from './plug-world.ts';

type PlugCase = Case<PlugSubject>;

/** Longer than anything here retries, polls or waits. */
const LONG_MS = 120_000;

/** S11: while it is away nothing is sent and nothing kept; when it is back nothing of it happens. */
async function refusesAndForgets(world: PlugWorld): Promise<void> {
  const before = world.sent.length;
  for (const isOn of [true, false]) await world.fails(world.set(1, isOn), 'port_closed');
  await world.fails(world.read(), 'port_closed');
  assert.equal(world.sent.length, before);
}

async function nothingLate(world: PlugWorld, back: () => void): Promise<void> {
  const before = world.coils();
  const commands = world.commands.length;
  back();
  await world.clock.until(() => world.plug.isOpen && world.twin.isConnected, LONG_MS);
  await world.clock.advance(LONG_MS);
  assert.deepEqual(world.coils(), before);
  assert.equal(world.commands.length, commands);
}

const offline: PlugCase = {
  name: 'offline by its last will: refused, nothing is sent or kept, and on its return nothing happens late',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const underWay = world.set(1, true);
      world.twin.setFaults({ vanish: true });
      await world.fails(underWay, 'port_closed');
      assert.match(world.plug.state.isOpen ? '' : world.plug.state.reason, /last will/);
      await refusesAndForgets(world);
      await nothingLate(world, () => world.twin.setFaults({ vanish: false }));
      await world.works();
    }),
};

const offlineAtStart: PlugCase = {
  name: 'offline since before the hub started: refused, and what it said when it lived confirms nothing',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      await world.obeys(1, true);
      world.twin.setFaults({ vanish: true });
      world.restartHub();
      const early = [world.read(), world.set(1, true)];
      for (const one of early) assert.equal((await world.clock.settled(one)).kind, 'failed');
      // Where nobody keeps its will it may be there: it is asked, and nobody answers.
      if (world.hasKeptWill) {
        await world.clock.until(() => !world.plug.isOpen);
        await refusesAndForgets(world);
      }
      await nothingLate(world, () => world.twin.setFaults({ vanish: false }));
      await world.works();
    }),
};

const brokerStops: PlugCase = {
  name: 'the broker stops: what is under way fails at once, nothing is sent or kept, and nothing happens late',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      const order = world.set(1, true);
      const waiting = world.set(1, true);
      const reading = world.canBeAsked ? [world.read()] : [];
      const atMs = world.clock.nowMs();
      world.broker.stop();
      for (const one of [order, waiting, ...reading]) await world.fails(one, 'port_closed');
      assert.equal(world.clock.nowMs(), atMs);
      world.twin.setFaults({ freeze: false });
      await refusesAndForgets(world);
      await world.clock.advance(60_000);
      await nothingLate(world, () => world.broker.start());
      await world.works();
    }),
};

const brokerForgets: PlugCase = {
  name: 'the broker comes back without its retained messages: all is right again when the device is',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      await world.obeys(1, true);
      world.broker.stop();
      world.broker.forget();
      world.broker.start();
      await world.clock.until(() => world.twin.isConnected, LONG_MS);
      await world.clock.advance(1000);
      await world.works();
    }),
};

/** A restored disk, an old container: the broker tells again what was said in another life, and no will was told since. */
const brokerRemembers: PlugCase = {
  name: 'the broker comes back with old retained messages: it is not believed to be off before it lives again',
  run: (subject) =>
    forEach(['switched on by hand', 'gone for good'], 'is', (what) =>
      inPlugWorld(subject, async (world) => {
        for (let channel = 1; channel <= world.lastChannel; channel += 1)
          for (const isOn of [true, false]) await world.obeys(channel, isOn);
        world.broker.stop();
        if (what === 'gone for good') world.twin.close(false);
        else for (let channel = 1; channel <= world.lastChannel; channel += 1) world.twin.pressButton(channel);
        world.twin.setFaults({ vanish: true });
        world.broker.start();
        for (let turn = 0; turn < 5; turn += 1) {
          await world.fails(world.read(), 'timeout');
          await world.clock.advance(10_000);
        }
        world.twin.setFaults({ vanish: false });
        world.twin.start();
        await world.clock.until(() => world.twin.isConnected, LONG_MS);
        // Whatever it says first: at no moment what was kept passes for it.
        for (let turn = 0; turn < 20; turn += 1) await world.clock.settled(world.read());
        if (world.isMute) world.twin.report();
        await world.clock.advance(1000);
        await world.works();
      }),
    ),
};

/** The hub alone starts anew: what the broker keeps is true, and a device that says so is believed without being switched. */
const hubRestarts: PlugCase = {
  name: 'the hub starts anew: each relay is read as it is once the device said that it is there',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      await world.obeys(1, true);
      world.restartHub();
      if (world.isMute) {
        await world.fails(world.read(), 'timeout');
        world.twin.report();
      }
      await world.readsTrue();
      await world.works();
    }),
};

const powerCut: PlugCase = {
  name: 'it loses power: closed until it is back, nothing is repeated by itself, and then it is read as it is',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      for (let channel = 1; channel <= world.lastChannel; channel += 1) await world.obeys(channel, true);
      const before = world.openings.length;
      const underWay = world.set(1, false);
      world.twin.cutPower(5000);
      await world.fails(underWay, 'port_closed');
      assert.equal(world.plug.isOpen, false);
      await world.clock.until(() => world.plug.isOpen, LONG_MS);
      assert.deepEqual(world.openings.slice(before, before + 2), [false, true]);
      await world.clock.advance(LONG_MS);
      // Its contact opened with its power; the firmware put it back as it was.
      assert.deepEqual(world.coils(), new Array(subject.channels).fill(true));
      await world.works();
    }),
};

const frozenAndCut: PlugCase = {
  name: 'frozen, its ON given up and cut: when it thaws nothing is switched late',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      await world.fails(world.set(1, true), 'timeout');
      world.plug.abandon(1);
      await world.clock.advance(5000);
      world.twin.setFaults({ freeze: false });
      await world.clock.advance(LONG_MS);
      assert.deepEqual(
        world.twin.log().filter(({ on }) => on),
        [],
      );
      await world.clock.until(() => world.plug.isOpen, LONG_MS);
      await world.works();
    }),
};

const frozen: PlugCase = {
  name: 'frozen and nobody knows: nothing is confirmed; when it thaws it obeys in order and is read as it is',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      await world.fails(world.set(1, true), 'timeout');
      await world.fails(world.read(), 'timeout');
      await world.fails(world.set(1, false), 'timeout');
      await world.fails(world.read(), 'timeout');
      world.twin.setFaults({ freeze: false });
      await world.clock.advance(1000);
      assert.equal(world.coils()[0], false);
      await world.works();
    }),
};

export const PLUG_ABSENCE: readonly PlugCase[] = [
  offline,
  offlineAtStart,
  brokerStops,
  brokerForgets,
  brokerRemembers,
  hubRestarts,
  powerCut,
  frozenAndCut,
  frozen,
];
