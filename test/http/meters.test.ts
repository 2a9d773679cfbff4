import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { HTTP_LIMITS } from '../../daemon/http/limits.ts';
import { liveMessage, meterList } from '../../daemon/http/wire.ts';
import { TalkingMeter } from '../meters/fake-meter.ts';
import { addLoad, ask, bearer, openApp, openServer, toggle } from './rig.ts';

const p1 = (options: ConstructorParameters<typeof TalkingMeter>[0] = {}) => new TalkingMeter(options);

describe('GET /api/meters', () => {
  it('is empty where there is none', async () => {
    const { app } = await openApp();
    expect((await ask(app, 'viewer', 'GET', '/api/meters')).body).toEqual({ meters: [] });
    expect((await ask(app, null, 'GET', '/api/meters')).status).toBe(401);
  });

  it('says what each measures, and never 0 W for one that is silent', async () => {
    const [mains, kitchen] = [p1(), p1({ id: 'k', measures: 'circuit:kitchen' })];
    const { app, clock } = await openApp({ meters: () => [mains.metered, kitchen.metered] });
    mains.says(1234.567);
    const get = async () => meterList.parse((await ask(app, 'viewer', 'GET', '/api/meters')).body).meters;
    expect(await get()).toMatchObject([
      { id: 'p1', driver: 'dsmr-p1', measures: 'house', power_w: 1234.567, stale: false, fault: null },
      { id: 'k', measures: 'circuit:kitchen', power_w: null, stale: true, at: null },
    ]);
    await clock.advance(10_000);
    expect(await get()).toMatchObject([
      { power_w: 1234.567, stale: true, fault: expect.stringContaining('nothing was heard') },
      { power_w: null, stale: true },
    ]);
  });
});

describe('what the meters say elsewhere', () => {
  it('the load is measured while the meter of the house is fresh', async () => {
    const mains = p1();
    const { app, clock } = await openApp({ meters: () => [mains.metered] });
    const measured = async () => (await ask(app, 'viewer', 'GET', '/api/load')).body.measured_w;
    expect(await measured()).toBeNull();
    mains.says(-300);
    expect(await measured()).toBe(-300);
    await clock.advance(10_000);
    expect(await measured()).toBeNull();
  });

  it('what nobody switches counts', async () => {
    const mains = p1();
    const { app, clock } = await openApp({ meters: () => [mains.metered] });
    // One sample is a moment; what lasts is a background.
    for (let second = 0; second < 8; second++) {
      mains.says(900);
      await clock.advance(1000);
    }
    expect((await ask(app, 'viewer', 'GET', '/api/load')).body).toMatchObject({ reserved_w: 900 });
    const { body } = await ask(app, 'viewer', 'GET', '/api/decisions');
    expect(body.decisions).toContainEqual(
      expect.objectContaining({ kind: 'background_measured', circuit: 'house', source: 'hub', reserved_w: 900 }),
    );
  });

  it('an appliance draws what its own meter says', async () => {
    const tv = p1({ measures: 'appliance:tv' });
    const { app, clock } = await openApp({ meters: () => [tv.metered] });
    await addLoad(app, 'tv', 150);
    await toggle(app, 'tv', true);
    const power = async () => (await ask(app, 'viewer', 'GET', '/api/appliances/tv')).body.power_w;
    expect(await power()).toBe(150);
    tv.says(42.5);
    expect(await power()).toBe(42.5);
    const { body } = await ask(app, 'viewer', 'GET', '/api/appliances');
    expect(body.appliances).toMatchObject([{ power_w: 42.5, verified: true }]);
    await clock.advance(10_000);
    expect(await power()).toBe(150);
  });

  it('metrics: a silent meter has no power', async () => {
    const [mains, kitchen] = [p1(), p1({ id: 'k', measures: 'circuit:kitchen' })];
    const { app } = await openApp({ meters: () => [mains.metered, kitchen.metered] });
    mains.says(1234.5);
    const { text } = await ask(app, 'viewer', 'GET', '/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith('voltsafe_meter_'));
    expect(lines).toEqual([
      'voltsafe_meter_power_watts{meter="p1"} 1234.5',
      'voltsafe_meter_stale{meter="p1"} 0',
      'voltsafe_meter_stale{meter="k"} 1',
    ]);
  });
});

describe('the live feed tells of meters', () => {
  async function opened(meter = p1()) {
    const house = await openServer({ meters: () => [meter.metered] });
    return { ...house, meter };
  }

  function listen(url: string, query = '') {
    const told: ReturnType<typeof liveMessage.parse>[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live${query}`, { headers: bearer('viewer') });
    socket.on('message', (bytes) => told.push(liveMessage.parse(JSON.parse(String(bytes)))));
    onTestFinished(() => socket.terminate());
    const watts = () => told.flatMap((message) => (message.type === 'meter' ? message.power_w : []));
    return { told, watts };
  }

  it('in the snapshot, and then whenever they change', async () => {
    const { server, meter, clock } = await opened();
    meter.says(100);
    const { told, watts } = listen(server.url);
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({
      type: 'snapshot',
      meters: [{ id: 'p1', power_w: 100 }],
      load: { measured_w: 100 },
    });
    await clock.advance(HTTP_LIMITS.liveMeterMs);
    meter.opening.become({ isOpen: false, reason: 'gone' });
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toMatchObject({ type: 'meter', fault: expect.stringContaining('gone') });
    expect(told[1]).not.toHaveProperty('seq');
    expect(watts()).toEqual([100]);
  });

  it('a later snapshot knows of it', async () => {
    const { server, meter } = await opened();
    const first = listen(server.url);
    await expect.poll(() => first.told.length).toBe(1);
    meter.says(100);
    const second = listen(server.url);
    await expect.poll(() => second.told[0]).toMatchObject({ type: 'snapshot', meters: [{ power_w: 100 }] });
  });

  it('each at most once a second, the newest word last', async () => {
    const { server, meter, clock } = await opened();
    const { told, watts } = listen(server.url);
    await expect.poll(() => told.length).toBe(1);
    for (let i = 1; i <= 50; i++) meter.says(i);
    await expect.poll(() => watts()).toEqual([1]);
    await clock.advance(HTTP_LIMITS.liveMeterMs);
    await expect.poll(() => watts()).toEqual([1, 50]);
    await clock.advance(HTTP_LIMITS.liveMeterMs);
    meter.says(51);
    await expect.poll(() => watts()).toEqual([1, 50, 51]);
  });

  it('to who comes back, beside the events that were missed', async () => {
    const { server, meter, hub } = await opened();
    meter.says(100);
    const { told, watts } = listen(server.url, `?after=${hub.seq()}`);
    await expect.poll(() => told.at(-1)?.type).toBe('ping');
    expect(told.map(({ type }) => type)).toEqual(['meter', 'discovered', 'ping']);
    expect(watts()).toEqual([100]);
  });
});
