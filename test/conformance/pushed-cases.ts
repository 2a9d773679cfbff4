import assert from 'node:assert/strict';
import { type Garbage, growthOf, randomGarbage, sameByte } from './babble.ts';
import { type Case, forEach } from './case.ts';
import { inPushedWorld, type PushedSubject, type PushedWorld } from './pushed-world.ts';
import { flipped, type Meddling } from './tap.ts';

type PushedCase = Case<PushedSubject>;

const right: PushedCase = {
  name: 'what it measures is told to the milliwatt, with its sign and its phases',
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      for (const index of subject.truths.keys()) await world.works(index);
      assert.equal(world.damageCount, 0);
    }),
};

const inPieces: PushedCase = {
  name: 'however its telegrams are cut',
  isTimed: true,
  run: (subject) =>
    forEach([1, 7, 64, 1000], 'pieces of', (chunkBytes) =>
      inPushedWorld(subject, { chunkBytes }, async (world) => {
        for (const index of subject.truths.keys()) await world.works(index);
        assert.equal(world.damageCount, 0);
      }),
    ),
};

const partialFirst: PushedCase = {
  name: 'the first telegram heard only in part is no reading, and the next one is',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, {}, async (first) => {
      await first.nextTelegram();
      const length = first.tap.heard[0]?.bytes.length ?? 0;
      await forEach(steps(1, length, 40), 'without its first bytes:', (from) =>
        inPushedWorld(subject, {}, async (world) => {
          world.tap.meddle((telegram, index) => (index === 0 ? telegram.subarray(from) : telegram));
          await world.nextTelegram();
          assert.deepEqual(world.readings, []);
          await world.nextTelegram();
          assert.equal(world.readings.length, 1);
        }),
      );
    }),
};

const silent: PushedCase = {
  name: 'while it is silent nothing is told',
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      world.twin.setFaults({ mute: true });
      await world.place.idle(10 * subject.everyMs);
      assert.deepEqual(world.readings, []);
      world.twin.setFaults({ mute: false });
      await world.works();
    }),
};

const byChance: PushedCase = {
  name: 'lost, late and doubled telegrams tell nothing false',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, { chunkBytes: 100 }, async (world) => {
      world.twin.setFaults({ drop: 0.3, duplicate: 0.3, delay_ms: subject.everyMs / 3 });
      for (let turn = 0; turn < 20; turn += 1) {
        world.measure(turn);
        await world.place.idle(subject.everyMs);
      }
      assert.ok(world.readings.length > 0);
      world.twin.setFaults({ drop: 0, duplicate: 0, delay_ms: 0 });
      await world.works();
    }),
};

/** What is no text is found without a check as well. */
const BITS = { checked: [0x01, 0x04, 0x80, 0xff], unchecked: [0x80, 0xff] } as const;

const wrongBytes: PushedCase = {
  name: 'whichever byte of a telegram is wrong, no reading is',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      const length = await lengthOf(world);
      for (const at of steps(0, length, 60)) {
        for (const bits of subject.isChecked ? BITS.checked : BITS.unchecked)
          await spoilt(world, (telegram) => flipped(telegram, at, bits), `byte ${at} with ${bits} turned over`);
      }
      world.tap.meddle();
      await world.works();
    }),
};

const missingBytes: PushedCase = {
  name: 'whichever bytes of a telegram are lost, no reading is wrong',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      // Without a check a digit that is lost is not missed (dsmr-p1: v2.2, v3 and D0).
      if (!subject.isChecked) return;
      const length = await lengthOf(world);
      for (const at of steps(0, length, 60)) {
        for (const count of [1, 16, 400]) {
          const rest: Meddling = (telegram) =>
            Uint8Array.from([...telegram.subarray(0, at), ...telegram.subarray(at + count)]);
          await spoilt(world, rest, `${count} bytes lost from ${at}`);
        }
      }
      world.tap.meddle();
      await world.works();
    }),
};

async function spoilt(world: PushedWorld, meddling: Meddling, what: string): Promise<void> {
  world.tap.meddle(meddling);
  await world.nextTelegram();
  assert.deepEqual(world.lies, [], what);
}

async function lengthOf(world: PushedWorld): Promise<number> {
  await world.nextTelegram();
  return world.tap.heard[0]?.bytes.length ?? 0;
}

/** About `count` of the numbers from `from` to `to`; those at both ends are among them. */
function steps(from: number, to: number, count: number): number[] {
  const each = Math.max(1, Math.floor((to - from) / count));
  const evenly = Array.from({ length: Math.ceil((to - from) / each) }, (_, index) => from + index * each);
  return [...new Set([...evenly, ...[8, 7, 6, 5, 4, 3, 2, 1].map((back) => to - back)])].filter((at) => at >= from);
}

const powerCuts: PushedCase = {
  name: 'a meter that loses power in the middle of a telegram tells nothing false',
  isTimed: true,
  run: (subject) =>
    forEach([0.01, 0.02, 0.03, 0.05, 0.08, 0.2, 0.4], 'of its period', (share) =>
      inPushedWorld(subject, { chunkBytes: 10 }, async (world) => {
        await world.nextTelegram();
        const before = world.tap.heard.length;
        await world.place.until(() => world.tap.heard.length > before);
        await world.place.idle(share * subject.everyMs);
        world.twin.setFaults({ power_cut: 1.3 * subject.everyMs });
        world.measure(1);
        await world.works(2);
      }),
    ),
};

const replug: PushedCase = {
  name: 'out and in again in the middle of a telegram: its two halves are not put together',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      const length = await lengthOf(world);
      for (const at of steps(1, length, 12)) {
        world.readings.length = 0;
        world.measure(at);
        world.tap.meddle((telegram) => telegram.subarray(0, at));
        await world.nextTelegram();
        world.place.unplug();
        await world.place.until(() => !world.listener.state.isOpen);
        world.place.plugIn();
        await world.place.until(() => world.listener.state.isOpen);
        world.measure(at + 1);
        world.tap.meddle((telegram, index) => (index === 0 ? telegram.subarray(at) : telegram));
        await world.nextTelegram();
        assert.deepEqual(world.lies, [], `cut at ${at}`);
        world.tap.meddle();
        await world.works(at + 2);
      }
    }),
};

const replugAnywhere: PushedCase = {
  name: 'out and in again: it is heard again',
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      await world.works();
      world.place.unplug();
      await world.place.until(() => !world.listener.state.isOpen);
      world.place.plugIn();
      await world.place.until(() => world.listener.state.isOpen);
      await world.works(2);
    }),
};

const GARBAGE_BYTES = 100_000;
const PIECE_BYTES = 1000;

function say(world: PushedWorld, garbage: Garbage, count: number): void {
  const piece = garbage(PIECE_BYTES);
  for (let said = 0; said < count; said += PIECE_BYTES) world.tap.inject(piece.slice());
}

const garbage: PushedCase = {
  name: 'garbage without end: nothing is told, and its telegrams are found again',
  isTimed: true,
  run: (subject) =>
    forEach([randomGarbage(1), ...[0x00, 0x2f, 0x1b, 0x21].map(sameByte)], 'garbage', (each) =>
      inPushedWorld(subject, {}, async (world) => {
        say(world, each, GARBAGE_BYTES);
        assert.deepEqual(world.readings, []);
        await world.works();
      }),
    ),
};

const MUCH_GARBAGE_BYTES = 600_000;
const MAX_GROWTH_BYTES = 200_000;

/** Apart, for collecting garbage takes its time: on one twin of each family. */
export const PUSHED_MEMORY: PushedCase = {
  name: 'much garbage is not kept',
  isTimed: true,
  run: (subject) =>
    inPushedWorld(subject, {}, async (world) => {
      const growth = await growthOf(() => say(world, randomGarbage(2), MUCH_GARBAGE_BYTES), MAX_GROWTH_BYTES);
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more are held`);
    }),
};

/** What every family of meters that talk by themselves keeps. */
export const PUSHED_CASES: readonly PushedCase[] = [
  right,
  inPieces,
  partialFirst,
  silent,
  byChance,
  wrongBytes,
  missingBytes,
  powerCuts,
  replug,
  replugAnywhere,
  garbage,
];
