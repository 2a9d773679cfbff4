import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { startHttp } from '../../daemon/http/server.ts';
import { bearer, openHouse, openServer, TOKENS } from './rig.ts';

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything the server says on this connection until it ends it. */
async function untilEnd(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

/** Sends something that may not be HTTP, and asks for the end of the connection. */
async function say(port: number, text: string): Promise<string> {
  const socket = await open(port);
  socket.write(text);
  return untilEnd(socket);
}

const problemIn = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('a body of 10 MB', () => {
  const tenMb = 10 * 1024 * 1024;
  const head = (more: string) =>
    `POST /api/appliances HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${TOKENS.admin}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

  it('ends in a clean 413, also for a client that reads only when it has sent everything', async () => {
    const { server, hub } = await openServer();
    const before = hub.seq();
    const socket = await open(server.port);
    socket.pause();
    socket.write(head(`Content-Length: ${tenMb}\r\nConnection: close`));
    await new Promise((resolve) => socket.write(Buffer.alloc(tenMb, 0x20), resolve));
    const answer = await untilEnd(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(problemIn(answer)).toMatchObject({ status: 413, code: 'too_large' });
    expect(hub.seq()).toBe(before);
  });

  it('ends in a clean 413 when its length is not announced', async () => {
    const { server } = await openServer();
    const socket = await open(server.port);
    socket.write(head('Transfer-Encoding: chunked\r\nConnection: close'));
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    for (let i = 0; i < 10; i += 1)
      socket.write(Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]));
    socket.write('0\r\n\r\n');
    expect(problemIn(await untilEnd(socket))).toMatchObject({ status: 413, code: 'too_large' });
  });

  it('is 401 for a stranger, just as cleanly', async () => {
    const { server } = await openServer();
    const body = 'x'.repeat(tenMb);
    const answer = await fetch(`${server.url}/api/appliances`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer vs_wrong' },
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'unauthorized']);
  });

  it.each([
    ['announced', `Content-Length: ${HTTP_LIMITS.drainBytes * 100}`],
    ['not announced', 'Transfer-Encoding: chunked'],
  ])('that has no end is cut off when that was %s', async (_, header) => {
    const { server } = await openServer();
    const socket = await open(server.port);
    socket.on('error', () => undefined);
    socket.write(head(header));
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1024 * 1024, 0x20), Buffer.from('\r\n')]);
    let sent = 0;
    while (!socket.destroyed && sent < HTTP_LIMITS.drainBytes * 4) {
      await new Promise((resolve) => socket.write(chunk, resolve));
      sent += chunk.length;
    }
    expect(socket.destroyed).toBe(true);
  });
});

describe('what is not quite HTTP', () => {
  it.each([
    ['nonsense', 'HELLO\r\n\r\n', 400, 'invalid_request'],
    ['a space in the address', 'GET /a b HTTP/1.1\r\nHost: hub\r\n\r\n', 400, 'invalid_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'invalid_request',
    ],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: hub\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['an address without end', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: hub\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s is answered as a problem', async (_, text, status, code) => {
    const { server } = await openServer();
    const answer = await say(server.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(problemIn(answer)).toMatchObject({ status, code });
  });

  it('an upgrade to anything but the live feed is answered in HTTP/1.1', async () => {
    const { server } = await openServer();
    const upgrade = 'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__';
    const answer = await say(server.port, `GET /health HTTP/1.1\r\nHost: hub\r\n${upgrade}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/load`, { headers: bearer('viewer') });
    const [, response] = await once(
      socket.on('error', () => undefined),
      'unexpected-response',
    );
    expect(response.statusCode).toBe(200);
  });
});

describe('the port', () => {
  async function occupy(port = 0): Promise<{ blocker: Server; port: number }> {
    const blocker = createServer();
    blocker.listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    onTestFinished(() => void blocker.close());
    const address = blocker.address();
    return { blocker, port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  it('is the next free one when asked so, and the log says it', async () => {
    const { port } = await occupy();
    const { server, log } = await openServer({}, { port, portRetry: true });
    expect(server.port).toBeGreaterThan(port);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(log.lines.join()).toContain(`port ${port} is taken: using ${server.port}`);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  it('is named with its setting otherwise', async () => {
    const { port } = await occupy();
    const house = await openHouse();
    const opening = startHttp({ ...house.parts, host: '127.0.0.1', port, portRetry: false });
    await expect(opening).rejects.toThrow(new RegExp(`port ${port}: .*"http.port"`));
  });

  it('is named with the host when that is not ours', async () => {
    const house = await openHouse();
    const opening = startHttp({ ...house.parts, host: '203.0.113.7', port: 0, portRetry: true });
    await expect(opening).rejects.toThrow('"http.host"');
  });
});

describe('closing', () => {
  it('ends live feeds and idle connections, and frees the port', async () => {
    const { server, clock } = await openServer();
    const idle = await open(server.port);
    const live = new WebSocket(`ws://127.0.0.1:${server.port}/api/live`, { headers: bearer('viewer') });
    await once(live, 'message');
    const ended = once(live, 'close');
    await clock.settled(server.close(), HTTP_LIMITS.closeMs);
    expect((await ended)[0]).toBe(1001);
    await expect.poll(() => idle.closed || idle.readableEnded || idle.destroyed).toBe(true);
    const again = connect(server.port, '127.0.0.1');
    expect(String(await once(again, 'error'))).toContain('ECONNREFUSED');
  });

  it('does not wait for a client that never finishes', async () => {
    const { server, clock } = await openServer();
    const half = await open(server.port);
    half.write('POST /api/appliances HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n');
    const deaf = new WebSocket(`ws://127.0.0.1:${server.port}/api/live`, { headers: bearer('viewer') });
    await once(deaf, 'message');
    deaf.pause();
    const closing = server.close();
    await clock.settled(closing, HTTP_LIMITS.closeMs);
    deaf.terminate();
  });
});
