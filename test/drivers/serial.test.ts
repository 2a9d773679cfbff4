import { type ScryptOptions, scrypt as scryptWithCallback } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import * as nodePty from '@lydell/node-pty';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Clock } from '../../relay-drivers/clock.ts';
import { Line } from '../../relay-drivers/line/line.ts';
import { encodeBitsReply } from '../../relay-drivers/modbus-coils/codec.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { realPorts } from '../../relay-drivers/transport/open.ts';
import { hex, text } from './captured.ts';
import { realClock } from './real-clock.ts';
import { settings, terms } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

const scrypt = promisify<string, string, number, ScryptOptions, Buffer>(scryptWithCallback);
/** Of libuv's pool. */
const THREADS = 4;

const READ = '01 01 00 00 00 08 3D CC';
const ON_1 = '01 05 00 00 FF 00 8C 3A';

/** What node-pty's open() gives; it is missing in its types. */
interface Pty {
  readonly _pty: string;
  readonly _slave: ReadStream;
  readonly _master: ReadStream;
}
const { open } = nodePty as unknown as { open(options: { encoding: null }): Pty };

interface PtyBoard {
  readonly path: string;
  readonly heard: string[];
  isDeaf: boolean;
  unplug(): void;
  say(bytes: Uint8Array): void;
  stopReading(): void;
}

/** A board at the far end of a pseudo terminal: echoes writes, reads all off. */
function ptyBoard(): PtyBoard {
  const pty = open({ encoding: null });
  // node-pty reads the near end too and would take our bytes away; somebody must hold that end, or the far one hangs up.
  const holder = openSync(pty._pty, constants.O_RDWR | constants.O_NOCTTY);
  pty._slave.destroy();
  const master = pty._master;
  const stream = new RequestStream();
  const board: PtyBoard = {
    path: pty._pty,
    heard: [],
    isDeaf: false,
    unplug: () => master.destroy(),
    say: (bytes) => void master.write(bytes),
    stopReading: () => master.pause(),
  };
  master.on('error', () => {});
  master.on('data', (bytes: Buffer) => {
    for (const { request, frame } of stream.push(bytes)) {
      board.heard.push(text(frame));
      if (board.isDeaf) continue;
      master.write(
        request.kind === 'read_coils' ? encodeBitsReply('read_coils', 1, new Array<boolean>(8).fill(false)) : frame,
      );
    }
  });
  onTestFinished(() => {
    board.unplug();
    closeSync(holder);
  });
  return board;
}

function lineTo(path: string, clock: Clock): Line {
  const port = { path, baud: 9600, parity: 'none' as const };
  const line = new Line({ open: realPorts(clock)(port), clock, baud: 9600, backoff: { firstMs: 20, maxMs: 20 } });
  onTestFinished(() => line.close());
  line.start();
  return line;
}

describe('a real serial port (pseudo terminal)', () => {
  it('carries exchanges both ways', async () => {
    const board = ptyBoard();
    const line = lineTo(board.path, realClock);
    const driver = createModbusCoils(settings(), line);
    await vi.waitFor(() => expect(line.isOpen).toBe(true));
    await driver.setCoil(1, true, terms('on'));
    expect(await driver.readCoils(terms('read'))).toEqual(new Array(8).fill(false));
    expect(board.heard).toEqual([READ, ON_1, READ]);
  });

  it('a path that does not exist: the reason is told, and nothing is kept', async () => {
    const line = lineTo('/dev/does-not-exist', realClock);
    await vi.waitFor(() =>
      expect(line.state).toMatchObject({ reason: expect.stringContaining('/dev/does-not-exist') }),
    );
    await expect(createModbusCoils(settings(), line).setCoil(1, true, terms('on'))).rejects.toMatchObject({
      code: 'port_closed',
    });
  });

  it('unplugged in the middle of an exchange: it fails, the port is down, the next one is refused', async () => {
    const board = ptyBoard();
    const line = lineTo(board.path, realClock);
    const driver = createModbusCoils(settings(), line);
    await vi.waitFor(() => expect(line.isOpen).toBe(true));
    await driver.readCoils(terms('read'));
    board.isDeaf = true;
    const under = driver.setCoil(1, true, terms('on')).catch((failure: unknown) => failure);
    await vi.waitFor(() => expect(board.heard).toHaveLength(2));
    board.unplug();
    expect(await under).toMatchObject({ code: 'write_failed' });
    await expect(driver.setCoil(1, true, terms('on'))).rejects.toMatchObject({ code: 'port_closed' });
  });

  it('unplugged while it is being read, which serialport misses: the port is down all the same', async () => {
    const board = ptyBoard();
    const pipe = await realPorts(realClock)({ path: board.path, baud: 9600, parity: 'none' })();
    const reasons: string[] = [];
    pipe.onClose((reason) => reasons.push(reason));
    // The threads that read are all busy: the read that this byte begins meets a cable that is out.
    const busy = Array.from({ length: THREADS }, () => scrypt('a', 'b', 64, { N: 2 ** 16, maxmem: 2 ** 28 }));
    board.say(Uint8Array.of(1));
    await new Promise(setImmediate);
    board.unplug();
    await Promise.all(busy);
    await vi.waitFor(() => expect(reasons).toEqual([expect.stringContaining('disconnected')]), 10_000);
  });

  it('a port whose bytes do not leave is given up', async () => {
    const board = ptyBoard();
    board.stopReading();
    const clock = new VirtualClock();
    const pipe = await realPorts(clock)({ path: board.path, baud: 9600, parity: 'none' })();
    const reasons: string[] = [];
    pipe.onClose((reason) => reasons.push(reason));
    const writing = pipe.write(new Uint8Array(1_000_000)).catch((failure: unknown) => String(failure));
    await expect(pipe.write(Uint8Array.of(1))).rejects.toThrow('has not left yet');
    await clock.advance(2000);
    expect(await writing).toContain('stuck');
    expect(reasons).toEqual([expect.stringContaining('stuck')]);
  });

  it('what is written to a closed pipe never leaves, not even on the next one (S11)', async () => {
    const board = ptyBoard();
    const open = realPorts(realClock)({ path: board.path, baud: 9600, parity: 'none' });
    const closed = await open();
    const reasons: string[] = [];
    closed.onClose((reason) => reasons.push(reason));
    closed.close();
    await expect(closed.write(hex(ON_1))).rejects.toThrow('closed');
    expect(reasons).toEqual(['closed']);
    const fresh = await vi.waitFor(open);
    onTestFinished(() => fresh.close());
    await fresh.write(hex(READ));
    await vi.waitFor(() => expect(board.heard).toContain(READ));
    expect(board.heard).toEqual([READ]);
  });
});
