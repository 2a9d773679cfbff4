import { describe, expect, it } from 'vitest';
import { askControl, isHubRunning } from '../../daemon/cli/control-client.ts';
import type { HubModule } from '../../daemon/cli/hub-module.ts';
import type { HubOptions, RunningHub } from '../../daemon/cli/ports.ts';
import { serveHub } from '../../daemon/cli/serve.ts';
import { loadSettings } from '../../daemon/settings/load.ts';
import type { Settings } from '../../daemon/settings/types.ts';
import { ListDesk } from './desk.ts';
import { testIo } from './test-io.ts';
import { scratch } from './voltsafe.ts';

function settings(text = 'log: { level: silent }'): Settings {
  const loaded = loadSettings(text, { file: 'f', folder: '/', timezone: 'UTC' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.settings;
}

/** `serveHub` around a hub that does what the test says; what happened is kept in order. */
function served(changes: Partial<RunningHub> = {}, refuse?: Error) {
  const dataDir = scratch();
  const stopping = new AbortController();
  const happened: string[] = [];
  const hub: RunningHub = {
    url: 'http://0.0.0.0:1',
    setupLink: 'http://0.0.0.0:1/#setup=x',
    desk: new ListDesk(),
    ledger: { origin: 'none', lastSeq: () => 0, readRows: async () => [] },
    devices: () => [],
    probe: () => {},
    failed: new Promise(() => {}),
    stop: async () => void happened.push('stopped'),
    ...changes,
  };
  const startHub = async (_: HubOptions) => {
    if (refuse) throw refuse;
    return hub;
  };
  const module: HubModule = { startHub, openDesk: () => Promise.reject(new Error('not asked for')) };
  const io = testIo({ stop: stopping.signal, started: () => void happened.push('started') });
  const choice = { settings: settings(), dataDir, portRetry: false, simulated: false };
  const code = serveHub(
    choice,
    io,
    () => void happened.push('greeted'),
    async () => module,
  );
  return { code, dataDir, happened, stop: () => stopping.abort() };
}

describe('a hub that runs', () => {
  it('is asked over its control socket, and stops in order when told to', async () => {
    const { code, dataDir, happened, stop } = served();
    await expect.poll(() => isHubRunning(dataDir)).toBe(true);
    expect(await askControl(dataDir, 'token.list', {})).toEqual({ result: [] });
    stop();
    expect(await code).toBe(0);
    expect(happened).toEqual(['greeted', 'started', 'stopped']);
    expect(await isHubRunning(dataDir)).toBe(false);
  });

  it('ends as a failure when it cannot go on, still in order', async () => {
    const { code, happened } = served({ failed: Promise.resolve(new Error('the ledger is gone')) });
    await expect(code).rejects.toMatchObject({ exitCode: 1, message: 'the hub stopped: the ledger is gone' });
    expect(happened).toContain('stopped');
  });
});

describe('a hub that cannot start', () => {
  it('says what to do', async () => {
    const { code, dataDir } = served({}, new Error('the ledger is held by another hub'));
    const message = 'the hub cannot start: the ledger is held by another hub';
    await expect(code).rejects.toMatchObject({ exitCode: 1, message });
    expect(await isHubRunning(dataDir)).toBe(false);
  });
});
