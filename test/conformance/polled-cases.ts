import assert from 'node:assert/strict';
import { babble, growthOf, randomGarbage, sameByte } from './babble.ts';
import { type Case, forEach } from './case.ts';
import { inPolledWorld, type PolledSubject, type PolledWorld, type Read } from './meter-world.ts';
import { flipped } from './tap.ts';

type PolledCase = Case<PolledSubject>;

/** Several readings one after the other, of something else each time. */
async function readSome(world: PolledWorld, count = 4): Promise<Read[]> {
  const readings: Read[] = [];
  for (let index = 0; index < count; index += 1) {
    world.measure(index);
    readings.push(await world.place.settled(world.read()));
  }
  return readings;
}

const right: PolledCase = {
  name: 'what it measures is told to the milliwatt, with its sign and its phases',
  run: (subject) =>
    forEach(
      subject.truths.map((_, index) => index),
      'truth',
      (index) =>
        inPolledWorld(subject, {}, async (world) => {
          world.measure(index);
          const truth = subject.truths[index];
          assert.deepEqual(await world.place.settled(world.read()), truth && subject.seen(truth));
        }),
    ),
};

const severalAtOnce: PolledCase = {
  name: 'readings asked for at once do not mix',
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      world.measure(1);
      const readings = await world.place.settled(Promise.all([world.read(), world.read(), world.read()]));
      assert.equal(readings.includes(null), false);
    }),
};

const noLongerWanted: PolledCase = {
  name: 'what is no longer wanted when its turn comes is not sent',
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      assert.equal(await world.place.settled(world.read({ stillValid: () => false })), null);
      assert.equal(world.tap.sent.length, 0);
      await world.works();
    }),
};

/** Values, a total and energies, each given up and listened for. */
const EXCHANGES_AT_MOST = 3;

const silent: PolledCase = {
  name: 'a meter that never answers: an error in bounded time, never a reading of nothing',
  isTimed: true,
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      world.twin.setFaults({ mute: true });
      for (let turn = 0; turn < 3; turn += 1)
        assert.equal(await world.place.settled(world.read(), EXCHANGES_AT_MOST * 2 * subject.timeoutMs), null);
      world.twin.setFaults({ mute: false });
      await world.place.idle(subject.timeoutMs);
      await world.works();
    }),
};

const lost: PolledCase = {
  name: 'lost replies and lost requests end in an error, and the next reading is right',
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      for (const fault of ['drop_replies', 'drop_requests'] as const) {
        world.twin.setFaults({ [fault]: 1 });
        assert.equal(await world.place.settled(world.read()), null);
        world.twin.setFaults({ [fault]: 0 });
        await world.works();
      }
    }),
};

/** Of the timeout; see relay-faults.ts. */
const LATE = [0.5, 0.9, 1.05, 1.4, 1.7];

const late: PolledCase = {
  name: 'a reply that comes late is no later reading',
  isTimed: true,
  run: (subject) =>
    forEach(LATE, 'late by timeouts', (share) =>
      inPolledWorld(subject, { chunkBytes: 3 }, async (world) => {
        world.twin.setFaults({ delay_ms: share * subject.timeoutMs });
        await readSome(world, 6);
        world.twin.setFaults({ delay_ms: 0 });
        await world.works();
      }),
    ),
};

const doubles: PolledCase = {
  name: 'requests and replies that come twice make no wrong reading',
  isTimed: true,
  run: (subject) =>
    forEach(['duplicate_replies', 'duplicate_requests'] as const, 'fault', (fault) =>
      inPolledWorld(subject, { chunkBytes: 3 }, async (world) => {
        world.twin.setFaults({ [fault]: 1 });
        await readSome(world, 6);
        world.twin.setFaults({ [fault]: 0 });
        await world.place.idle(2 * subject.timeoutMs);
        await world.works();
      }),
    ),
};

const BITS = [0x01, 0x80, 0xff];

const oneWrongByte: PolledCase = {
  name: 'whichever byte of a reply is wrong or missing, no reading is',
  isTimed: true,
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      await readSome(world, 1);
      const longest = Math.max(...world.tap.heard.map(({ bytes }) => bytes.length));
      for (let at = 0; at < longest; at += 1) {
        for (const bits of BITS) {
          world.tap.meddle((reply) => flipped(reply, at, bits));
          await readSome(world, 1);
        }
        world.tap.meddle((reply) => Uint8Array.from([...reply.subarray(0, at), ...reply.subarray(at + 1)]));
        await readSome(world, 2);
        assert.deepEqual(world.lies, [], `byte ${at}`);
      }
      world.tap.meddle();
      await world.works();
    }),
};

const replyOfBefore: PolledCase = {
  name: 'the reply to another question of the reading before is not taken',
  isTimed: true,
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      await readSome(world, 1);
      const before = world.tap.heard.map(({ bytes }) => bytes);
      world.measure(1);
      for (const [place, stale] of before.entries()) {
        // A reply numbers nothing: that to the same question cannot be told from an older one (line/README.md).
        world.tap.meddle((reply, index) => (index === place || stale.length === reply.length ? reply : stale));
        await world.place.settled(world.read());
        assert.deepEqual(world.lies, [], `reply ${place}`);
      }
      world.tap.meddle();
      await world.works();
    }),
};

const echo: PolledCase = {
  name: 'behind an adapter that echoes it is read, and an echo alone is no reading',
  isTimed: true,
  run: (subject) =>
    inPolledWorld(subject, { echo: true }, async (world) => {
      world.twin.setFaults({ mute: true });
      assert.equal(await world.place.settled(world.read()), null);
      world.twin.setFaults({ mute: false });
      await world.place.idle(subject.timeoutMs);
      await world.works();
      world.twin.setFaults({ mute: true });
      assert.equal(await world.place.settled(world.read()), null);
    }),
};

const MOMENTS_MS = [0, 2, 5, 9, 15, 25, 40, 45, 50, 60, 80, 120];

const powerCuts: PolledCase = {
  name: 'a meter that loses power gives an error, and is read when it is back',
  isTimed: true,
  run: (subject) =>
    forEach(MOMENTS_MS, 'power gone after ms', (afterMs) =>
      inPolledWorld(subject, {}, async (world) => {
        const calls = [world.read(), world.read()];
        await world.place.idle(afterMs);
        world.twin.setFaults({ power_cut: 3000 });
        await world.place.settled(Promise.all(calls));
        await world.place.idle(4000);
        await world.works();
      }),
    ),
};

const replug: PolledCase = {
  name: 'out and in again in the middle of a frame: nothing that was asked before is sent after (S11)',
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      const calls = [world.read(), world.read()];
      await world.place.until(() => world.tap.sent.length > 0);
      await pullAndPlug(world, calls);
    }),
};

const replugAtMoments: PolledCase = {
  name: 'the same at each moment of a reading',
  isTimed: true,
  run: (subject) =>
    forEach(MOMENTS_MS, 'pulled after ms', (afterMs) =>
      inPolledWorld(subject, {}, async (world) => {
        const calls = [world.read(), world.read()];
        await world.place.idle(afterMs);
        await pullAndPlug(world, calls);
      }),
    ),
};

async function pullAndPlug(world: PolledWorld, calls: readonly Promise<Read>[]): Promise<void> {
  const { place, tap, line } = world;
  place.unplug();
  await place.until(() => !line.isOpen);
  await place.settled(Promise.all(calls));
  assert.equal(await place.settled(world.read()), null);
  const [sent, onWire] = [tap.sent.length, world.onWire.length];
  place.plugIn();
  await place.until(() => line.isOpen);
  await place.idle(20_000);
  assert.equal(tap.sent.length, sent, 'frames were handed to the port that was plugged in again');
  assert.equal(world.onWire.length, onWire, 'frames were on the wire after the re-plug');
  await world.works(2);
}

const garbage: PolledCase = {
  name: 'garbage without end: each call ends, no reading is wrong, and the line comes back',
  isTimed: true,
  run: (subject) =>
    forEach([randomGarbage(1), randomGarbage(2), sameByte(0), sameByte(0xff)], 'garbage', (each) =>
      inPolledWorld(subject, {}, async (world) => {
        const end = babble(world.place.clock, (bytes) => world.tap.inject(bytes), each);
        await readSome(world, 6);
        end();
        await world.place.idle(4 * subject.timeoutMs);
        await world.works();
      }),
    ),
};

const GARBAGE_BYTES = 1_000_000;
const PIECE_BYTES = 2000;
const MAX_GROWTH_BYTES = 250_000;

/** Apart, for collecting garbage takes its time: on one twin of each family. */
export const POLLED_MEMORY: PolledCase = {
  name: 'much garbage is not kept',
  isTimed: true,
  run: (subject) =>
    inPolledWorld(subject, {}, async (world) => {
      const piece = randomGarbage(4)(PIECE_BYTES);
      world.twin.setFaults({ mute: true });
      const call = world.read();
      await world.place.until(() => world.tap.sent.length > 0);
      const growth = await growthOf(() => {
        for (let said = 0; said < GARBAGE_BYTES; said += PIECE_BYTES) world.tap.inject(piece.slice());
      }, MAX_GROWTH_BYTES);
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more are held`);
      await world.place.settled(call);
    }),
};

/** What every family of meters that are asked keeps. */
export const POLLED_CASES: readonly PolledCase[] = [
  right,
  severalAtOnce,
  noLongerWanted,
  silent,
  lost,
  late,
  doubles,
  oneWrongByte,
  replyOfBefore,
  echo,
  powerCuts,
  replug,
  replugAtMoments,
  garbage,
];
