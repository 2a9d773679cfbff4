import { describe, expect, it } from 'vitest';
import { type Clock, pause } from '../../relay-drivers/clock.ts';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { closedRig, openRig, terms } from './rig.ts';

const READ = '01 01 00 00 00 08 3D CC';
const ON_1 = '01 05 00 00 FF 00 8C 3A';

/** Takes bytes and never says that they left. */
class StuckPipe implements BytePipe {
  closings = 0;
  write(): Promise<void> {
    return new Promise(() => {});
  }
  onData(): void {}
  onClose(): void {}
  close(): void {
    this.closings += 1;
  }
}

/** Says that bytes left only some time after they did, as some USB adapters do. */
function slowlyDrained(pipe: BytePipe, clock: Clock, byMs: number): BytePipe {
  return {
    write: async (bytes) => {
      await pipe.write(bytes);
      await pause(clock, byMs);
    },
    onData: (listener) => pipe.onData(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}

describe('the port', () => {
  it('closed: rejects at once and keeps nothing for later (S11)', async () => {
    const { clock, driver, board, line } = closedRig();
    await expect(driver.setCoil(1, true, terms('on'))).rejects.toMatchObject({ code: 'port_closed' });
    line.start();
    await clock.advance(5000);
    expect(line.isOpen).toBe(true);
    expect(board.frames).toEqual([]);
  });

  it('lost in mid-frame: the exchange under way fails as sent, those that wait as not sent', async () => {
    const { clock, driver, board, line } = await openRig();
    board.faults.push({ kind: 'cut' });
    const under = driver.setCoil(1, true, terms('on'));
    const waiting = driver.setCoil(6, true, terms('on'));
    const outcomes = await clock.settled(Promise.allSettled([under, waiting]));
    expect(outcomes).toMatchObject([{ reason: { code: 'write_failed' } }, { reason: { code: 'port_closed' } }]);
    // At once: the clock stands still.
    await expect(driver.setCoil(6, true, terms('on'))).rejects.toMatchObject({ code: 'port_closed' });
    board.isReachable = true;
    await clock.until(() => line.isOpen);
    await clock.advance(5000);
    expect(board.frames).toEqual([ON_1]);
  });

  it('the time of a late reply outlives the port', async () => {
    const { clock, driver, board, line } = await openRig({ line: { backoff: { firstMs: 1, maxMs: 1 } } });
    board.faults.push({ kind: 'cut' });
    await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'write_failed' });
    board.isReachable = true;
    await clock.until(() => line.isOpen);
    const reading = driver.readCoils(terms('read'));
    await clock.advance(200);
    expect(board.frames).toEqual([READ]);
    await clock.settled(reading);
    expect(board.frames).toEqual([READ, READ]);
  });

  it('comes back with growing pauses, and says so', async () => {
    const { clock, board, line, states } = closedRig();
    board.isReachable = false;
    line.start();
    await clock.advance(400);
    expect(board.openings).toBe(1);
    await clock.advance(60_000);
    // At 0, 0.5, 1.5, 3.5, 7.5 s and every 5 s from there.
    expect(board.openings).toBe(15);
    board.isReachable = true;
    await clock.until(() => line.isOpen);
    board.unplug();
    await clock.settle();
    expect(states).toEqual([
      { isOpen: false, reason: 'no such device' },
      { isOpen: true },
      { isOpen: false, reason: 'the other end closed' },
    ]);
  });

  it('a port that comes and goes quickly keeps its longer pauses, one that stayed starts anew', async () => {
    const { clock, board, line } = await openRig({ hasRead: false });
    const pauseAfterLoss = async (openForMs: number): Promise<number> => {
      await clock.advance(openForMs);
      board.unplug();
      board.isReachable = true;
      const lostAtMs = clock.nowMs();
      await clock.settle();
      await clock.until(() => line.isOpen);
      return clock.nowMs() - lostAtMs;
    };
    expect(await pauseAfterLoss(0)).toBe(500);
    expect(await pauseAfterLoss(100)).toBe(1000);
    expect(await pauseAfterLoss(100)).toBe(2000);
    expect(await pauseAfterLoss(6000)).toBe(500);
  });

  it('an opening that hangs is given up, and closed when it succeeds after all', async () => {
    const late = Promise.withResolvers<BytePipe>();
    const { clock, line, states } = closedRig({ line: { openTimeoutMs: 1000, open: () => late.promise } });
    line.start();
    await clock.advance(1100);
    expect(states).toEqual([{ isOpen: false, reason: 'it did not open within 1000 ms' }]);
    const pipe = new StuckPipe();
    late.resolve(pipe);
    await clock.settle();
    expect(line.isOpen).toBe(false);
    expect(pipe.closings).toBe(1);
  });

  it('a port from which nothing is heard is opened afresh', async () => {
    const { clock, driver, board, line, states } = await openRig({ line: { maxSilent: 3 } });
    board.faults.push({ kind: 'deaf' }, { kind: 'deaf' }, { kind: 'deaf' });
    for (let turn = 0; turn < 3; turn += 1)
      await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'timeout' });
    expect(states.at(-1)).toMatchObject({ isOpen: false, reason: 'nothing was heard in 3 exchanges' });
    await clock.until(() => line.isOpen);
    expect(board.openings).toBe(2);
  });

  it('a write that never ends gives the port up: its bytes must not leave later', async () => {
    const pipe = new StuckPipe();
    const { clock, driver, line } = await openRig({ hasRead: false, line: { open: async () => pipe } });
    await expect(clock.settled(driver.readCoils(terms('read')))).rejects.toMatchObject({ code: 'write_failed' });
    expect(line.isOpen).toBe(false);
    expect(pipe.closings).toBe(1);
  });

  it('closed while a job waits out a silence: the job is rejected and no timer is left', async () => {
    const { clock, driver, line } = await openRig();
    const waiting = driver.readCoils(terms('read')).catch((failure: unknown) => failure);
    await clock.advance(1);
    expect(clock.pending).toBe(1);
    line.close();
    expect(await waiting).toMatchObject({ code: 'port_closed' });
    expect(clock.pending).toBe(0);
  });

  it('a reply that overtakes a slow drain is given at once, and the next exchange waits for the drain', async () => {
    const { clock, driver, board } = await openRig({
      hasRead: false,
      wrap: (pipe, time) => slowlyDrained(pipe, time, 100),
    });
    const answers: number[] = [];
    const note = () => answers.push(clock.nowMs());
    const both = [driver.readCoils(terms('read')).then(note), driver.readCoils(terms('read')).then(note)];
    await clock.advance(99);
    expect([answers.length, board.frames.length]).toEqual([1, 1]);
    await clock.settled(Promise.all(both));
    expect(board.frames.length).toBe(2);
  });

  it('closed for good: rejects what waits, opens no more, leaves no timer behind', async () => {
    const { clock, driver, board, line } = await openRig();
    const outcomes = Promise.allSettled([driver.readCoils(terms('read')), driver.readCoils(terms('read'))]);
    await clock.advance(5);
    line.close();
    expect(await outcomes).toMatchObject([{ reason: { code: 'write_failed' } }, { reason: { code: 'port_closed' } }]);
    await clock.advance(60_000);
    expect(board.openings).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
