import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../daemon/observe/log.ts';
import { PowerHistory } from '../../daemon/power-sources.ts';
import { loadSettings } from '../../daemon/settings/load.ts';
import { HOUR_MS, MINUTE_MS } from '../../daemon/telemetry/limits.ts';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import { reading } from '../meters/fake-meter.ts';
import { WholeHub } from '../meters/whole-hub.ts';
import { tempDir } from './fixtures.ts';

const YAML = `
buses: [{ id: main, driver: modbus-coils, path: /dev/line, channels: 8, baud: 9600 }]
meters: [{ id: mains, driver: eastron-sdm, bus: main, unit: 2, model: sdm120, measures: house }]`;

/** 300 W that nobody switches, and 2000 W for each contact that is closed. */
async function home() {
  const boards = [{ channels: 8, flavour: 'waveshare' as const }];
  const meters = [{ protocol: sdmTwin('sdm120'), unit: 2 }];
  const whole = new WholeHub(YAML, { baud: 9600, echo: false, boards, meters });
  whole.bus.meters[0]?.follow(() => reading(300 + 2000 * whole.closed.length));
  await whole.start();
  await whole.add('oven', 2000, 1);
  const loaded = loadSettings(YAML, { file: 'house.yaml', folder: '/etc', timezone: 'Europe/Rome' });
  if (!loaded.ok) throw new Error('the settings do not fit');
  const dataDir = tempDir();
  const history = PowerHistory.join(whole.hub, {
    settings: loaded.settings,
    dataDir,
    clock: whole.clock,
    log: createLog('error', join(dataDir, 'log')),
    isClockSure: () => true,
  });
  await history.store.opened;
  await whole.clock.settle();
  return { whole, history };
}

describe('a hub with a power history', () => {
  it('records its meter, and what is on where nothing measures', async () => {
    const { whole, history } = await home();
    const { clock } = whole;
    const startMs = clock.wallMs();
    await clock.advance(MINUTE_MS);
    await whole.toggle('oven', 'on');
    await clock.advance(5 * MINUTE_MS);
    whole.port.unplug();
    await clock.advance(5 * MINUTE_MS);
    await history.close();
    const ask = (source: string) =>
      history.store.power({ source, fromMs: startMs, toMs: startMs + HOUR_MS, resolution: 'auto' });
    const [house, oven] = [await ask('house'), await ask('appliance:oven')];
    expect(house.find(({ avgMw }) => avgMw === 2_300_000)).toMatchObject({
      isEstimated: false,
      coveredMs: MINUTE_MS,
      interactiveMw: 2_000_000,
      backgroundMw: 300_000,
      voltageMv: 230_000,
    });
    expect(oven.find(({ avgMw }) => avgMw === 2_000_000)).toMatchObject({ isEstimated: true, samples: 0 });
    // Unplugged: the meter is silent, and nobody knows the relay.
    const last = Math.max(...house.map((point) => point.startMs));
    expect(last).toBeLessThan(startMs + 8 * MINUTE_MS);
    expect(Math.max(...oven.map((point) => point.startMs))).toBeLessThan(startMs + 8 * MINUTE_MS);
    await history.store.close();
  });

  it('one that is closed before its thread is up leaves nothing behind', async () => {
    const { whole, history } = await home();
    await history.close();
    const { pending } = whole.clock;
    const again = PowerHistory.join(whole.hub, {
      settings: { hub: { timezone: 'Europe/Rome' }, limits: { baseLoadMw: 0 } } as never,
      dataDir: tempDir(),
      clock: whole.clock,
      log: createLog('error', join(tempDir(), 'log')),
    });
    await again.close();
    await again.store.close();
    await history.store.close();
    expect(whole.clock.pending).toBe(pending);
  });
});
