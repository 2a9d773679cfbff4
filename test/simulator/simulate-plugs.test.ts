import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tellBroker } from '../../daemon/cli/plug-broker.ts';
import { PLUG_FAMILIES } from '../../relay-drivers/simulator/plug-flavours.ts';
import { folder, start } from './simulating.ts';
import { userBroker } from './user-broker.ts';

interface Told {
  readonly coils?: readonly { readonly closed: boolean }[];
  readonly plugs?: readonly { readonly name: string; readonly connected: boolean }[];
  readonly [field: string]: unknown;
}

/** The command in this process, once it serves. */
async function simulating(words: readonly string[], { cwd = folder(), env = {} } = {}) {
  const process = start([...words, '--control', '0'], cwd, env);
  await expect.poll(() => process.lines).toContain('started');
  const control = process.lines.flatMap((line) => /^control on (.+)$/.exec(line)?.[1] ?? [])[0] ?? '';
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
    const response = await fetch(`${control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Told };
  };
  const isConnected = async (name: string) =>
    (await call('GET', '/plugs')).body.plugs?.find((plug) => plug.name === name)?.connected;
  return { ...process, call, isConnected };
}

describe('voltsafe simulate --plug', () => {
  it('connects each plug by its own name, with its password from a file, and ends in order', async () => {
    const broker = await userBroker({ kettle: 'one', heater: 'two' });
    const cwd = folder();
    writeFileSync(join(cwd, 'pass'), 'kettle:one\nheater:two\n');
    const words = ['--plug', 'tasmota:kettle', '--plug', 'shelly-gen2:heater:1:1000', '--broker', broker.url];
    const { lines, isConnected, stop, exit } = await simulating([...words, '--password-file', 'pass'], { cwd });
    expect(lines[0]).toBe('plugs ready: kettle, heater');
    expect(lines.join()).not.toContain('board');
    await expect.poll(() => isConnected('kettle')).toBe(true);
    await expect.poll(() => isConnected('heater')).toBe(true);
    await expect.poll(() => broker.heard.map(({ line }) => line)).toContain('heater heater/online true');
    stop();
    expect(await exit).toBe(0);
  });

  it('shows the truth, and takes faults, buttons and loads', async () => {
    const broker = await userBroker({ one: 'secret' });
    const words = ['--plug', 'tasmota:kettle:2:2000', '--broker', broker.url, '--user', 'one'];
    const { call, isConnected } = await simulating(words, { env: { VOLTSAFE_MQTT_PASSWORD: 'secret' } });
    await expect.poll(() => isConnected('kettle')).toBe(true);
    const isClosed = async () => (await call('GET', '/plugs/kettle/coils')).body.coils?.[0]?.closed;
    const switched = () => {
      broker.send('cmnd/kettle/POWER1', 'ON');
      return isClosed();
    };
    await expect.poll(switched).toBe(true);
    expect((await call('GET', '/plugs')).body).toEqual({
      plugs: [
        {
          name: 'kettle',
          connected: true,
          channels: [
            { channel: 1, closed: true, power_w: 2000, energy_wh: expect.any(Number) },
            { channel: 2, closed: false, power_w: 0, energy_wh: 0 },
          ],
        },
      ],
    });
    await call('POST', '/plugs/kettle/buttons/1');
    expect(await isClosed()).toBe(false);
    expect((await call('GET', '/plugs/kettle/log')).body.log).toContainEqual(
      expect.objectContaining({ channel: 1, what: 'contact', on: false, cause: 'button' }),
    );
    const faults = await call('POST', '/plugs/kettle/faults', { welded: [2], delay_ms: 5 });
    expect(faults).toMatchObject({ status: 200, body: { faults: { welded: [2], delay_ms: 5, freeze: false } } });
    await call('POST', '/plugs/kettle/buttons/2');
    const loaded = await call('POST', '/plugs/kettle/loads/2', { power_w: 12.5 });
    expect(loaded.body).toMatchObject({ channels: [{}, { closed: true, power_w: 12.5 }] });
  });

  it.each<['GET' | 'POST', string, unknown, number, string]>([
    ['GET', '/plugs/toaster/coils', undefined, 400, 'plug: expected one of kettle'],
    ['POST', '/plugs/kettle/buttons/2', undefined, 400, 'button: expected a whole number from 1 to 1'],
    ['POST', '/plugs/kettle/loads/1', { power_w: -1 }, 400, 'power_w: expected watts'],
    ['POST', '/plugs/kettle/loads/1', undefined, 400, 'expected a JSON object'],
    ['POST', '/plugs/kettle/faults', { frozen: true }, 400, 'frozen: unknown field'],
    ['POST', '/plugs/kettle/coils', undefined, 405, 'use GET'],
    ['GET', '/plugs/kettle', undefined, 404, 'nothing is at /plugs/kettle'],
    ['GET', '/coils', undefined, 400, 'no boards'],
  ])('refuses what it cannot do: %s %s', async (method, path, body, status, why) => {
    const { call } = await simulating(['--plug', 'tasmota:kettle', '--broker', '-']);
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(why) } });
  });

  it('learns its broker from its parent, whose passwords are repeated nowhere', async () => {
    const broker = await userBroker({ kettle: 'hunter2' });
    const process = await simulating(['--plug', 'tasmota:kettle', '--broker', '-', '--exit-with-stdin']);
    expect(await process.isConnected('kettle')).toBe(false);
    process.say('{"broker":"mqtt://x","hunter2":1}');
    expect(process.errors).toEqual(['voltsafe: a line on stdin is no {"broker", "passwords"}']);
    process.say(tellBroker(broker.url, { kettle: 'hunter2' }));
    await expect.poll(() => process.isConnected('kettle')).toBe(true);
    expect(process.lines.join()).not.toContain('hunter2');
    process.endStdin();
    expect(await process.exit).toBe(0);
  });

  it('hangs beside a board, and the meter on its line sees both', async () => {
    const board = ['--board', 'modbus-coils', '--meter', 'sdm230:2', '--watts', '100', '--base-watts', '5'];
    const { lines, call } = await simulating([...board, '--plug', 'tasmota:kettle:1:2000', '--broker', '-']);
    expect(lines[0]).toMatch(/^board ready on /);
    await call('POST', '/buttons/1');
    await call('POST', '/plugs/kettle/buttons/1');
    expect((await call('GET', '/meters')).body.meters).toMatchObject([{ power_w: 2105 }]);
    expect((await call('GET', '/coils')).body.coils?.[0]?.closed).toBe(true);
  });

  it.each([
    [['--plug', 'toaster:x', '--broker', '-'], `the family one of ${Object.keys(PLUG_FAMILIES).join(', ')}`],
    [['--plug', 'tasmota', '--broker', '-'], 'a name has 1 to 64'],
    [['--plug', 'tasmota:a/b', '--broker', '-'], 'a name has 1 to 64'],
    [['--plug', 'tasmota:a:0', '--broker', '-'], 'channels'],
    [['--plug', 'tasmota:a:1:2,3', '--broker', '-'], 'more watts than channels'],
    [['--plug', 'tasmota:a:1:1:1', '--broker', '-'], '--plug takes FAMILY:NAME'],
    [['--plug', 'tasmota:a', '--plug', 'esphome:a', '--broker', '-'], 'two are named a'],
    [['--plug', 'tasmota:a'], '--broker is missing'],
    [['--plug', 'tasmota:a', '--broker', 'http://x'], '--broker takes mqtt://'],
    [['--plug', 'tasmota:a', '--broker', 'mqtt://u:p@x'], 'without a password'],
    [['--plug', 'tasmota:a', '--broker', 'mqtt://x'], 'no password for a'],
    [['--plug', 'tasmota:a', '--broker', 'mqtt://x', '--password-file', 'nowhere'], '--password-file: ENOENT'],
    [['--broker', 'mqtt://x'], '--broker is about plugs'],
    [['--plug', 'tasmota:a', '--broker', '-', '--power-on', 'maybe'], '--power-on is one of off, on, last'],
  ])('refuses %j', async (words, why) => {
    await expect(start(words).exit).rejects.toThrow(why);
  });
});
