import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import type { Clock } from '../../relay-drivers/clock.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { PacedWire } from '../../relay-drivers/simulator/paced-wire.ts';
import { type PtyPort, servePty } from '../../relay-drivers/simulator/pty-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { hex } from '../drivers/captured.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { closed, only } from './desk.ts';
import * as F from './frames.ts';
import { openSerialClient, type SerialClient } from './serial-client.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'voltsafe-pty-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function serve(linkPath = join(folder(), 'board'), clock: Clock = systemClock) {
  const bus = createBus({ baud: 9600, boards: [{ channels: 8 }] }, clock, seededRandom(1));
  const port = servePty(bus.wire, clock, linkPath);
  onTestFinished(() => port.close());
  return { bus, board: only(bus.boards), port, linkPath };
}

async function connect({ path }: PtyPort): Promise<SerialClient> {
  const client = await openSerialClient(path);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await client.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { ...client, close };
}

describe('a board on a pseudo terminal', () => {
  it('answers a serial port, in order, and no faster than the wire', async () => {
    const { board, port, bus } = serve();
    const client = await connect(port);
    const startMs = systemClock.nowMs();
    await client.exchange(F.ON_1, F.ON_1);
    await client.exchange(F.READ_COILS, '01 01 01 01 90 48');
    for (const frame of [F.ON_6, F.OFF_1, F.ON_1]) await client.exchange(frame, frame);
    expect(closed(board)).toEqual([1, 6]);
    // Five requests and the four replies between them, each request ended by its silence.
    const wireMs = (5 * 8 + 8 + 6 + 8 + 8) * bus.wire.charMs + 5 * bus.wire.gapMs;
    expect((board.log().at(-1)?.at_ms ?? 0) - startMs).toBeGreaterThanOrEqual(wireMs);
  });

  it('carries every byte value: no echo, no line editing, no flow control', async () => {
    const { port, board } = serve();
    board.setInput(1, true);
    board.setInput(2, true);
    board.setInput(5, true);
    const client = await connect(port);
    // 13 is XOFF, 0A and 0D are line ends, 03 and 1A end programs on a terminal in its usual mode.
    await client.exchange(F.READ_INPUTS, '01 02 01 13 E0 45');
    await client.exchange('01 0F 00 00 00 08 01 0D 3F 50', F.WROTE_8);
    await client.exchange(F.READ_COILS, '01 01 01 0D 90 4D');
  });

  it('does not take its own words for a request while no client has set up the terminal', async () => {
    const { port, board, bus } = serve();
    const hostSends = vi.spyOn(bus.wire, 'hostSends');
    const said = new Promise<void>((resolve) => {
      bus.wire.onHostHears(() => resolve());
    });
    board.setFaults({ banner: true });
    await said;
    const client = await connect(port);
    await client.exchange(F.ON_1, F.ON_1);
    expect(hostSends.mock.calls.flatMap(([bytes]) => [...bytes])).toEqual([...hex(F.ON_1)]);
  });

  it('goes on when its client leaves, and tells the next one how things are', async () => {
    const { port } = serve();
    const first = await connect(port);
    await first.exchange(F.ON_1, F.ON_1);
    await first.close();
    const second = await connect(port);
    await second.exchange(F.READ_COILS, '01 01 01 01 90 48');
    await second.close();
    await (await connect(port)).exchange(F.OFF_1, F.OFF_1);
  });
});

describe('a client that floods or does not read', () => {
  it('has to wait for the wire, as on a real port: nothing piles up', async () => {
    const clock = new VirtualClock();
    const { bus, port } = serve(undefined, clock);
    const client = await connect(port);
    let bytes = 0;
    let longestMs = 0;
    const hostSends = vi.spyOn(bus.wire, 'hostSends').mockImplementation((chunk) => {
      const leftMs = PacedWire.prototype.hostSends.call(bus.wire, chunk);
      bytes += chunk.length;
      longestMs = Math.max(longestMs, bus.wire.backlogMs());
      return leftMs;
    });
    onTestFinished(() => hostSends.mockRestore());
    client.send(new Uint8Array(200_000));
    await expect.poll(() => clock.advance(5000).then(() => bytes), { interval: 1, timeout: 10_000 }).toBe(200_000);
    // All of it takes 208 s; a second and one read of the terminal is what may wait.
    expect(longestMs).toBeLessThan(100_000);
  });

  it('loses what it did not read, and is served when it is back', async () => {
    const clock = new VirtualClock();
    const { board, port } = serve(undefined, clock);
    for (let round = 0; round < 4000; round += 1) board.setFaults({ banner: true });
    await clock.advance(300_000);
    const client = await connect(port);
    client.send(hex(F.READ_COILS));
    await expect.poll(() => clock.advance(50).then(client.heard), { interval: 5 }).toMatch(/01 01 01 00 51 88$/);
    // One greeting may have stood in the way of the flood.
    expect(client.heard().length).toBeLessThan(300);
  });
});

describe('the link to the device', () => {
  it('is there while the board is, and gone afterwards', () => {
    const { port, linkPath } = serve();
    expect(lstatSync(linkPath).isSymbolicLink()).toBe(true);
    expect(port.path).toBe(linkPath);
    port.close();
    expect(isThere(linkPath)).toBe(false);
  });

  it('replaces an older link, and leaves a newer one alone', () => {
    const linkPath = join(folder(), 'board');
    symlinkSync('/dev/null', linkPath);
    const first = serve(linkPath);
    const second = serve(linkPath);
    const target = readlinkSync(linkPath);
    first.port.close();
    expect(readlinkSync(linkPath)).toBe(target);
    second.port.close();
    expect(isThere(linkPath)).toBe(false);
  });

  /** A link counts also when it leads nowhere any more. */
  function isThere(path: string): boolean {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  }

  it('never replaces a file', () => {
    const linkPath = join(folder(), 'precious');
    writeFileSync(linkPath, 'kept');
    expect(() => serve(linkPath)).toThrow('not a symbolic link');
    expect(readFileSync(linkPath, 'utf8')).toBe('kept');
  });
});
