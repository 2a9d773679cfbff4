import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HubApi } from '../../dashboard/src/http/api.ts';
import { freshKey } from '../../dashboard/src/http/key.ts';
import { answer, load, on } from './panel-fixtures.ts';

let server: Server;
let api: HubApi;
let requests: { readonly method: string; readonly url: string; readonly key: string; readonly body: string }[];
let respond: (response: ServerResponse) => void;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, key: String(headers['idempotency-key'] ?? ''), body });
      respond(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  api = new HubApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function reply(status: number, body: string, headers: Record<string, string> = {}): void {
  respond = (response) => response.writeHead(status, headers).end(body);
}

describe('a toggle', () => {
  it('is a boolean under a key, to an escaped id', async () => {
    const told = answer(7, on('a/b', 150), load(150));
    reply(200, JSON.stringify(told));
    expect(await api.toggle('a/b', true, 'k1')).toEqual({ ok: true, value: told });
    expect(requests).toEqual([
      { method: 'POST', url: '/api/appliances/a%2Fb/toggle', key: 'k1', body: '{"is_on":true}' },
    ]);
  });

  it('brings the problem, its status and when to try again', async () => {
    reply(503, JSON.stringify({ code: 'queue_full', title: 'Full' }), { 'retry-after': '2' });
    expect(await api.toggle('tv', true, 'k')).toEqual({
      ok: false,
      failure: { kind: 'problem', problem: { code: 'queue_full', title: 'Full', status: 503 }, retryAfterS: 2 },
    });
  });

  it('takes the page of a proxy for a problem of its status', async () => {
    reply(502, '<html>Bad gateway</html>');
    const outcome = await api.toggle('tv', true, 'k');
    expect(outcome).toMatchObject({ ok: false, failure: { problem: { code: 'http_502', status: 502 } } });
  });

  it('does not know what was done when the line breaks or a success cannot be read', async () => {
    const unknown = { ok: false, failure: { kind: 'network' } };
    respond = (response) => response.destroy();
    expect(await api.toggle('tv', true, 'k')).toEqual(unknown);
    reply(200, '<html>');
    expect(await api.toggle('tv', true, 'k')).toEqual(unknown);
  });
});

describe('signing in', () => {
  it('sends the secret in a body and needs none back', async () => {
    reply(204, '');
    expect(await api.setup('s3cret')).toEqual({ ok: true, value: null });
    expect(await api.login('tok')).toEqual({ ok: true, value: null });
    expect(requests.map(({ url, body }) => [url, body])).toEqual([
      ['/api/setup', '{"secret":"s3cret"}'],
      ['/api/auth/login', '{"token":"tok"}'],
    ]);
  });
});

describe('an idempotency key', () => {
  it('is made without a secure origin, and is new each time', () => {
    const keys = new Set(Array.from({ length: 100 }, freshKey));
    expect(keys.size).toBe(100);
    expect([...keys].every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
  });
});
