import assert from 'node:assert/strict';
import { type Case, forEach } from './case.ts';
import { reported } from './plug-switching.ts';
import { inPlugWorld, type PlugSubject } from './plug-world.ts';

type PlugCase = Case<PlugSubject>;

const ownButton: PlugCase = {
  name: 'its own button is told, and read',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      for (let channel = 1; channel <= world.lastChannel; channel += 1) {
        for (const isOn of [true, false]) {
          world.reports.length = 0;
          world.twin.pressButton(channel);
          await reported(world, channel, isOn);
          await world.readsTrue();
        }
      }
    }),
};

const answersLate: PlugCase = {
  name: 'an answer that comes too late does not acknowledge the next order',
  run: (subject) =>
    // In the time of the next order, and of the one after it, which wants the same again.
    forEach([1.5, 2.25], 'times the timeout', (factor) =>
      inPlugWorld(subject, async (world) => {
        const lateMs = world.protocol.timeoutMs * factor;
        world.lateMs = lateMs;
        world.twin.setFaults({ delay_ms: lateMs });
        for (const isOn of [true, false, true]) await world.fails(world.set(1, isOn), 'timeout');
        world.twin.setFaults({ delay_ms: 0 });
        await world.clock.advance(2 * lateMs);
        world.lateMs = 0;
        await world.works();
      }),
    ),
};

/**
 * The word OFF is on its way; ON and OFF are sent to a device that does not read. Whoever takes the old word for the
 * answer believes that it is off, and then the ON is read.
 */
const oldWord: PlugCase = {
  name: 'a word from before an order that was not answered does not acknowledge the one after it',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      if (!world.canBeAsked) return;
      const { twin, clock } = world;
      world.lateMs = 500;
      twin.setFaults({ delay_ms: 500 });
      const early = world.read();
      await clock.advance(100);
      twin.setFaults({ freeze: true, delay_ms: 0 });
      const [on, off] = [world.set(1, true), world.set(1, false)];
      const late = world.read();
      await clock.advance(500);
      await world.fails(on, 'timeout');
      await world.fails(off, 'timeout');
      await world.fails(late, 'timeout');
      await clock.settled(early);
      twin.setFaults({ freeze: false });
      await clock.advance(1000);
      const closings = twin.log().filter(({ channel, what, on }) => channel === 1 && what === 'contact' && on).length;
      assert.equal(closings, 1, 'the ON was carried out late, as the case wants it');
      await world.obeys(1, false);
      await world.works();
    }),
};

const saysOtherwise: PlugCase = {
  name: 'a device that tells another state than was ordered has not acknowledged it',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const { numbersAnswers } = world.protocol;
      for (const isOn of [true, false]) await world.obeys(1, isOn);
      world.twin.setFaults({ stuck: [1] });
      const outcome = world.plug.setCoil(1, true, { priority: 'on', stillValid: () => true }).then(
        () => 'acknowledged',
        ({ code }) => code,
      );
      // Where answers have numbers, the order was understood; what became of it is read.
      assert.ok(
        ['timeout', ...(numbersAnswers ? ['acknowledged', 'exception'] : [])].includes(
          await world.clock.settled(outcome),
        ),
      );
      if (world.canBeAsked) await world.readsTrue();
      world.twin.setFaults({ stuck: [] });
      await world.obeys(1, true);
    }),
};

const ghost: PlugCase = {
  name: 'what the broker kept of it confirms nothing, and is not told',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      await world.obeys(1, true);
      await world.clock.advance(60_000);
      const kept = world.said.filter(({ isRetained }) => !isRetained);
      world.twin.setFaults({ freeze: true });
      world.plug.close();
      const haunting = world.broker.client('ghost');
      for (const { topic, payload } of kept) haunting.publish(topic, payload, { retain: true });
      await world.clock.settle();
      const before = [world.reports.length, world.readings.length];
      world.restartHub();
      await world.fails(world.set(1, true), 'timeout');
      await world.fails(world.read(), 'timeout');
      assert.deepEqual([world.reports.length, world.readings.length], before);
      assert.equal(world.plug.isOpen, true);
      world.twin.setFaults({ freeze: false });
    }),
};

const lossy: PlugCase = {
  name: 'lost messages: what was not answered is asked again, and nothing untrue is told meanwhile',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ drop: 0.4, duplicate: 0.2 });
      for (let turn = 0; turn < 40; turn += 1) {
        await world.clock.settled(world.set(1 + (turn % world.lastChannel), turn % 2 === 0));
        if (turn % 5 === 0) await world.clock.settled(world.read());
        if (turn % 7 === 0) world.twin.pressButton(1);
      }
      world.twin.setFaults({ drop: 0, duplicate: 0 });
      await world.clock.advance(10_000);
      if (world.canBeAsked) await world.works();
    }),
};

export const PLUG_DOUBTS: readonly PlugCase[] = [ownButton, answersLate, oldWord, saysOtherwise, ghost, lossy];
