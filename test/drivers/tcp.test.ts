import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Line } from '../../relay-drivers/line/line.ts';
import { encodeBitsReply } from '../../relay-drivers/modbus-coils/codec.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { parseTcpPath } from '../../relay-drivers/transport/address.ts';
import { realPorts } from '../../relay-drivers/transport/open.ts';
import { openTcp } from '../../relay-drivers/transport/tcp.ts';
import { realClock } from './real-clock.ts';
import { settings, terms } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Adapter {
  readonly path: string;
  readonly sockets: Socket[];
  /** How each connection ended. */
  readonly ends: string[];
}

/** A serial-to-network adapter with a board behind it, on loopback. */
async function adapter(): Promise<Adapter> {
  const sockets: Socket[] = [];
  const ends: string[] = [];
  const server = createServer((socket) => {
    const stream = new RequestStream();
    sockets.push(socket);
    socket.on('error', (failure: NodeJS.ErrnoException) => ends.push(failure.code ?? 'error'));
    socket.on('end', () => ends.push('end'));
    socket.on('data', (bytes: Buffer) => {
      for (const { request, frame } of stream.push(bytes)) {
        socket.write(
          request.kind === 'read_coils' ? encodeBitsReply('read_coils', 1, new Array<boolean>(8).fill(true)) : frame,
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, ends };
}

const port = (path: string) => ({ path, baud: 9600, parity: 'none' as const });

describe('a board behind a network adapter', () => {
  it('carries exchanges, and comes back after the adapter hung up', async () => {
    const { path, sockets } = await adapter();
    const line = new Line({
      open: realPorts(realClock)(port(path)),
      clock: realClock,
      baud: 9600,
      backoff: { firstMs: 10, maxMs: 10 },
    });
    onTestFinished(() => line.close());
    const driver = createModbusCoils(settings(), line);
    line.start();
    await vi.waitFor(() => expect(line.isOpen).toBe(true));
    await driver.setCoil(1, true, terms('on'));
    sockets[0]?.end();
    await vi.waitFor(() => expect(sockets).toHaveLength(2));
    await vi.waitFor(() => expect(line.isOpen).toBe(true));
    expect(await driver.readCoils(terms('read'))).toEqual(new Array(8).fill(true));
  });

  it('a connection that is given up is reset, so that nothing of it arrives later (S11)', async () => {
    const { path, ends, sockets } = await adapter();
    const pipe = await realPorts(realClock)(port(path))();
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    pipe.close();
    await expect(pipe.write(Uint8Array.of(1))).rejects.toThrow('closed');
    await vi.waitFor(() => expect(ends).toEqual(['ECONNRESET']));
  });

  it('a refused connection says where', async () => {
    const { path, sockets } = await adapter();
    const pipe = await realPorts(realClock)(port(path))();
    pipe.close();
    expect(sockets.length).toBeLessThanOrEqual(1);
    await expect(realPorts(realClock)(port('tcp://127.0.0.1:1'))()).rejects.toThrow('tcp://127.0.0.1:1');
  });

  it('a connection that nobody answers is given up', async () => {
    const clock = new VirtualClock();
    // The discard prefix of RFC 6666: no host answers there.
    const opening = openTcp({ host: '100::1', port: 9 }, clock, 3000).catch((failure: unknown) => String(failure));
    await clock.advance(3000);
    expect(await opening).toContain('cannot connect to tcp://100::1:9');
  });
});

describe('tcp paths', () => {
  it.each([
    ['tcp://10.0.0.7:4196', { host: '10.0.0.7', port: 4196 }],
    ['tcp://gateway.local:502', { host: 'gateway.local', port: 502 }],
    ['tcp://[fe80::1]:1', { host: 'fe80::1', port: 1 }],
    ['tcp://host', null],
    ['tcp://host:0', null],
    ['tcp://host:65536', null],
    ['tcp://user@host:1', null],
    ['tcp://host:1/path', null],
    ['/dev/ttyUSB0', null],
  ])('%s', (path, address) => {
    expect(parseTcpPath(path)).toEqual(address);
  });
});
