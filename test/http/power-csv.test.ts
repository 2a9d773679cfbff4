import { type ClientRequest, get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HistoryPort, NO_HISTORY } from '../../daemon/http/history-port.ts';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { endlessHistory, keptHistory, minute, minutes } from './histories.ts';
import { addLoad, ask, bearer, openApp, openServer } from './rig.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE_MS = 60_000;
const iso = (atMs: number) => new Date(atMs).toISOString();
const linesOf = (text: string) => text.split('\r\n');

let kettle: HistoryPort;
const closings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  kettle = await keptHistory([minute(NOON)], 'Europe/Rome', (close) => void closings.push(close));
});
afterAll(() => Promise.all(closings.map((close) => close())));

describe('the power history as a table', () => {
  it('says units, the time of UTC and that of the hub, and leaves empty what is not known', async () => {
    const history = await keptHistory([
      minute(NOON, { source: 'house', avgMw: -250_500, energyMwh: -4175, voltageMv: 230_100, samples: 12 }),
    ]);
    const { app } = await openApp({ history });
    const { text, type, headers } = await ask(
      app,
      'viewer',
      'GET',
      `/api/power?from=${iso(NOON)}&to=${iso(NOON + MINUTE_MS)}&format=csv`,
    );
    expect(type).toBe('text/csv; charset=utf-8; header=present');
    expect(headers['content-disposition']).toBe('attachment; filename="voltsafe-power-2026-06-01-2026-06-01.csv"');
    expect(linesOf(text)).toEqual([
      'source,name,start_utc,start_local (Europe/Rome),span_s,avg_w,min_w,max_w,energy_wh,voltage_v,covered_s,samples,estimated,interactive_w,background_w',
      'house,Home,2026-06-01T12:00:00.000Z,2026-06-01T14:00:00+02:00,60,-250.5,-250.5,-250.5,-4.175,230.1,60,12,false,,',
      '',
    ]);
  });

  it.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1, or -1', `"'+1, or -1"`],
    ['@SUM', "'@SUM"],
    ['-5', "'-5"],
    ['Kettle, "new"', '"Kettle, ""new"""'],
    ['Kettle', 'Kettle'],
  ])('runs no formula: %s', async (name, written) => {
    const { app } = await openApp({ history: kettle });
    await addLoad(app, 'kettle', 100, { name });
    const query = `from=${iso(NOON)}&to=${iso(NOON + MINUTE_MS)}&source=all&format=csv`;
    for (const url of [`/api/power?${query}`, `/api/power?${query}&resolution=minute`, `/api/energy?${query}`]) {
      const { text } = await ask(app, 'viewer', 'GET', url);
      expect(linesOf(text)[1]).toContain(`appliance:kettle,${written},2026-06-01T12:00:00.000Z,`);
    }
  });

  it('of a named resolution has each row once, slice by slice', async () => {
    const count = 2 * HTTP_LIMITS.exportRows + 7;
    const sources = ['house', 'appliance:kettle'];
    const rows = sources.flatMap((source) => minutes(NOON, count, () => ({ source })));
    const { app } = await openApp({ history: await keptHistory(rows) });
    const query = `from=${iso(NOON + 30_000)}&to=${iso(NOON + count * MINUTE_MS)}&source=${sources.join()}`;
    const { text } = await ask(app, 'viewer', 'GET', `/api/power?${query}&resolution=minute&format=csv`);
    const told = linesOf(text)
      .slice(1, -1)
      .map((one) => one.split(',', 3));
    expect(told.map(([source, , at]) => `${source} ${at}`)).toEqual(
      rows.map(({ source, startMs }) => `${source} ${iso(startMs)}`),
    );
  });

  it('of many days is asked for in slices, never as a whole', async () => {
    const history = endlessHistory();
    const { server } = await openServer({ history });
    const query = 'from=2026-05-02T00:00:00Z&to=2026-06-01T00:00:00Z&resolution=minute&format=csv';
    const response = await fetch(`${server.url}/api/power?${query}`, { headers: bearer('viewer') });
    let lines = 0;
    const readers = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    for await (const text of readers) lines += text.split('\r\n').length - 1;
    expect(lines).toBe(1 + 30 * 1440);
    expect(Math.max(...history.asked.map(({ fromMs, toMs }) => toMs - fromMs))).toBe(
      HTTP_LIMITS.exportRows * MINUTE_MS,
    );
  });

  it('that nobody reads to its end leaves room for the next', async () => {
    const history = endlessHistory();
    const { server } = await openServer({ history });
    const url = `${server.url}/api/power?from=2025-06-01T00:00:00Z&to=2026-06-01T00:00:00Z&resolution=minute&format=csv`;
    const begun: ClientRequest[] = [];
    // Not by fetch, which opens a fresh connection for each that is cut.
    const begin = () =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = get(url, { headers: bearer('viewer'), agent: false });
        begun.push(request.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject));
      });
    const stopAll = () => begun.splice(0).forEach((request) => void request.destroy());
    for (let i = 0; i < HTTP_LIMITS.exports; i += 1) expect(await begin()).toBe(200);
    expect(await begin()).toBe(503);
    stopAll();
    await expect.poll(begin, { timeout: 10_000 }).toBe(200);
    stopAll();
  });

  it('of too long a time is refused', async () => {
    const { app } = await openApp({ history: endlessHistory() });
    const { status, body } = await ask(
      app,
      'viewer',
      'GET',
      '/api/power?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&resolution=minute&format=csv',
    );
    expect([status, body.detail]).toEqual([400, 'from: an export at resolution minute spans at most 400 days']);
  });

  it.each([
    ['text/csv', true],
    ['text/csv;q=0.5, application/json', false],
    ['application/json;q=0.2, text/csv;q=0.5', true],
    ['text/csv;q=0', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
    ['*/*', false],
    ['', false],
  ])('is for who likes it better: %s', async (accept, isCsv) => {
    const { app } = await openApp({ history: { ...NO_HISTORY, power: async () => [], energy: async () => [] } });
    for (const url of ['/api/power', '/api/energy']) {
      const { type } = await ask(app, 'viewer', 'GET', url, undefined, { accept });
      expect(type.startsWith('text/csv')).toBe(isCsv);
    }
  });
});
