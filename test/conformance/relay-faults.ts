import assert from 'node:assert/strict';
import { type Case, forEach } from './case.ts';
import { inRelayWorld, type Outcome, type RelaySubject, type RelayWorld } from './relay-world.ts';
import { flipped } from './tap.ts';

type RelayCase = Case<RelaySubject>;

/** A bit of everything, one after the other. The world holds each answer against the board. */
async function stir(world: RelayWorld): Promise<Outcome[]> {
  const last = world.lastChannel;
  const calls = [
    () => world.set(1, true),
    () => world.read(),
    () => world.set(last, true),
    () => world.set(1, false),
    () => world.read(),
    () => world.set(last, false),
    () => world.read(),
  ];
  const outcomes: Outcome[] = [];
  for (const call of calls) outcomes.push(await world.place.settled(call()));
  return outcomes;
}

/** The same, all asked for at once. */
function stirAtOnce(world: RelayWorld): Promise<Outcome[]> {
  const last = world.lastChannel;
  return world.place.settled(
    Promise.all([world.set(1, true), world.read(), world.set(last, true), world.set(1, false), world.read()]),
  );
}

function isAnswered(outcome: Outcome): boolean {
  return outcome.kind === 'read' || (outcome.kind === 'set' && outcome.proof === 'acknowledged');
}

const lostReplies: RelayCase = {
  name: 'replies that are lost end in an error, and the next one is right',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      world.board.setFaults({ drop_replies: 1 });
      assert.equal((await stir(world)).some(isAnswered), false, 'an answer that nobody gave');
      world.board.setFaults({ drop_replies: 0 });
      await world.works();
    }),
};

const lostRequests: RelayCase = {
  name: 'requests that are lost are not acknowledged',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      world.board.setFaults({ drop_requests: 1 });
      assert.equal((await stir(world)).some(isAnswered), false, 'an answer that nobody gave');
      assert.equal(world.coils().includes(true), false);
      world.board.setFaults({ drop_requests: 0 });
      await world.works();
    }),
};

/** Of the timeout. Until twice as long the line listens for what comes late; later than that nothing can be told. */
const LATE = [0.5, 0.9, 1.05, 1.4, 1.75];

const lateReplies: RelayCase = {
  name: 'a reply that comes late is not taken for the answer to what was asked since',
  isTimed: true,
  run: (subject) =>
    forEach(LATE, 'late by timeouts', (share) =>
      inRelayWorld(subject, { chunkBytes: 3 }, async (world) => {
        world.board.setFaults({ delay_ms: share * subject.timeoutMs });
        await stir(world);
        await stirAtOnce(world);
        world.board.setFaults({ delay_ms: 0 });
        await world.works();
      }),
    ),
};

const PIECES = [undefined, 3, 1] as const;

const doubles: RelayCase = {
  name: 'requests and replies that come twice make nothing wrong',
  isTimed: true,
  run: (subject) =>
    forEach(PIECES, 'in pieces of', (chunkBytes) =>
      forEach(['duplicate_replies', 'duplicate_requests'] as const, 'fault', (fault) =>
        inRelayWorld(subject, chunkBytes === undefined ? {} : { chunkBytes }, async (world) => {
          world.board.setFaults({ [fault]: 1 });
          await stir(world);
          await stirAtOnce(world);
          world.board.setFaults({ [fault]: 0 });
          await world.place.idle(2 * subject.timeoutMs);
          await world.works();
        }),
      ),
    ),
};

const ROUNDS = 8;

const randomlySpoilt: RelayCase = {
  name: 'under losses, doubles and damage by chance only the truth is told',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      world.board.setFaults({ drop: 0.15, duplicate: 0.15, corrupt_replies: 0.15, corrupt_requests: 0.1 });
      for (let round = 0; round < ROUNDS; round += 1) {
        await stir(world);
        await stirAtOnce(world);
      }
      world.board.setFaults({ drop: 0, duplicate: 0, corrupt_replies: 0, corrupt_requests: 0 });
      await world.works();
    }),
};

/** The lowest bit turns 0 into 1, the highest makes it no text, all together 00 into FF. */
const BITS = [0x01, 0x02, 0x80, 0xff];

const oneWrongByte: RelayCase = {
  name: 'whichever byte of a reply is wrong, no answer is',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const every = subject.abilities.withstands === 'every_reply';
      const asks = [() => world.set(1, true), () => world.read(), () => world.set(1, false), () => world.read()];
      const longest = await longestReply(world, asks);
      for (let at = 0; at < longest; at += 1) {
        for (const bits of BITS) {
          for (const ask of asks) {
            world.tap.meddle((reply, index) => (every || index === 0 ? flipped(reply, at, bits) : reply));
            await world.place.settled(ask());
          }
          assert.deepEqual(world.lies, [], `byte ${at} with ${bits} turned over`);
        }
      }
      world.tap.meddle();
      await world.works();
    }),
};

async function longestReply(world: RelayWorld, asks: readonly (() => Promise<Outcome>)[]): Promise<number> {
  const before = world.tap.heard.length;
  for (const ask of asks) await world.place.settled(ask());
  return Math.max(0, ...world.tap.heard.slice(before).map(({ bytes }) => bytes.length));
}

const cutReplies: RelayCase = {
  name: 'a reply without its end is none, nor one whose beginning is lost',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const asks = [() => world.set(1, true), () => world.read(), () => world.set(1, false), () => world.read()];
      const longest = await longestReply(world, asks);
      for (let at = 1; at < longest; at += 1) {
        for (const ask of asks) {
          world.tap.meddle((reply) => reply.subarray(0, Math.max(0, reply.length - at)));
          await world.place.settled(ask());
          world.tap.meddle((reply) => reply.subarray(at));
          await world.place.settled(ask());
        }
        assert.deepEqual(world.lies, [], `${at} bytes lost`);
      }
      world.tap.meddle();
      await world.works();
    }),
};

const NOISE: readonly (readonly number[])[] = [[0x00], [0x01], [0xff], [0x00, 0xff], [0x0d, 0x0a], [0x41, 0x54, 0x0d]];

const noiseAround: RelayCase = {
  name: 'noise right before or behind a reply makes no wrong answer of it',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const asks = [() => world.set(1, true), () => world.read(), () => world.set(1, false), () => world.read()];
      for (const noise of NOISE) {
        for (const isAhead of [true, false]) {
          for (const ask of asks) {
            const around = (reply: Uint8Array) =>
              Uint8Array.from(isAhead ? [...noise, ...reply] : [...reply, ...noise]);
            world.tap.meddle(around);
            await world.place.settled(ask());
          }
          assert.deepEqual(world.lies, [], `${noise.join(' ')} ${isAhead ? 'before' : 'behind'} it`);
        }
      }
      world.tap.meddle();
      await world.works();
    }),
};

const stuckRelay: RelayCase = {
  name: 'a relay that does not move is not read as moved, nor said to have moved where the board tells its state',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const { readsBack, confirms } = subject.abilities;
      world.board.setFaults({ stuck: [1] });
      const set = world.driver.setCoil(1, true, { priority: 'on', stillValid: () => true });
      const isTaken = await world.place.settled(set.then(() => true).catch(() => false));
      assert.equal(isTaken, confirms === 'order');
      const read = await world.place.settled(world.read());
      assert.equal(read.kind, readsBack ? 'read' : 'failed');
      world.honest();
      world.board.setFaults({ stuck: [] });
      await world.works();
    }),
};

type Ask = readonly [name: string, ask: (world: RelayWorld) => Promise<Outcome>];

const ASKS: readonly Ask[] = [
  ['read', (world) => world.read()],
  ['on 1', (world) => world.set(1, true)],
  ['off 1', (world) => world.set(1, false)],
  ['on last', (world) => world.set(world.lastChannel, true)],
  ['off last', (world) => world.set(world.lastChannel, false)],
];

/** The last channel of a board of one is the first. */
function pairs({ channels }: RelaySubject) {
  const asks = channels > 1 ? ASKS : ASKS.slice(0, 3);
  return asks.flatMap((before) => asks.filter((now) => now !== before).map((now) => [before, now] as const));
}

const replyOfBefore: RelayCase = {
  name: 'the reply to the exchange before does not answer this one',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      for (const [[beforeName, before], [nowName, now]] of pairs(subject)) {
        const from = world.tap.heard.length;
        await world.place.settled(before(world));
        const stale = world.tap.heard.slice(from).at(-1)?.bytes;
        if (!stale) continue;
        await answeredWith(world, stale, () => now(world));
        assert.deepEqual(world.lies, [], `the reply to ${beforeName} came as that to ${nowName}`);
      }
      await world.works();
    }),
};

/** The board's own answer is lost; where a reply tells what it answers, the request is lost as well. */
async function answeredWith(world: RelayWorld, stale: Uint8Array, ask: () => Promise<Outcome>): Promise<void> {
  const { place, tap, board, subject } = world;
  const isLost = subject.abilities.tellsReplies;
  // Somebody presses the button in between: what was said of the relays is no longer so.
  for (let channel = 1; channel <= subject.channels; channel += 1) board.pressButton(channel);
  board.setFaults({ drop_requests: isLost ? 1 : 0 });
  tap.meddle(() => null);
  const sent = tap.sent.length;
  const answer = ask();
  await place.until(() => tap.sent.length > sent);
  const leftMs = (tap.sent.at(-1)?.bytes.length ?? 0) * place.bus.wire.charMs;
  place.clock.after(leftMs + 15, () => tap.inject(stale));
  await place.settled(answer);
  board.setFaults({ drop_requests: 0 });
  tap.meddle();
}

export const FAULTS: readonly RelayCase[] = [
  lostReplies,
  lostRequests,
  lateReplies,
  doubles,
  randomlySpoilt,
  oneWrongByte,
  cutReplies,
  noiseAround,
  replyOfBefore,
  stuckRelay,
];
