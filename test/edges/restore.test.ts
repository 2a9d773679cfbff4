import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { voltsafe } from './program.ts';
import { type House, PATIENTLY, runningHouse } from './rig.ts';

interface Lock {
  readonly lock: { readonly fencing_token: number };
}

async function backup(house: House): Promise<string> {
  const file = join(house.folder, 'backup.db');
  const { code, err } = await voltsafe('backup', file, '--config', house.configFile);
  expect(code, err).toBe(0);
  return file;
}

async function lend(house: House, resource: string): Promise<number> {
  const { lock } = await house.api.post<Lock>(`/api/locks/${resource}/acquire`, { mode: 'exclusive', ttl_ms: 60_000 });
  await house.api.post(`/api/locks/${resource}/release`, { fencing_token: lock.fencing_token });
  return lock.fencing_token;
}

describe('a ledger that is older than what its relays do', { timeout: 60_000 }, () => {
  it('is made while the hub runs and restored when it does not; then relays are counted as they are found', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.add('oven', 3000, 2);
    await lend(house, 'known');
    const file = await backup(house);

    // What the backup does not know: a relay that is on, tokens, and a resource.
    expect((await house.api.toggle('heater', true)).status).toBe(200);
    const given = [await lend(house, 'known'), await lend(house, 'unknown')];
    const busy = await voltsafe('restore', file, '--config', house.configFile);
    expect(busy).toMatchObject({ code: 1, err: expect.stringMatching(/is in use by process \d+/) });
    await house.hub.kill();
    expect(await voltsafe('restore', file, '--config', house.configFile)).toMatchObject({ code: 0 });

    const api = await house.start();
    // S9: nobody granted it, as far as this ledger knows; S2: it counts, and nothing else fits beside it.
    await expect.poll(() => api.appliance('heater'), PATIENTLY).toMatchObject({ is_on: true, relay_state: 'on' });
    expect((await api.load()).reserved_w).toBe(3000);
    expect((await api.toggle('oven', true)).status).toBe(403);
    expect(await house.board.written(1)).toEqual([true]);
    const decisions = await api.decisions();
    expect(
      decisions.filter(
        ({ appliance, actor, kind }) => appliance === 'heater' && actor === 'admin' && kind === 'ordered',
      ),
    ).toEqual([]);
    expect(decisions.filter(({ kind }) => kind === 'restored')).toMatchObject([
      {
        source: 'cli',
        outcome: 'recorded',
        reason: expect.stringMatching(/^from a backup of the ledger \S+ up to event \d+:/),
      },
    ]);
    for (const resource of ['known', 'unknown'])
      expect(await lend(house, resource)).toBeGreaterThan(Math.max(...given));
  });
});
