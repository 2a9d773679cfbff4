import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEMO_HOME } from '../../daemon/cli/demo-home.ts';
import { DEMO_PLUG_HOME } from '../../daemon/cli/demo-plugs.ts';
import { type HubProcess, runs, startProcess } from './hub-process.ts';
import { scratch, voltsafe } from './voltsafe.ts';

/** The real thing: the bin, its simulated board, its ledger, its doors. */

async function started(dataDir: string, port = '0', mqttPort = '0'): Promise<HubProcess> {
  const ports = ['--port', port, '--mqtt-port', mqttPort];
  const hub = startProcess(['start', '--data-dir', dataDir, '--host', '127.0.0.1', ...ports]);
  await runs(hub);
  return hub;
}

async function appliances(hub: HubProcess, token: string): Promise<{ id: string; relay_state: string }[]> {
  const answer = await fetch(`${hub.url()}/api/appliances`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return JSON.parse(await answer.text()).appliances;
}

/** What the meter of the house says. */
async function measuredW(hub: HubProcess, token: string): Promise<number | null> {
  const answer = await fetch(`${hub.url()}/api/load`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return JSON.parse(await answer.text()).measured_w;
}

async function newToken(dataDir: string): Promise<string> {
  const { code, out, err } = await voltsafe([
    'token',
    'create',
    '--role',
    'admin',
    '--name',
    'me',
    '--data-dir',
    dataDir,
  ]);
  expect(code, err).toBe(0);
  return out.trim();
}

/** A port that somebody else listens on. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('voltsafe start', { timeout: 60_000 }, () => {
  it('is a home on a simulated board; tokens made before, during and after it are kept', async () => {
    const dataDir = scratch();
    const early = await newToken(dataDir);
    const hub = await started(dataDir);
    expect(hub.out()).toContain(
      `  simulated board       8 relays on ${join(dataDir, 'board')}; nothing real is switched\n`,
    );
    expect(hub.out()).toMatch(/ {2}board's control {7}http:\/\/127\.0\.0\.1:\d+ /);
    expect(hub.out()).toContain('  limit                 5000 W\n');
    const token = await newToken(dataDir);
    await expect
      .poll(async () => (await appliances(hub, early)).length, { timeout: 20_000 })
      .toBe(DEMO_HOME.length + DEMO_PLUG_HOME.length);
    const isRead = async () => (await appliances(hub, token)).every(({ relay_state }) => relay_state === 'off');
    await expect.poll(isRead, { timeout: 20_000 }).toBe(true);

    hub.child.kill('SIGTERM');
    expect(await hub.ended).toBe(0);
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(false);
    expect(existsSync(join(dataDir, 'board'))).toBe(false);
    const list = await voltsafe(['token', 'list', '--data-dir', dataDir]);
    expect(list.out.trim().split('\n')).toHaveLength(2);
  });

  it('leaves no board behind when it is killed', async () => {
    const dataDir = scratch();
    const hub = await started(dataDir);
    const control = /board's control {7}(\S+)/.exec(hub.out())?.[1] ?? '';
    expect((await fetch(`${control}/coils`)).status).toBe(200);
    hub.child.kill('SIGKILL');
    const isGone = () =>
      fetch(`${control}/coils`).then(
        () => false,
        () => true,
      );
    await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
  });

  it('takes the next free port and says so; a second one on the same data is refused', async () => {
    const port = await takenPort();
    const dataDir = scratch();
    const hub = await started(dataDir, String(port));
    expect(hub.out()).toContain(`Port ${port} is taken; this hub is on ${new URL(hub.url()).port}.\n`);
    const second = await voltsafe(['start', '--data-dir', dataDir, '--port', '0']);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toBe(`voltsafe: a hub runs on ${dataDir} already; choose another --data-dir\n`);
    expect(existsSync(join(dataDir, 'board'))).toBe(true);
  });

  it('refuses a port that is none, with exit code 2', async () => {
    const { code, err } = await voltsafe(['start', '--port', '80800', '--data-dir', scratch()]);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining('--port takes a whole number from 0 to 65535, not "80800"'),
    });
  });
});

it('voltsafe start: its meter measures what the relays let through', { timeout: 60_000 }, async () => {
  const dataDir = scratch();
  const hub = await started(dataDir);
  const token = await newToken(dataDir);
  await expect.poll(() => measuredW(hub, token), { timeout: 20_000 }).toBe(0);
  const control = /board's control {7}(\S+)/.exec(hub.out())?.[1] ?? '';
  // The oven's button: 2400 W by its plate.
  await fetch(`${control}/buttons/5`, { method: 'POST' });
  await expect.poll(() => measuredW(hub, token), { timeout: 20_000 }).toBe(2160);
});

describe('voltsafe run', { timeout: 60_000 }, () => {
  it('names the setting when its port is taken, and exits 1', async () => {
    const folder = scratch();
    const port = await takenPort();
    writeFileSync(join(folder, 'house.yaml'), `http: { host: 127.0.0.1, port: ${port} }\nmqtt: { mode: off }\n`);
    const { code, out, err } = await voltsafe(['run', '--config', join(folder, 'house.yaml')]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^voltsafe: the hub cannot start: .*\n$/);
    expect(err).toContain(`port ${port}`);
    expect(err).toContain('http.port');
  });

  it('runs without the serial port of its board, and without the Postgres that it copies to; no password is said', async () => {
    const folder = scratch();
    writeFileSync(
      join(folder, 'house.yaml'),
      `http: { host: 127.0.0.1, port: 0 }
mqtt: { mode: off }
log: { level: silent }
buses: [{ id: main, driver: modbus-coils, path: ${join(folder, 'no-such-port')}, channels: 8 }]
replication: { url: "postgres://me:hunter2@nowhere" }\n`,
    );
    const hub = startProcess(['run', '--config', join(folder, 'house.yaml')]);
    await runs(hub);
    expect(hub.out()).toContain(`  data                  ${join(folder, 'data')}\n`);
    expect(hub.out()).toContain('  replication           nowhere\n');
    expect(hub.out() + hub.err()).not.toContain('hunter2');
    hub.child.kill('SIGINT');
    expect(await hub.ended).toBe(0);
  });
});
