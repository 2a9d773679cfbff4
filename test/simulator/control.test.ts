import { describe, expect, it, onTestFinished } from 'vitest';
import { serveControl } from '../../relay-drivers/simulator/control.ts';
import { closed, desk } from './desk.ts';
import * as F from './frames.ts';

/** What the answers may carry; each test looks at its own part. */
interface Body {
  readonly coils?: readonly unknown[];
  readonly log?: readonly { readonly what: string; readonly on: boolean }[];
  readonly faults?: unknown;
  readonly errors?: unknown;
}

async function control(settings: Parameters<typeof desk>[0] = {}) {
  const here = await desk(settings);
  const server = await serveControl(here.bus.boards, 0);
  onTestFinished(() => server.close());
  const call = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${server.url}${path}`, { method, ...sent });
    return { status: response.status, body: (await response.json()) as Body };
  };
  return { ...here, server, call };
}

describe('the control port', () => {
  it('tells the physical truth, not the register', async () => {
    const { call, ask } = await control();
    await call('POST', '/faults', { welded: [1] });
    await ask(F.ON_1);
    await ask(F.OFF_1);
    const { status, body } = await call('GET', '/coils');
    expect(status).toBe(200);
    expect(body.coils).toHaveLength(8);
    expect(body.coils?.[0]).toEqual({ channel: 1, closed: true, since_ms: expect.any(Number) });
    expect(body.coils?.[1]).toEqual({ channel: 2, closed: false, since_ms: 0 });
    const { body: history } = await call('GET', '/log');
    expect(history.log?.map(({ what, on }) => [what, on])).toEqual([
      ['register', true],
      ['contact', true],
      ['register', false],
    ]);
  });

  it('sets the faults that are named and keeps the others', async () => {
    const { call, ask } = await control();
    await call('POST', '/faults', { drop: 0.25 });
    const { body } = await call('POST', '/faults', { mute: true });
    expect(body.faults).toMatchObject({ drop: 0.25, mute: true });
    expect((await call('GET', '/faults')).body).toEqual(body);
    expect(await ask(F.ON_1)).toBe('');
  });

  it('presses inputs and buttons', async () => {
    const { call, ask, board } = await control();
    expect(await call('POST', '/inputs/1', { pressed: true })).toEqual({
      status: 200,
      body: { input: 1, pressed: true },
    });
    expect(await ask(F.READ_INPUTS)).toBe('01 02 01 01 60 48');
    expect((await call('POST', '/buttons/3')).status).toBe(200);
    expect(closed(board)).toEqual([3]);
    expect((await call('POST', '/buttons/3', {})).status).toBe(200);
    expect(closed(board)).toEqual([]);
  });

  it('picks a board of several by its unit', async () => {
    const { call, bus } = await control({ boards: [{ channels: 8 }, { channels: 4, unit: 2 }] });
    await call('POST', '/buttons/1?unit=2');
    expect(bus.boards.map(closed)).toEqual([[], [1]]);
    expect((await call('GET', '/coils?unit=2')).body.coils).toHaveLength(4);
    expect((await call('GET', '/coils')).body.coils).toHaveLength(8);
    expect((await call('GET', '/coils?unit=9')).body.errors).toEqual([
      { path: 'unit', message: 'expected one of 1, 2' },
    ]);
  });

  it.each<[string, string, unknown, number, string]>([
    ['POST', '/faults', { dorp: 1 }, 400, 'invalid_request'],
    ['POST', '/faults', { stuck: [9] }, 400, 'invalid_request'],
    ['POST', '/faults', { drop: '0.5' }, 400, 'invalid_request'],
    ['POST', '/faults', '{"drop": 1e309}', 400, 'invalid_request'],
    ['POST', '/faults', '{', 400, 'invalid_request'],
    ['POST', '/faults', undefined, 400, 'invalid_request'],
    ['POST', '/inputs/1', {}, 400, 'invalid_request'],
    ['POST', '/inputs/1', { pressed: 'true' }, 400, 'invalid_request'],
    ['POST', '/inputs/1', { pressed: true, extra: 1 }, 400, 'invalid_request'],
    ['POST', '/inputs/9', { pressed: true }, 400, 'invalid_request'],
    ['POST', '/buttons/0', {}, 400, 'invalid_request'],
    ['POST', '/buttons/1', { hard: true }, 400, 'invalid_request'],
    ['POST', '/faults', `${' '.repeat(1_000_000)}{"mute": true}`, 413, 'too_large'],
    ['POST', '/coils', {}, 405, 'method_not_allowed'],
    ['GET', '/buttons/1', undefined, 405, 'method_not_allowed'],
    ['GET', '/', undefined, 404, 'not_found'],
    ['POST', '/buttons/one', {}, 404, 'not_found'],
  ])('%s %s: a bad request is answered clearly and changes nothing (%#)', async (method, path, body, status, code) => {
    const { call, board } = await control();
    const before = [board.faults(), board.inputs()];
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, detail: expect.any(String) });
    expect([board.faults(), board.inputs()]).toEqual(before);
    expect(board.log()).toEqual([]);
  });

  it('is nothing for pages in a browser', async () => {
    const { server, board } = await control();
    const response = await fetch(`${server.url}/buttons/1`, {
      method: 'POST',
      headers: { origin: 'http://elsewhere' },
    });
    expect(response.status).toBe(403);
    expect(closed(board)).toEqual([]);
  });

  it('says so when its port is taken', async () => {
    const { server, bus } = await control();
    await expect(serveControl(bus.boards, Number(new URL(server.url).port))).rejects.toThrow('EADDRINUSE');
  });
});
