import assert from 'node:assert/strict';
import { MAX_WAITING } from '../../relay-drivers/plugs/limits.ts';
import { type Case, forEach } from './case.ts';
import { inPlugWorld, type PlugOutcome, type PlugSubject, type PlugWorld } from './plug-world.ts';

type PlugCase = Case<PlugSubject>;

const eachChannel: PlugCase = {
  name: 'each channel goes on and off, and is read back so',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      for (let channel = 1; channel <= world.lastChannel; channel += 1) {
        for (const isOn of [true, true, false, false, true]) await world.obeys(channel, isOn);
        await world.readsTrue();
      }
      assert.deepEqual(world.coils(), new Array(subject.channels).fill(true));
    }),
};

const missingChannels: PlugCase = {
  name: 'a channel that it has not is refused, and nothing is sent',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const before = world.sent.length;
      await forEach([0, -1, subject.channels + 1, 1.5, Number.NaN], 'channel', async (channel) => {
        await world.fails(world.set(channel, true), 'exception');
      });
      assert.equal(world.sent.length, before);
    }),
};

const noLongerWanted: PlugCase = {
  name: 'what is no longer valid when its turn comes is not sent',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const before = world.sent.length;
      await world.fails(world.set(1, true, { stillValid: () => false }), 'not_valid');
      await world.fails(world.read({ stillValid: () => false }), 'not_valid');
      assert.equal(world.sent.length, before);
      let isWanted = true;
      const underWay = world.set(1, false);
      const waiting = world.set(1, true, { stillValid: () => isWanted });
      isWanted = false;
      await world.clock.settled(underWay);
      await world.fails(waiting, 'not_valid');
      assert.equal(world.coils()[0], false);
    }),
};

const askedWhenItLeaves: PlugCase = {
  name: 'whether it is valid is asked when it leaves, and not before; then it is told that it starts',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const events: string[] = [];
      const end = world.broker.watch(({ from }) => from === 'hub' && events.push('left'));
      const terms = {
        stillValid: () => events.push('valid?') > 0,
        started: () => events.push('started'),
      };
      await world.clock.settled(world.set(1, true, terms));
      assert.deepEqual(events.slice(0, 3), ['valid?', 'started', 'left']);
      end();
    }),
};

const severalAtOnce: PlugCase = {
  name: 'several at once: all is as ordered in the end',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const wanted = Array.from({ length: subject.channels }, (_, index) => index % 3 !== 1);
      if (subject.channels > 1) world.twin.pressButton(2);
      const sets = wanted.map((isOn, index) => world.set(index + 1, isOn));
      const reads = [world.read(), world.read()];
      for (const outcome of await world.clock.settled(Promise.all(sets)))
        assert.deepEqual(outcome, { kind: 'set', proof: 'acknowledged' });
      for (const outcome of await world.clock.settled(Promise.all(reads))) assert.equal(outcome.kind, 'read');
      assert.deepEqual(world.coils(), wanted);
      await world.works();
    }),
};

const oneAtATime: PlugCase = {
  name: 'one channel is told one thing at a time, and no channel waits for another',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      const left = new Set<string>();
      const order = (channel: number, isOn: boolean, what: string) =>
        world.set(channel, isOn, { started: () => left.add(what) });
      const orders = [order(1, true, 'first'), order(1, true, 'second')];
      if (world.lastChannel > 1) orders.push(order(2, true, 'other'));
      await world.clock.advance(100);
      assert.deepEqual([...left], world.lastChannel > 1 ? ['first', 'other'] : ['first']);
      world.twin.setFaults({ freeze: false });
      await world.clock.settled(Promise.all(orders));
      assert.ok(left.has('second'));
    }),
};

const offOvertakes: PlugCase = {
  name: 'OFF overtakes every ON that waits, and takes the place of the one that is under way',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      const left: string[] = [];
      const order = (isOn: boolean, what: string) => world.set(1, isOn, { started: () => left.push(what) });
      const [underWay, waiting] = [order(true, 'first'), order(true, 'second')];
      await world.clock.advance(100);
      const off = order(false, 'off');
      assert.deepEqual(left, ['first', 'off']);
      await world.fails(underWay, 'timeout');
      world.twin.setFaults({ freeze: false });
      assert.deepEqual(await world.clock.settled(off), { kind: 'set', proof: 'acknowledged' });
      assert.deepEqual(await world.clock.settled(waiting), { kind: 'set', proof: 'acknowledged' });
      assert.deepEqual(left, ['first', 'off', 'second']);
    }),
};

const sharedReadings: PlugCase = {
  name: 'those who wait for a reading share one',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      const before = world.sent.length;
      const perReading = world.protocol.queries(0).length;
      const reads = Array.from({ length: 20 }, () => world.read());
      for (const outcome of await world.clock.settled(Promise.all(reads))) assert.equal(outcome.kind, 'read');
      assert.ok(world.sent.length - before <= 2 * perReading, `${world.sent.length - before} questions`);
    }),
};

const bounded: PlugCase = {
  name: 'what waits is bounded, and each gets an answer',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      let failedCount = 0;
      const ask = async (one: Promise<PlugOutcome>) => {
        if ((await one).kind === 'failed') failedCount += 1;
      };
      const all = Array.from({ length: 1000 }, () => [ask(world.set(1, true)), ask(world.read())]).flat();
      await world.clock.settle();
      assert.ok(failedCount >= 2000 - 2 * (MAX_WAITING + 1), `${failedCount} were refused`);
      world.broker.stop();
      await world.clock.settled(Promise.all(all));
      assert.equal(failedCount, 2000);
    }),
};

const closing: PlugCase = {
  name: 'when it is closed all ends, and nothing is sent or told after it',
  run: (subject) =>
    inPlugWorld(subject, async (world) => {
      world.twin.setFaults({ freeze: true });
      // Of what it was told last it may speak at once, where it tells each change.
      const underWay = [world.set(1, true), ...(world.canBeAsked ? [world.read()] : [])];
      world.plug.close();
      for (const one of underWay) await world.fails(one, 'port_closed');
      const [sent, reports] = [world.sent.length, world.reports.length];
      world.twin.setFaults({ freeze: false });
      await world.fails(world.set(1, true), 'port_closed');
      await world.fails(world.read(), 'port_closed');
      await world.clock.advance(60_000);
      assert.deepEqual([world.sent.length, world.reports.length, world.plug.isOpen], [sent, reports, false]);
    }),
};

export const PLUG_SWITCHING: readonly PlugCase[] = [
  eachChannel,
  missingChannels,
  noLongerWanted,
  askedWhenItLeaves,
  severalAtOnce,
  oneAtATime,
  offOvertakes,
  sharedReadings,
  bounded,
  closing,
];

/** The first word of the device after what was done. */
export async function reported(world: PlugWorld, channel: number, isOn: boolean): Promise<void> {
  await world.clock.until(() => world.reports.some((one) => one.channel === channel && one.isOn === isOn), 10_000);
}
