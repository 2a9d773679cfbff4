import assert from 'node:assert/strict';
import { type Case, forEach } from './case.ts';
import { inRelayWorld, type Outcome, type RelaySubject, type RelayWorld } from './relay-world.ts';

type RelayCase = Case<RelaySubject>;

const eachChannel: RelayCase = {
  name: 'each channel goes on and off, and is read back so',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      for (let channel = 1; channel <= world.lastChannel; channel += 1) {
        for (const isOn of [true, true, false, true]) await world.obeys(channel, isOn);
        if (subject.abilities.readsBack) {
          const outcome = await world.place.settled(world.read());
          assert.deepEqual(outcome, { kind: 'read', states: world.coils() });
        }
      }
      assert.deepEqual(world.coils(), new Array(subject.channels).fill(true));
    }),
};

const firstOfAll: RelayCase = {
  name: 'a board that was never asked before obeys, and is told the truth of',
  run: (subject) =>
    inRelayWorld(subject, { isCold: true }, async (world) => {
      const outcome = await world.place.settled(world.set(1, true));
      assert.equal(outcome.kind, 'set');
      await world.place.until(() => world.coils()[0] === true, 1000);
      await world.works();
    }),
};

const missingChannels: RelayCase = {
  name: 'a channel that it has not is refused, and nothing is sent',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const before = world.tap.sent.length;
      await forEach([0, -1, subject.channels + 1, 1.5, Number.NaN], 'channel', async (channel) => {
        const outcome = await world.place.settled(world.set(channel, true));
        assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'exception');
      });
      assert.equal(world.tap.sent.length, before);
    }),
};

const severalAtOnce: RelayCase = {
  name: 'several at once: one exchange at a time, and all is as ordered in the end',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const wanted = Array.from({ length: subject.channels }, (_, index) => index % 3 !== 1);
      if (subject.channels > 1) world.board.pressButton(2);
      const sets = wanted.map((isOn, index) => world.set(index + 1, isOn));
      const reads = [world.read(), world.read()];
      for (const outcome of await world.place.settled(Promise.all(sets)))
        assert.deepEqual(outcome, { kind: 'set', proof: subject.abilities.proof });
      await world.place.settled(Promise.all(reads));
      await world.place.until(() => world.coils().every((isOn, index) => isOn === wanted[index]), 1000);
      await world.works();
    }),
};

const oneSpeaks: RelayCase = {
  name: 'nothing is sent while the board speaks, or before the last request has left',
  isTimed: true,
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const calls = [world.read(), world.set(1, true), world.set(1, false), world.read(), world.set(1, true)];
      await world.place.settled(Promise.all(calls));
      await world.place.idle(500);
      assertNoOverlap(world);
    }),
};

/** The times of the wire in memory are exact. */
function assertNoOverlap({ tap, place }: RelayWorld): void {
  const lastsMs = (bytes: Uint8Array) => bytes.length * place.bus.wire.charMs;
  const spans = [
    ...tap.sent.map(({ bytes, atMs }) => ({ startMs: atMs, endMs: atMs + lastsMs(bytes) })),
    ...tap.heard.map(({ bytes, endMs }) => ({ startMs: endMs - lastsMs(bytes), endMs })),
  ].sort((one, other) => one.startMs - other.startMs);
  spans.forEach((span, index) => {
    const next = spans[index + 1];
    // A nanosecond: sums of fractions of milliseconds.
    if (next) assert.ok(next.startMs >= span.endMs - 1e-6, `two spoke at ${next.startMs} ms`);
  });
}

const offOvertakes: RelayCase = {
  name: 'OFF is the very next exchange, whatever waits',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const { tap, place, lastChannel } = world;
      world.board.pressButton(lastChannel);
      const before = tap.sent.length;
      const waiting = [world.set(1, true), world.read(), world.set(1, true), world.read(), world.set(1, true)];
      await place.until(() => tap.sent.length > before);
      const underWay = tap.sent.length;
      let ahead: number | null = null;
      const started = (): void => {
        ahead = tap.sent.length - underWay;
      };
      const outcome = await place.settled(world.set(lastChannel, false, { started }));
      assert.equal(ahead, 0, 'exchanges that went ahead of the OFF');
      assert.equal(outcome.kind, 'set');
      await place.settled(Promise.all(waiting));
    }),
};

const noLongerWanted: RelayCase = {
  name: 'what is no longer valid when its turn comes is not sent',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const { tap, place, lastChannel } = world;
      const before = tap.sent.length;
      const refused = (outcome: Outcome, code = 'not_valid'): void =>
        assert.equal(outcome.kind === 'failed' && outcome.failure.code, code);
      refused(await place.settled(world.set(1, true, { stillValid: () => false })));
      const read = await place.settled(world.read({ stillValid: () => false }));
      refused(read, subject.abilities.readsBack ? 'not_valid' : 'no_read_back');
      assert.equal(tap.sent.length, before);
      let isWanted = true;
      const underWay = world.set(lastChannel, false);
      const waiting = world.set(lastChannel, true, { stillValid: () => isWanted });
      isWanted = false;
      await place.settled(underWay);
      refused(await place.settled(waiting));
      assert.equal(world.coils()[lastChannel - 1], false);
    }),
};

const allOff: RelayCase = {
  name: 'where it can switch all off in one exchange, all are off',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      if (!world.driver.allOff) return;
      for (let channel = 1; channel <= world.lastChannel; channel += 1) world.board.pressButton(channel);
      const before = world.tap.sent.length;
      const outcome = await world.place.settled(world.allOff());
      assert.equal(outcome.kind, 'set');
      assert.equal(world.tap.sent.length, before + 1);
      assert.deepEqual(world.coils(), new Array(subject.channels).fill(false));
    }),
};

const inputs: RelayCase = {
  name: 'where it has inputs, they are read as they are',
  run: (subject) =>
    inRelayWorld(subject, {}, async (world) => {
      const { readInputs } = world.driver;
      if (!readInputs) return;
      const read = () => world.place.settled(readInputs({ priority: 'read', stillValid: () => true }));
      for (const isPressed of [true, false]) {
        world.board.setInput(subject.channels, isPressed);
        assert.equal((await read())[subject.channels - 1], isPressed);
      }
    }),
};

export const SWITCHING: readonly RelayCase[] = [
  eachChannel,
  firstOfAll,
  missingChannels,
  severalAtOnce,
  oneSpeaks,
  offOvertakes,
  noLongerWanted,
  allOff,
  inputs,
];
