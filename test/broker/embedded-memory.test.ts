import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BROKER_LIMITS } from '../../daemon/broker/limits.ts';
import { publishPacket, RawClient, subscribePacket } from './embedded-raw.ts';
import { connect, folder, listen, openRig, Users } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';

const LINE_MS = 10_000;

describe('what is kept', () => {
  it('survives a clean stop: messages, sessions, and what waits for those who are away', async () => {
    const dataDir = folder();
    const first = await openRig({ dataDir });
    await fill(first.broker.url);
    await first.broker.publish('homeassistant/x', 'of the hub', { qos: 1, retain: true });
    await first.broker.publish('voltsafe/home-1/load', 'missed', { qos: 1, retain: false });
    await first.broker.close();
    const second = await openRig({ dataDir });
    const heard: string[] = [];
    second.broker.subscribe('#', ({ topic, payload, isRetained }) => heard.push(`${topic} ${payload} ${isRetained}`));
    await vi.waitFor(() => expect(heard).toEqual(['tele/plug1/LWT Online true', 'tele/plug1/STATE 2 true']));
    // The hub says its own again.
    const client = await connect(second.broker.url, 'ha', { clientId: 'ha', clean: false });
    const ha = await listen(client, 'homeassistant/x');
    await vi.waitFor(() => expect(ha).toEqual(['voltsafe/home-1/load missed']));
    await second.broker.publish('voltsafe/home-1/load', 'now', { qos: 1, retain: false });
    await vi.waitFor(() => expect(ha).toEqual(['voltsafe/home-1/load missed', 'voltsafe/home-1/load now']));
    // Acknowledged by now: it does not come again.
    await client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    await second.broker.close();
    const third = await openRig({ dataDir });
    const again = await listen(
      await connect(third.broker.url, 'ha', { clientId: 'ha', clean: false }),
      'homeassistant/y',
    );
    await third.broker.publish('voltsafe/home-1/load', 'last', { qos: 1, retain: false });
    await vi.waitFor(() => expect(again).toEqual(['voltsafe/home-1/load last']));
  });

  it('survives SIGKILL', async () => {
    const dataDir = folder();
    const killed = await keeper(dataDir);
    const ha = await fill(killed.url);
    const path = join(dataDir, 'mqtt.journal');
    await vi.waitFor(() => expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4), LINE_MS);
    ha.end(true);
    await killed.kill();
    const { broker } = await openRig({ dataDir });
    expect(broker.counts()).toMatchObject({ retained: 2, sessions: 1 });
    const back = await listen(await connect(broker.url, 'ha', { clientId: 'ha', clean: false }), 'homeassistant/y');
    await broker.publish('voltsafe/home-1/load', 'still subscribed', { qos: 1, retain: false });
    await vi.waitFor(() => expect(back).toEqual(['voltsafe/home-1/load still subscribed']));
  });

  it('forgets what is taken back, and sessions that begin anew', async () => {
    const dataDir = folder();
    const first = await openRig({ dataDir });
    await fill(first.broker.url);
    await first.broker.close();
    const second = await openRig({ dataDir });
    const plug = await second.connect('plug1');
    await plug.publishAsync('tele/plug1/LWT', '', { qos: 1, retain: true });
    await second.connect('ha', { clientId: 'ha', clean: true });
    await vi.waitFor(() => expect(second.broker.counts()).toMatchObject({ retained: 1, sessions: 0 }));
    await second.broker.close();
    const third = await openRig({ dataDir });
    expect(third.broker.counts()).toMatchObject({ retained: 1, sessions: 0 });
  });

  it('forgets what belongs to users that are gone', async () => {
    const dataDir = folder();
    const first = await openRig({ dataDir });
    await fill(first.broker.url);
    await first.broker.close();
    const users = new Users();
    users.remove('plug1');
    users.remove('ha');
    const { broker } = await openRig({ dataDir, users });
    expect(broker.counts()).toMatchObject({ retained: 0, sessions: 0 });
  });

  it('a stop says the last wills of those who were there', async () => {
    const dataDir = folder();
    const first = await openRig({ dataDir });
    const heard: string[] = [];
    first.broker.subscribe('tele/plug1/LWT', ({ payload }) => heard.push(String(payload)));
    const will = { topic: 'tele/plug1/LWT', payload: Buffer.from('Offline'), qos: 1, retain: true } as const;
    const plug = await first.connect('plug1', { will });
    await plug.publishAsync('tele/plug1/LWT', 'Online', { qos: 1, retain: true });
    await first.broker.close();
    expect(heard).toEqual(['Online']);
    const second = await openRig({ dataDir });
    second.broker.subscribe('tele/plug1/LWT', ({ payload }) => heard.push(String(payload)));
    await vi.waitFor(() => expect(heard).toEqual(['Online', 'Offline']));
  });
});

describe('the journal', () => {
  it('is read by nobody else', async () => {
    const { dataDir } = await filled();
    expect(statSync(join(dataDir, 'mqtt.journal')).mode & 0o777).toBe(0o600);
  });

  it.each([1, 2, 10, 40])('loses the last line alone when %d bytes of it are torn off', async (bytes) => {
    const { dataDir, path } = await filled();
    const size = statSync(path).size;
    truncateSync(path, size - bytes);
    const torn = await openRig({ dataDir });
    expect(torn.troubles).toHaveLength(1);
    expect(torn.broker.counts().retained + torn.broker.counts().sessions).toBe(2);
    const plug = await torn.connect('plug1');
    await plug.publishAsync('plug1/new', 'x', { qos: 1, retain: true });
    await torn.broker.close();
    const after = await openRig({ dataDir });
    expect(after.troubles).toEqual([]);
    expect(after.broker.counts().retained + after.broker.counts().sessions).toBe(3);
  });

  it('leaves out what makes no sense, says so, and goes on', async () => {
    const { dataDir, path } = await filled();
    const lines = [
      'nonsense',
      '{"topic":"a"}',
      '{"topic":"a","payload":"?","qos":1,"user":"plug1"}',
      '[]',
      '{"session":1}',
    ];
    writeFileSync(path, `${lines.join('\n')}\n${readFileSync(path, 'utf8')}`);
    const { broker, troubles } = await openRig({ dataDir });
    expect(broker.counts()).toMatchObject({ retained: 2, sessions: 1 });
    expect(troubles).toEqual([expect.stringMatching(/5 lines/)]);
  });

  it('says when it cannot be written, and writes all of it when it can', async () => {
    const clock = new Steps();
    const dataDir = folder();
    const rig = await openRig({ dataDir, clock });
    const path = join(dataDir, 'mqtt.journal');
    mkdirSync(path);
    await keep(rig.port, 'plug1/a', '1');
    clock.advance(BROKER_LIMITS.journalSoonMs);
    await vi.waitFor(() => expect(rig.troubles).toHaveLength(1));
    rmdirSync(path);
    await keep(rig.port, 'plug1/b', '1');
    clock.advance(BROKER_LIMITS.journalSoonMs);
    await vi.waitFor(() => expect(lines(path)).toHaveLength(2));
  });

  it('new topics within 5 s, changed ones once a minute, nothing when nothing changed', async () => {
    const clock = new Steps();
    const dataDir = folder();
    const { port, broker } = await openRig({ dataDir, clock });
    const path = join(dataDir, 'mqtt.journal');
    await keep(port, 'plug1/a', '1');
    expect(existsSync(path)).toBe(false);
    clock.advance(BROKER_LIMITS.journalSoonMs);
    await vi.waitFor(() => expect(lines(path)).toHaveLength(1));
    for (let value = 2; value < 10; value += 1) await keep(port, 'plug1/a', String(value));
    clock.advance(BROKER_LIMITS.journalSoonMs);
    await vi.waitFor(() => expect(lines(path)).toHaveLength(2));
    for (let seconds = 0; seconds < 55; seconds += 5) {
      await keep(port, 'plug1/a', `again ${seconds}`);
      clock.advance(5_000);
    }
    await keep(port, 'plug1/b', '1');
    clock.advance(BROKER_LIMITS.journalSoonMs);
    // The new one, and with the minute that is over the changed one.
    await vi.waitFor(() => expect(lines(path).length).toBeGreaterThanOrEqual(3));
    clock.advance(BROKER_LIMITS.journalSeldomMs);
    await vi.waitFor(() => expect(lines(path)).toHaveLength(4));
    await keep(port, 'plug1/a', 'again 50');
    await broker.publish('homeassistant/x', 'of the hub', { qos: 1, retain: true });
    clock.advance(10 * BROKER_LIMITS.journalSeldomMs);
    await keep(port, 'plug1/c', '1');
    clock.advance(BROKER_LIMITS.journalSoonMs);
    await vi.waitFor(() => expect(lines(path)).toHaveLength(5));
  });

  it('is written anew when most of it is out of date', async () => {
    const clock = new Steps();
    const dataDir = folder();
    const { port } = await openRig({ dataDir, clock });
    const path = join(dataDir, 'mqtt.journal');
    let most = 0;
    for (let at = 0; at < 12; at += 1) {
      await keep(port, 'plug1/a', String(at).repeat(40_000));
      clock.advance(20 * BROKER_LIMITS.journalSeldomMs);
      await vi.waitFor(() => expect(existsSync(path)).toBe(true));
      most = Math.max(most, statSync(path).size);
    }
    await vi.waitFor(() => expect(lines(path).at(-1)).toContain('plug1/a'));
    expect(most).toBeLessThan(BROKER_LIMITS.journalWasteBytes + 4 * 60_000);
    expect(lines(path).length).toBeLessThan(8);
  });

  it('queues of those who are away are bounded', async () => {
    const { port, broker } = await openRig();
    const ha = await RawClient.login(port, 'ha', { clean: false });
    ha.send(subscribePacket(['voltsafe/home-1/#'], 1));
    await ha.got('suback');
    ha.send({ cmd: 'disconnect' });
    await ha.closed();
    for (let at = 0; at < BROKER_LIMITS.queuedPerSession + 100; at += 1)
      await broker.publish('voltsafe/home-1/load', String(at), { qos: 1, retain: false });
    const back = await RawClient.login(port, 'ha', { clean: false });
    await back.got('publish', BROKER_LIMITS.queuedPerSession);
    await back.isAlive();
    expect(back.all('publish')).toHaveLength(BROKER_LIMITS.queuedPerSession);
  });

  it('sessions of one user are bounded; the one unseen for longest goes', async () => {
    const { port, broker } = await openRig();
    for (let at = 0; at < BROKER_LIMITS.sessionsPerUser + 5; at += 1) {
      const plug = await RawClient.login(port, 'plug1', { clientId: `c${at}`, clean: false });
      plug.send(subscribePacket(['cmnd/plug1/#'], 1));
      await plug.got('suback');
      plug.send({ cmd: 'disconnect' });
      await plug.closed();
    }
    expect(broker.counts().sessions).toBe(BROKER_LIMITS.sessionsPerUser);
    const present = async (clientId: string) =>
      (await RawClient.login(port, 'plug1', { clientId, clean: false })).packets[0];
    expect(await present('c0')).toMatchObject({ sessionPresent: false });
    expect(await present('c10')).toMatchObject({ sessionPresent: true });
  });
});

/** Two kept messages of plug1, and a session of `ha` that is left. */
async function fill(url: string) {
  const plug = await connect(url, 'plug1');
  await plug.publishAsync('tele/plug1/LWT', 'Online', { qos: 1, retain: true });
  await plug.publishAsync('tele/plug1/STATE', '1', { qos: 1, retain: true });
  await plug.publishAsync('tele/plug1/STATE', '2', { qos: 1, retain: true });
  await plug.endAsync();
  const ha = await connect(url, 'ha', { clientId: 'ha', clean: false });
  await ha.subscribeAsync('voltsafe/home-1/#', { qos: 1 });
  await ha.endAsync();
  return ha;
}

async function filled() {
  const dataDir = folder();
  const { broker } = await openRig({ dataDir });
  await fill(broker.url);
  await broker.close();
  return { dataDir, path: join(dataDir, 'mqtt.journal') };
}

async function keep(port: number, topic: string, payload: string): Promise<void> {
  const plug = await RawClient.login(port, 'plug1');
  plug.send({ ...publishPacket(topic, payload, 1), retain: true } as ReturnType<typeof publishPacket>);
  await plug.got('puback');
  await plug.isAlive();
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

async function keeper(dataDir: string) {
  const program = fileURLToPath(new URL('./embedded-keeper.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const { value: url = '' } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  return {
    url: String(url),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
