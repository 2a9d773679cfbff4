import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client } from './client.ts';
import { Program, voltsafe } from './program.ts';
import { runningHouse, scratch } from './rig.ts';

/** A port that somebody else listens on. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('one data directory, one hub', { timeout: 60_000 }, () => {
  it('a second hub is refused with one clear line, and the first does not notice', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.api.toggle('heater', true);
    const config = readFileSync(house.configFile, 'utf8');
    const other = join(scratch(), 'other.yaml');
    writeFileSync(other, config.replace(house.linkOf('main'), '/dev/voltsafe-nothing'));
    const { code, out, err } = await voltsafe('run', '--config', other);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^voltsafe: the hub cannot start: [^\n]+\n$/);
    expect(err).toContain(house.dataDir);
    expect(await house.api.appliance('heater')).toMatchObject({ relay_state: 'on', fault: null });
    expect((await house.api.toggle('heater', false)).status).toBe(200);
    expect(await house.board.written(1)).toEqual([true, false]);
  });

  it('a token is made while the hub runs, by the hub', async () => {
    const house = await runningHouse({ buses: {} });
    const words = ['token', 'create', '--role', 'viewer', '--name', 'Tablet'];
    const { code, out } = await voltsafe(...words, '--config', house.configFile);
    expect(code).toBe(0);
    const { body } = await house.clientOf(out.trim()).ask('/api/session');
    expect(body).toEqual({ name: 'Tablet', role: 'viewer', principal: expect.stringMatching(/^token:[0-9a-f]{12}$/) });
  });
});

describe('a taken port', { timeout: 60_000 }, () => {
  it('run names the setting and exits 1; the ledger is left as it was', async () => {
    const folder = scratch();
    const file = join(folder, 'house.yaml');
    const port = await takenPort();
    writeFileSync(
      file,
      `{ hub: { data_dir: ${folder}/data }, http: { host: 127.0.0.1, port: ${port} }, mqtt: { mode: off } }`,
    );
    const { code, out, err } = await voltsafe('run', '--config', file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^voltsafe: the hub cannot start: [^\n]+\n$/);
    expect(err).toContain(`"http.port"`);
    expect(err).toContain(String(port));
  });

  it('start takes the next free one, and says so', async () => {
    const port = await takenPort();
    const hub = new Program(['start', '--data-dir', scratch(), '--host', '127.0.0.1', '--port', String(port)]);
    onTestFinished(() => hub.kill());
    const url = new URL(await hub.said(/(http:\/\/\S+)#setup=/));
    expect(Number(url.port)).toBeGreaterThan(port);
    await hub.said(new RegExp(`^Port ${port} is taken; this hub is on ${url.port}\\.$`, 'm'));
    expect((await new Client(url.origin, null).ask('/health')).status).toBe(200);
  });
});
