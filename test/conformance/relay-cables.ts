import assert from 'node:assert/strict';
import { babble, type Garbage, growthOf, randomGarbage, sameByte } from './babble.ts';
import { type Case, forEach } from './case.ts';
import { inRelayWorld, type Outcome, type RelaySubject, type RelayWorld } from './relay-world.ts';

type RelayCase = Case<RelaySubject>;

/** Before, in the middle of and behind the request, the reply and what waits behind them. */
const MOMENTS_MS = [0, 1, 2, 4, 6, 8.5, 10, 12, 14, 17, 20, 24, 30, 40, 60, 100, 200];

/** What is asked while the cable comes out: some of it has left, some waits. */
function askAll(world: RelayWorld): Promise<Outcome>[] {
  const last = world.lastChannel;
  return [
    world.set(1, true),
    world.read(),
    world.set(last, true),
    world.read(),
    world.set(1, false),
    world.set(last, true),
  ];
}

const replug: RelayCase = {
  name: 'out and in again in the middle of a frame: nothing that was asked before is sent after (S11)',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const calls = askAll(world);
      await world.place.until(() => world.tap.heard.length > 0 || world.tap.sent.length > 0);
      await pullAndPlug(world, calls);
    }),
};

const replugAtMoments: RelayCase = {
  name: 'the same at each moment of an exchange, also of the first on a fresh port',
  isTimed: true,
  run: (subject) =>
    forEach([false, true], 'never asked before:', (isCold) =>
      forEach(MOMENTS_MS, 'pulled after ms', (afterMs) =>
        inRelayWorld(subject, { isCold }, async (world) => {
          const calls = askAll(world);
          await world.place.idle(afterMs);
          await pullAndPlug(world, calls);
        }),
      ),
    ),
};

const replugWhileListening: RelayCase = {
  name: 'the same while the line waits out what may still come, and the port is back before that is over',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, { reopenMs: 10 }, async (world) => {
      world.board.setFaults({ mute: true });
      const calls = [world.read(), ...askAll(world)];
      await world.place.idle(subject.timeoutMs + 30);
      world.board.setFaults({ mute: false });
      await pullAndPlug(world, calls);
    }),
};

async function pullAndPlug(world: RelayWorld, asked: readonly Promise<Outcome>[]): Promise<void> {
  const { place, tap, line, lastChannel } = world;
  place.unplug();
  await place.until(() => !line.isOpen);
  const calls = [...asked, world.set(lastChannel, true), world.set(1, false), world.read()];
  const late = await place.settled(Promise.all(calls.slice(asked.length)));
  for (const outcome of late) assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'port_closed');
  const [sent, onWire, coils] = [tap.sent.length, world.onWire.length, world.coils()];
  place.plugIn();
  await place.until(() => line.isOpen);
  await place.idle(20_000);
  await place.settled(Promise.all(calls));
  assert.equal(tap.sent.length, sent, 'frames were handed to the port that was plugged in again');
  assert.equal(world.onWire.length, onWire, 'frames were on the wire after the re-plug');
  assert.deepEqual(world.coils(), coils, 'a relay moved after the re-plug');
  await world.works();
}

const echo: RelayCase = {
  name: 'behind an adapter that echoes it works',
  run: (subject) =>
    forEach([false, true], 'never asked before:', (isCold) =>
      inRelayWorld(subject, { echo: true, isCold }, async (world) => {
        if (isCold) await world.place.settled(Promise.all([world.set(1, true), world.set(1, false), world.read()]));
        await world.works();
        await world.works();
      }),
    ),
};

const echoAlone: RelayCase = {
  name: 'an echo is no answer where the board is dead',
  isTimed: true,
  run: (subject) =>
    forEach([false, true], 'never asked before:', (isCold) =>
      inRelayWorld(subject, { echo: true, isCold }, async (world) => {
        world.board.setFaults({ mute: true });
        const calls = [world.set(1, true), world.read(), world.set(1, false), world.allOff(), world.set(1, true)];
        for (const outcome of await world.place.settled(Promise.all(calls))) {
          assert.notEqual(outcome.kind, 'read');
          assert.notDeepEqual(outcome, { kind: 'set', proof: 'acknowledged' });
        }
        world.board.setFaults({ mute: false });
        // A dead board may have been taken for one that never answers: a fresh port asks anew.
        await world.replug();
        await world.works();
      }),
    ),
};

const powerCuts: RelayCase = {
  name: 'a board that loses power is not said to have obeyed, and works when it is back',
  isTimed: true,
  run: (subject) =>
    forEach(MOMENTS_MS, 'power gone after ms', (afterMs) =>
      inRelayWorld(subject, {}, async (world) => {
        world.board.pressButton(world.lastChannel);
        const calls = askAll(world);
        await world.place.idle(afterMs);
        world.board.setFaults({ power_cut: 700 });
        assert.equal(world.coils().includes(true), false);
        await world.place.settled(Promise.all(calls));
        await world.place.idle(1500);
        await world.works();
      }),
    ),
};

/** A call is one exchange or, where a reading takes one for each channel, given up at the first that is not answered. */
const EXCHANGES_AT_MOST = 5;

const neverAnswers: RelayCase = {
  name: 'a board that never answers: each call ends, in bounded time and with a DriverError',
  isTimed: true,
  run: (subject) =>
    forEach([false, true], 'never asked before:', (isCold) =>
      inRelayWorld(subject, { isCold }, async (world) => {
        world.board.setFaults({ mute: true });
        const limitMs = EXCHANGES_AT_MOST * 2 * subject.timeoutMs;
        for (const ask of [() => world.set(1, true), () => world.read(), () => world.set(1, false)]) {
          const outcome = await world.place.settled(ask(), limitMs);
          if (subject.abilities.proof === 'acknowledged' && !isCold) assert.equal(outcome.kind, 'failed');
          else assert.notDeepEqual(outcome, { kind: 'set', proof: 'acknowledged' });
        }
        await world.place.settled(Promise.all(askAll(world)), 6 * limitMs);
        world.board.setFaults({ mute: false });
        await world.replug();
        await world.works();
      }),
    ),
};

const endlessGarbage: RelayCase = {
  name: 'garbage without end: each call ends, nothing false is believed, and the line comes back',
  isTimed: true,
  run: (subject) =>
    forEach(garbagesFor(subject), 'garbage', ({ garbage }) =>
      inRelayWorld(subject, {}, async (world) => {
        const end = babble(world.place.clock, (bytes) => world.tap.inject(bytes), garbage);
        for (let round = 0; round < 3; round += 1)
          await world.place.settled(Promise.all(askAll(world)), 60 * EXCHANGES_AT_MOST * subject.timeoutMs);
        end();
        await world.place.idle(4 * subject.timeoutMs);
        await world.works();
      }),
    ),
};

interface Named {
  readonly garbage: Garbage;
  toString(): string;
}

function garbagesFor({ abilities }: RelaySubject): Named[] {
  const named = (name: string, garbage: Garbage): Named => ({ garbage, toString: () => name });
  const varied = [1, 2, 3].map((seed) => named(`random, seed ${seed}`, randomGarbage(seed)));
  if (abilities.noise === 'varied') return varied;
  return [...varied, ...[0x00, 0x01, 0xff, 0x3e].map((byte) => named(`${byte} again and again`, sameByte(byte)))];
}

const GARBAGE_BYTES = 1_000_000;
const PIECE_BYTES = 2000;
/** What timers and promises leave; the garbage itself is four times as much. */
const MAX_GROWTH_BYTES = 250_000;

/** Apart, for collecting garbage takes its time: on one twin of each family. */
export const RELAY_MEMORY: RelayCase = {
  name: 'much garbage is not kept',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const garbage = randomGarbage(4)(PIECE_BYTES);
      world.board.setFaults({ mute: true });
      const before = world.tap.sent.length;
      const call = world.read();
      await world.place.until(() => world.tap.sent.length > before);
      const growth = await growthOf(() => {
        for (let said = 0; said < GARBAGE_BYTES; said += PIECE_BYTES) world.tap.inject(garbage.slice());
      }, MAX_GROWTH_BYTES);
      assert.ok(growth < MAX_GROWTH_BYTES, `${growth} bytes more are held`);
      await world.place.settled(call);
      world.board.setFaults({ mute: false });
      await world.replug();
      await world.works();
    }),
};

export const CABLES: readonly RelayCase[] = [
  replug,
  replugAtMoments,
  replugWhileListening,
  echo,
  echoAlone,
  powerCuts,
  neverAnswers,
  endlessGarbage,
];
