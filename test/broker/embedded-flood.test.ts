import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generate } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BROKER_LIMITS } from '../../daemon/broker/limits.ts';
import { connectPacket } from './embedded-raw.ts';
import { folder } from './embedded-rig.ts';

const CONNECTIONS = 100;
const MB = 1024 * 1024;

interface Measured {
  readonly rssBytes: number;
  readonly heldBytes: number;
  readonly connections: number;
}

/** The first bytes of a CONNECT that promises so much. */
const PROMISES = {
  'more than may come, in one go': [0x10, 0x80, 0x80, 0x40],
  'as much as may come': [0x10, 0x80, 0xa0, 0x01],
} as const;

describe('100 MB of CONNECTs that never end, on 100 connections', () => {
  it.each(Object.entries(PROMISES))('that promise %s cost under 20 MB', async (_name, header) => {
    const broker = await measured();
    // What is needed for the first client is no cost of the flood.
    await loggedIn(broker.port);
    const before = await broker.ask();
    const sockets = Array.from({ length: CONNECTIONS }, () => flood(broker.port, Buffer.from(header)));
    let most = before;
    await vi.waitFor(
      async () => {
        const now = await broker.ask();
        if (now.rssBytes > most.rssBytes) most = now;
        expect(now.heldBytes).toBeLessThanOrEqual(BROKER_LIMITS.bytesBeforeLoginInAll);
        expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
      },
      { timeout: 10_000, interval: 5 },
    );
    const grownMb = (most.rssBytes - before.rssBytes) / MB;
    process.stdout.write(`unfinished CONNECTs: ${CONNECTIONS} connections, RSS +${grownMb.toFixed(1)} MB\n`);
    expect(grownMb).toBeLessThan(20);
    await loggedIn(broker.port);
    await vi.waitFor(async () => expect(await broker.ask()).toMatchObject({ heldBytes: 0, connections: 0 }));
  });

  it('of which each stops one byte short cost under 20 MB while they wait', async () => {
    const broker = await measured();
    await loggedIn(broker.port);
    const before = await broker.ask();
    const whole = Buffer.from(PROMISES['as much as may come']);
    for (let count = 0; count < CONNECTIONS; count += 1) {
      open(broker.port).write(Buffer.concat([whole, Buffer.alloc(BROKER_LIMITS.connectPacketBytes - 1)]));
    }
    let now = before;
    await vi.waitFor(
      async () => {
        now = await broker.ask();
        expect(now.heldBytes).toBeGreaterThanOrEqual(CONNECTIONS * BROKER_LIMITS.connectPacketBytes);
        expect(now.heldBytes).toBeLessThanOrEqual(BROKER_LIMITS.bytesBeforeLoginInAll);
      },
      { timeout: 4_000, interval: 5 },
    );
    const grownMb = (now.rssBytes - before.rssBytes) / MB;
    process.stdout.write(`CONNECTs held: ${now.heldBytes} bytes, RSS +${grownMb.toFixed(1)} MB\n`);
    expect(grownMb).toBeLessThan(20);
    await loggedIn(broker.port);
  });
});

/** 1 MB, as fast as it is taken. */
function flood(port: number, header: Buffer): Socket {
  const socket = open(port);
  socket.write(header);
  const piece = Buffer.alloc(16 * 1024);
  let left = MB;
  const more = (): void => {
    while (left > 0) {
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
  return socket;
}

function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function loggedIn(port: number): Promise<void> {
  const socket = open(port);
  const answers: Buffer[] = [];
  socket.on('data', (bytes) => answers.push(bytes));
  socket.write(generate(connectPacket('plug1')));
  await vi.waitFor(() => expect(Buffer.concat(answers)).toEqual(Buffer.from([0x20, 2, 0, 0])), 5_000);
  socket.destroy();
}

async function measured() {
  const program = fileURLToPath(new URL('./embedded-flooded.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder()], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  const port = Number(new URL(await line()).port);
  const ask = async (): Promise<Measured> => {
    child.stdin.write('?\n');
    return JSON.parse(await line());
  };
  return { port, ask };
}
