import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask } from '../postgres/server.ts';
import { fill } from './disks.ts';
import { PostgresHouse } from './postgres-house.ts';
import { PATIENTLY } from './rig.ts';

const HURRY = fileURLToPath(new URL('./hurry.ts', import.meta.url));
const WRONG = 'hunter2-is-not-it';

let at: PostgresHouse;
beforeAll(async () => {
  vi.stubEnv('NODE_OPTIONS', `${process.env.NODE_OPTIONS ?? ''} --import ${HURRY}`);
  at = await PostgresHouse.open();
}, 60_000);
afterAll(() => at.remove());

/** Nobody gets at the table meanwhile; asks how many wait for it. */
async function withEventsLocked(work: (waiting: () => Promise<number>) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: at.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin; lock table voltsafe.event in access exclusive mode');
  await work(async () => {
    const waits = `select from pg_stat_activity where application_name = 'voltsafe-hub' and wait_event_type = 'Lock'`;
    return (await client.query(waits)).rowCount ?? 0;
  });
  // Not awaited: who stands still says no goodbye.
  void client.end().catch(() => undefined);
}

// One hub lives through all of it, in this order.
describe('a hub whose Postgres makes trouble switches on, says so, and loses nothing', { timeout: 60_000 }, () => {
  it('not there from the start: ready all the same; then it comes, and everything arrives', async () => {
    const { house, server } = at;
    await house.start();
    await house.add('lamp', 100, 1);
    await house.add('pump', 200, 2);
    await at.toggles(2);
    await at.says('postgres_unreachable');
    expect((await at.state()).lag_rows).toBeGreaterThan(8);
    expect(await house.api.get('/ready')).toBeTruthy();
    await server.start();
    await at.arrived();
  });

  it('answers no more in the middle of a batch, and is killed and started: everything is there exactly once', async () => {
    await withEventsLocked(async (waiting) => {
      await at.toggles(1);
      await expect.poll(waiting, PATIENTLY).toBe(1);
      at.freeze();
    });
    await at.toggles(2);
    await at.says('postgres_slow');
    await at.kill();
    await at.toggles(1);
    await at.says('postgres_unreachable');
    await at.server.start();
    await at.arrived();
  });

  it('a wrong password is told and never shown; a corrected file is enough', async () => {
    at.writePassword(WRONG);
    await at.cut();
    await at.says('postgres_refused_login');
    await at.toggles(1);
    const { house } = at;
    const shown = [house.hub.out, house.hub.err, JSON.stringify(await at.state()), await at.metrics()];
    expect(shown.join('\n')).not.toMatch(new RegExp(`${WRONG}|${at.password}`));
    at.writePassword(at.password);
    await at.arrived();
    expect(house.hub.isOver).toBe(false);
  });

  it('a schema of a newer hub is left alone', async () => {
    await ask(at.url, `insert into voltsafe.schema_version values (99, 'later')`);
    await at.cut();
    await at.says('schema_newer');
    const count = 'select count(*)::int as n from voltsafe.event';
    const before = await ask(at.url, count);
    await at.toggles(1);
    await at.says('schema_newer');
    expect(await ask(at.url, count)).toEqual(before);
    await ask(at.url, 'delete from voltsafe.schema_version where version = 99');
    await at.arrived();
  });

  it('a full disk under the power history: said; written again when there is room', async ({ skip }) => {
    if (at.noDisk !== null) return skip(`needs the right to mount a disk: ${at.noDisk.message.trim()}`);
    const { api, hub } = at.house;
    const [heardS, beganMs] = [await at.heardS(), performance.now()];
    const liveS = () => (performance.now() - beganMs) / 1000;
    fill(at.disk, 'filler');
    await expect
      .poll(() => api.get('/api/history'), PATIENTLY)
      .toMatchObject({
        state: 'full',
        detail: expect.stringContaining('free space'),
      });
    expect(await at.metrics()).toMatch(/^voltsafe_history_up 0$/m);
    expect(hub.err).toContain('the power history cannot be written');
    await at.toggles(10);
    const { last_rev: stoodAt } = await at.state();
    const fullS = liveS();
    rmSync(join(at.disk, 'filler'));
    await expect.poll(() => api.get('/api/history'), PATIENTLY).toMatchObject({ state: 'ok', detail: null });
    expect(hub.err).toContain('the power history is written again');
    // What was heard meanwhile waited in memory: no gap of that length stays.
    await expect.poll(async () => heardS + liveS() - (await at.heardS()), PATIENTLY).toBeLessThan(fullS / 2);
    await expect.poll(async () => (await at.state()).last_rev, PATIENTLY).toBeGreaterThan(stoodAt ?? 0);
    await at.arrived();
  });
});
