import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HistoryView } from '../../daemon/history-view.ts';
import type { HistoryPort, ReplicationState } from '../../daemon/http/history-port.ts';
import { NO_HISTORY } from '../../daemon/http/history-port.ts';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import * as wire from '../../daemon/http/wire.ts';
import { keptHistory, minutes } from './histories.ts';
import { addLoad, ask, openApp, toggle } from './rig.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const iso = (atMs: number) => new Date(atMs).toISOString();

/** Two hours of the house with half an hour that nobody heard, and one hour of a kettle. */
function anEvening() {
  const house = minutes(NOON, 120, (i) => ({
    source: 'house',
    avgMw: 500_000 + i,
    interactiveMw: 60_000,
    backgroundMw: 440_000,
  }));
  const heard = house.filter((_, i) => i < 30 || i >= 60);
  return [...heard, ...minutes(NOON, 60, () => ({ isEstimated: true }))];
}

let evening: HistoryPort;
const closings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  evening = await keptHistory(anEvening(), 'Europe/Rome', (close) => void closings.push(close));
});
afterAll(() => Promise.all(closings.map((close) => close())));

async function opened(history: HistoryPort) {
  const { app, ...rest } = await openApp({ history });
  const get = async (url: string) => ask(app, 'viewer', 'GET', url);
  const power = async (query: string) => wire.power.parse((await get(`/api/power?${query}`)).body);
  const energy = async (query: string) => wire.energy.parse((await get(`/api/energy?${query}`)).body);
  return { app, get, power, energy, ...rest };
}

const EVENING = `from=${iso(NOON)}&to=${iso(NOON + 2 * HOUR_MS)}`;

describe('the power history', () => {
  it('has a point for each minute that was heard, and none for a gap', async () => {
    const { power } = await opened(evening);
    const { sources, resolution, timezone, from, to } = await power(EVENING);
    expect({ resolution, timezone, from, to }).toEqual({
      resolution: 'minute',
      timezone: 'Europe/Rome',
      from: iso(NOON),
      to: iso(NOON + 2 * HOUR_MS),
    });
    expect(sources.map(({ source, points }) => [source, points.length])).toEqual([['house', 90]]);
    expect(sources[0]?.points[0]).toEqual({
      at: iso(NOON),
      span_s: 60,
      avg_w: 500,
      min_w: 500,
      max_w: 500,
      energy_wh: 8.333,
      voltage_v: null,
      covered_s: 60,
      samples: 60,
      estimated: false,
      interactive_w: 60,
      background_w: 440,
    });
    expect(sources[0]?.points[30]?.at).toBe(iso(NOON + HOUR_MS));
  });

  it('is that of the last day when nobody says when', async () => {
    const { power } = await opened(evening);
    const { from, to } = await power('');
    expect(Date.parse(to) - Date.parse(from)).toBe(24 * HOUR_MS);
  });

  it.each([
    [
      'all',
      [
        ['appliance:kettle', 60],
        ['house', 90],
      ],
    ],
    [
      'house,appliance:kettle',
      [
        ['house', 90],
        ['appliance:kettle', 60],
      ],
    ],
    [
      'appliance:kettle&source=house',
      [
        ['appliance:kettle', 60],
        ['house', 90],
      ],
    ],
    // What was never heard is no error: a program may ask for an appliance of tomorrow.
    ['appliance:nobody', [['appliance:nobody', 0]]],
  ])('of %s', async (source, counts) => {
    const { power } = await opened(evening);
    const { sources } = await power(`${EVENING}&source=${source}`);
    const seen = sources.map((one) => [one.source, one.points.length]);
    expect(source === 'all' ? seen.sort() : seen).toEqual(counts);
    const kettle = sources.find((one) => one.source === 'appliance:kettle');
    expect(kettle?.points.every(({ estimated }) => estimated) ?? true).toBe(true);
  });

  it('has at most 2,000 points, however long it is and whatever resolution is asked', async () => {
    const sources = ['house', 'appliance:a', 'appliance:b'];
    const rows = sources.flatMap((source) => minutes(NOON, 3000, () => ({ source })));
    const { power } = await opened(await keptHistory(rows));
    for (const more of ['', '&source=all', `&source=${sources.join()}`, '&source=all&resolution=minute']) {
      const answer = await power(`from=${iso(NOON)}&to=${iso(NOON + 3000 * MINUTE_MS)}${more}`);
      const points = answer.sources.flatMap((one) => one.points);
      expect(points.length).toBeLessThanOrEqual(HTTP_LIMITS.powerPoints);
      const sum = points.reduce((total, { energy_wh }) => total + energy_wh, 0);
      expect(Math.round(sum)).toBe(3000 * (more === '' ? 1 : 3));
    }
    const years = await power(`from=1990-01-01T00:00:00Z&to=2150-01-01T00:00:00Z`);
    expect(years.resolution).toBe('day');
  });

  it('takes offsets, also where a plus was not escaped', async () => {
    const { power } = await opened(evening);
    for (const plus of ['%2B', '+']) {
      const { from, sources } = await power(`from=2026-06-01T14:00:00${plus}02:00&to=${iso(NOON + HOUR_MS)}`);
      expect([from, sources[0]?.points.length]).toEqual([iso(NOON), 30]);
    }
  });

  it.each([
    ['from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z', 'from'],
    ['from=2026-06-01T00:00:00Z&to=2026-06-01T00:00:00Z', 'from'],
    ['from=2150-06-02T00:00:00Z', 'from'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['to=2026-06-01', 'to'],
    ['to=1969-01-01T00:00:00Z', 'to'],
    ['to=2300-01-01T00:00:00Z', 'to'],
    ['resolution=second', 'resolution'],
    ['source=garden', 'source'],
    ['source=all,house', 'source'],
    ['source=appliance:', 'source'],
    [`source=${Array.from({ length: 101 }, (_, i) => `appliance:a${i}`).join()}`, 'source'],
    ['timezone=Europe/Rome', 'timezone'],
    ['format=xml', 'format'],
  ])('refuses %s and says where', async (query, path) => {
    const { get } = await opened(NO_HISTORY);
    const { status, body } = await get(`/api/power?${query}`);
    expect([status, body.code, body.errors]).toEqual([
      400,
      'invalid_request',
      [{ path, message: expect.any(String) as string }],
    ]);
  });

  it('is for whoever may look', async () => {
    const { app } = await opened(NO_HISTORY);
    for (const url of ['/api/power', '/api/energy', '/api/history', '/api/replication'])
      expect((await ask(app, null, 'GET', url)).status).toBe(401);
  });

  it('is not kept by whoever stands in between', async () => {
    const { get } = await opened(evening);
    const { headers } = await get(`/api/power?${EVENING}`);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', vary: 'accept' });
  });

  it('that cannot be read is a 503 that says so, and nobody else waits for it', async () => {
    const { app, get } = await opened(
      new HistoryView({ timezone: 'UTC', telemetry: () => null, replication: () => null }),
    );
    for (const url of [
      '/api/power',
      '/api/energy',
      '/api/power?format=csv',
      '/api/power?format=csv&resolution=minute',
    ]) {
      const { status, body, headers } = await get(url);
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'history_unavailable', '5']);
      expect(body.detail).toBe('The power history is being opened.');
    }
    await addLoad(app, 'tv', 100);
    expect((await toggle(app, 'tv', true)).status).toBe(200);
  });

  it('that does not answer keeps no toggle waiting, and at most so many questions', async () => {
    const { app, get } = await opened({ ...NO_HISTORY, power: () => new Promise(() => undefined) });
    for (let i = 0; i < HTTP_LIMITS.historyQuestions; i += 1) void get('/api/power');
    await addLoad(app, 'tv', 100);
    expect((await toggle(app, 'tv', true)).status).toBe(200);
    await expect.poll(async () => (await get('/api/power')).body.code).toBe('history_unavailable');
  });
});

describe('energy', () => {
  /** A kilowatt all the time, over the days on which Rome changes its clocks. */
  const days = (fromMs: number, count: number) =>
    minutes(fromMs, count * 1440, () => ({ source: 'house', avgMw: 1_200_000, energyMwh: 20_000 }));

  it.each([
    ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 23],
    ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 25],
    ['2026-06-09T22:00:00Z', '2026-06-10T22:00:00Z', 24],
  ])('of the day that begins %s', async (from, to, hours) => {
    const { energy } = await opened(await keptHistory(days(Date.parse(from) - 24 * HOUR_MS, 3)));
    const { sources, timezone } = await energy(`from=${from}&to=${to}&group=day`);
    expect(timezone).toBe('Europe/Rome');
    expect(sources).toEqual([
      {
        source: 'house',
        totals: [
          {
            at: iso(Date.parse(from)),
            span_s: hours * 3600,
            energy_wh: hours * 1200,
            covered_s: hours * 3600,
            estimated: false,
          },
        ],
      },
    ]);
  });

  it('of a time, of hours, and of a month', async () => {
    const { energy } = await opened(evening);
    const sums = async (query: string) =>
      (await energy(query)).sources.map(({ totals }) => totals.map(({ covered_s }) => covered_s));
    expect(await sums(EVENING)).toEqual([[5400]]);
    expect(await sums(`${EVENING}&group=hour`)).toEqual([[1800, 3600]]);
    expect(await sums(`${EVENING}&group=month&source=house,appliance:kettle`)).toEqual([[5400], [3600]]);
    const { sources } = await energy(`${EVENING}&group=month`);
    expect(sources[0]?.totals[0]).toMatchObject({ at: '2026-05-31T22:00:00.000Z', span_s: 30 * 86_400 });
  });

  it('of more hours than an answer holds is refused with advice', async () => {
    const { get } = await opened(evening);
    const { status, body } = await get('/api/energy?from=2000-01-01T00:00:00Z&group=hour');
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.detail).toMatch(/^from: .*shorter time, a coarser group/);
  });
});

const COPY: ReplicationState = {
  connected: false,
  alarmed: true,
  lag_rows: 12,
  lag_s: 90,
  last_seq: 4,
  last_rev: null,
  rows_sent: 3,
  batches_sent: 1,
  last_sent_at: null,
  last_error: { code: 'schema_newer', detail: 'it is newer', advice: 'start a newer hub', at: iso(NOON) },
};

describe('what watches the history', () => {
  it('hears how it is kept', async () => {
    const { get } = await opened({
      ...NO_HISTORY,
      state: () => ({ state: 'full', what: 'no room: make some', rev: 7 }),
    });
    const { body } = await get('/api/history');
    expect(wire.historyState.parse(body)).toEqual({ state: 'full', detail: 'no room: make some', timezone: 'UTC' });
    const { text } = await get('/metrics');
    expect(text).toMatch(/^voltsafe_history_up 0$/m);
    expect(text).toMatch(/^voltsafe_history_rev 7$/m);
    expect(text).not.toContain('replication');
  });

  it('hears how the copy is', async () => {
    const { get } = await opened({ ...NO_HISTORY, replication: () => COPY });
    expect(wire.replication.strict().parse((await get('/api/replication')).body)).toEqual({ enabled: true, ...COPY });
    const { text } = await get('/metrics');
    for (const line of ['up 0', 'lag_rows 12', 'lag_seconds 90', 'alarm 1', 'error{code="schema_newer"} 1'])
      expect(text).toContain(`\nvoltsafe_replication_${line}\n`);
  });

  it('hears that nothing is copied', async () => {
    const { get } = await opened(NO_HISTORY);
    const { body } = await get('/api/replication');
    expect(wire.replication.strict().parse(body)).toMatchObject({ enabled: false, connected: false, last_error: null });
  });
});
