import { describe, expect, it, onTestFinished } from 'vitest';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import { serveControl } from '../../relay-drivers/simulator/control.ts';
import { closed, desk, only } from './desk.ts';
import * as F from './frames.ts';

/** What the answers may carry; each test looks at its own part. */
interface Body {
  readonly coils?: readonly unknown[];
  readonly log?: readonly { readonly what: string; readonly on: boolean }[];
  readonly faults?: unknown;
  readonly errors?: unknown;
}

const NOTHING = {
  powerMw: 0,
  phases: [{ voltageMv: 230_000, currentMa: 0, powerMw: 0 }],
  energyImportMwh: 0,
  energyExportMwh: 0,
};

/** The meter at unit 2, in the words of the control port. */
function told(power_w: number, energy_import_wh: number) {
  const phases = [{ voltage_v: 230, current_a: power_w / 230, power_w }];
  return { meter: 1, unit: 2, power_w, phases, energy_import_wh, energy_export_wh: 0 };
}

async function control(settings: Parameters<typeof desk>[0] = {}) {
  const here = await desk(settings);
  const server = await serveControl(here.bus, 0);
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

  it('sets what a meter measures', async () => {
    const { call, bus } = await control({ meters: [{ protocol: sdmTwin('sdm630'), unit: 2 }] });
    only(bus.meters).follow(() => ({ ...NOTHING, energyImportMwh: 7000 }));
    expect((await call('GET', '/meters')).body).toEqual({ meters: [told(0, 7)] });
    expect((await call('POST', '/meters/1', { power_w: 2300 })).body).toEqual(told(2300, 7));
    expect(only(bus.meters).truth).toMatchObject({ powerMw: 2_300_000, phases: [{ powerMw: 2_300_000 }] });
    const phases = [{ voltage_v: 231.5, power_w: -4 }, { current_a: 2 }];
    await call('POST', '/meters/1', { power_w: -4.5, phases, energy_import_wh: 8, energy_export_wh: null });
    expect(only(bus.meters).truth).toEqual({
      powerMw: -4500,
      phases: [
        { voltageMv: 231_500, currentMa: null, powerMw: -4000 },
        { voltageMv: null, currentMa: 2000, powerMw: null },
      ],
      energyImportMwh: 8000,
      energyExportMwh: null,
    });
    expect((await call('POST', '/meters/1', { power_w: null })).body).toEqual(told(0, 7));
  });

  it('sets the faults of a meter', async () => {
    const { call, bus } = await control({ meters: [{ protocol: sdmTwin('sdm630'), unit: 2 }] });
    expect((await call('POST', '/faults?meter=1', { mute: true })).body.faults).toMatchObject({ mute: true });
    expect((await call('GET', '/faults?meter=1')).body.faults).toMatchObject({ mute: true });
    expect(only(bus.meters).faults().mute).toBe(true);
    expect((await call('GET', '/faults')).body.faults).toMatchObject({ mute: false });
    expect((await call('POST', '/faults?meter=1', { stuck: [1] })).status).toBe(400);
    expect((await call('POST', '/faults?meter=2', { mute: true })).status).toBe(400);
  });

  it.each([
    {},
    { power_w: '1' },
    { power_w: 1_000_001 },
    { power_w: null, energy_import_wh: 1 },
    { power_w: 1, energy_import_wh: -1 },
    { power_w: 1, phases: {} },
    { power_w: 1, phases: [{}, {}, {}, {}] },
    { power_w: 1, phases: [{ watts: 1 }] },
    { power_w: 1, kilowatts: 1 },
  ])('a meter does not measure %j', async (body) => {
    const { call, bus } = await control({ meters: [{ protocol: sdmTwin('sdm630'), unit: 2 }] });
    const before = only(bus.meters).truth;
    expect((await call('POST', '/meters/1', body)).status).toBe(400);
    expect((await call('POST', '/meters/2', { power_w: 1 })).status).toBe(400);
    expect(only(bus.meters).truth).toEqual(before);
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
    await expect(serveControl(bus, Number(new URL(server.url).port))).rejects.toThrow('EADDRINUSE');
  });
});
