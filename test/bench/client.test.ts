import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, getRequest, toggles } from './client.ts';

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

describe('the client of the benchmarks, at a server of Node', () => {
  const heard: Heard[] = [];
  let server: Server;
  let client: Client;
  let answers: [status: number, body: string][];

  beforeEach(async () => {
    heard.length = 0;
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.once('end', () => {
        const { method, url, headers } = request;
        heard.push({ method, url, authorization: headers.authorization, body });
        const [status, text] = answers.shift() ?? [200, ''];
        response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = await Client.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterEach(() => {
    client.close();
    server.close();
  });

  it('reads one answer after the other on one connection, however long', async () => {
    const long = 'ü'.repeat(1_000_000);
    answers = [
      [200, long],
      [404, 'none'],
      [200, ''],
    ];
    const { status, body } = await client.ask(getRequest('/a', 'secret'));
    expect([status, body === long]).toEqual([200, true]);
    expect(await client.ask(getRequest('/b', 'secret'))).toMatchObject({ status: 404, body: 'none' });
    expect(await client.ask(getRequest('/c', 'secret'))).toMatchObject({ status: 200, body: '' });
    expect(heard.map(({ method, url, authorization }) => [method, url, authorization])).toEqual(
      ['/a', '/b', '/c'].map((url) => ['GET', url, 'Bearer secret']),
    );
  });

  it('toggles on and off in turns, and asks again after a 503', async () => {
    answers = [
      [200, '{}'],
      [503, '{}'],
    ];
    const requestOf = toggles('lamp', 'secret');
    for (let i = 0; i < 2; i++) await client.demand(requestOf(i));
    const [on, ...offs] = heard.map(({ url, body }) => `${url} ${body}`);
    expect(on).toBe('/api/appliances/lamp/toggle {"is_on":true}');
    expect(offs).toEqual(new Array(2).fill('/api/appliances/lamp/toggle {"is_on":false}'));
  });

  it('says what was answered instead of 200', async () => {
    answers = [[403, 'too much']];
    await expect(client.demand(getRequest('/', 'secret'))).rejects.toThrow('the hub answered 403: too much');
  });

  it('fails a question whose connection ends', async () => {
    answers = [];
    server.removeAllListeners('request').on('request', (_request, response) => response.destroy());
    await expect(client.ask(getRequest('/', 'secret'))).rejects.toThrow('the hub closed the connection');
  });
});
