import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveControl } from '../../daemon/cli/control-server.ts';
import { deskHandlers } from '../../daemon/cli/desk-handlers.ts';
import { dispatch } from '../../daemon/cli/dispatch.ts';
import { ListDesk } from './desk.ts';
import { testIo } from './test-io.ts';
import { scratch, voltsafe } from './voltsafe.ts';

const MADE = '2026-01-02T03:04:05.000Z';

/** A hub, as far as users go, that runs on a data directory of its own. */
async function runningHub() {
  const dataDir = scratch();
  const desk = new ListDesk();
  const handlers = deskHandlers(desk, () => Date.parse(MADE));
  const server = await serveControl(dataDir, handlers, () => {});
  onTestFinished(() => server.close());
  return { dataDir, desk };
}

async function mqttUser(dataDir: string, ...words: string[]) {
  const io = testIo();
  const code = await dispatch(['mqtt-user', ...words, '--data-dir', dataDir], io);
  return { code, out: io.outLines, err: io.errLines };
}

describe('MQTT users of a running hub', () => {
  it('get a password that is printed once, alone on stdout; the hub is told the hash', async () => {
    const { dataDir, desk } = await runningHub();
    const words = ['--name', 'kettle', '--role', 'device', '--topic', 'a/kettle/+', '--topic', 'b/#'];
    const { code, out, err } = await mqttUser(dataDir, 'add', ...words);
    const [password = ''] = out;
    expect({ code, out }).toEqual({ code: 0, out: [expect.stringMatching(/^[\w-]{27}$/)] });
    expect(err.join()).not.toContain(password);
    expect(err.join()).not.toContain('void');
    expect(desk.mqttUsers()).toEqual([
      {
        name: 'kettle',
        role: 'device',
        topics: ['a/kettle/+', 'b/#'],
        secretHash: createHash('sha256').update(password).digest('hex'),
        createdWallMs: Date.parse(MADE),
      },
    ]);
    expect(desk.asked).toMatchObject([{ kind: 'add_mqtt_user', who: { role: 'admin', source: 'cli' } }]);
  });

  it('get another one when they are added again, and it is said that the old one is void', async () => {
    const { dataDir, desk } = await runningHub();
    const words = ['--name', 'ha', '--role', 'integration'];
    const first = await mqttUser(dataDir, 'add', ...words);
    const second = await mqttUser(dataDir, 'add', ...words);
    expect(second.out).not.toEqual(first.out);
    expect(second.err.join()).toContain('the password that it had is void');
    expect(desk.mqttUsers()).toHaveLength(1);
  });

  it('are listed and removed', async () => {
    const { dataDir, desk } = await runningHub();
    expect((await mqttUser(dataDir, 'list')).err).toEqual(['there are no MQTT users']);
    await mqttUser(dataDir, 'add', '--name', 'ha', '--role', 'viewer', '--topic', 'x/#');
    const { out } = await mqttUser(dataDir, 'list');
    expect(out).toEqual([`ha                    viewer       ${MADE}  x/#`]);
    expect((await mqttUser(dataDir, 'remove', 'ha')).code).toBe(0);
    expect(desk.mqttUsers()).toEqual([]);
    const again = await mqttUser(dataDir, 'remove', 'ha');
    expect(again).toMatchObject({ code: 1, err: ['voltsafe: there is no ha (not_found)'] });
  });

  it.each([
    [['--name', 'a b', '--role', 'device'], '--name a b: a name has 1 to 64 of A-Z a-z 0-9 _ . -'],
    [['--name', 'x'.repeat(65), '--role', 'device'], 'a name has 1 to 64'],
    [['--name', 'Shellies', '--role', 'device'], '--name Shellies: it stands in the topics of other devices'],
    [['--name', 'POWER2', '--role', 'device'], 'choose another'],
    [['--name', 'voltsafe-x', '--role', 'device'], 'choose another'],
    [
      ['--name', 'a', '--role', 'devise'],
      '--role is one of device, integration, viewer, not "devise"; did you mean device?',
    ],
    [['--name', 'a'], '--role is missing'],
    [['--name', 'a', '--role', 'device', '--topic', '#'], '--topic #: a filter that begins with a wildcard'],
    [['--name', 'a', '--role', 'device', '--topic', '+/home/appliance/x/set'], 'begins with a wildcard'],
    [
      ['--name', 'a', '--role', 'device', '--topic', 'a', '--topic', 'voltsafe/#'],
      '--topic voltsafe/#: topics below voltsafe/',
    ],
    [['--name', 'a', '--role', 'device', '--topic', '$SYS/#'], 'topics below $'],
    [['--name', 'a', '--role', 'device', '--topic', 'a/#/b'], '# alone in the last one'],
    [['--name', 'a', '--role', 'device', '--topic', 'a/b+'], '+ stands alone'],
    [['--name', 'a', '--role', 'device', '--topic', 'a/\u0007'], 'without control characters'],
  ])('are refused: %j', async (words, why) => {
    const { dataDir, desk } = await runningHub();
    const { code, out, err } = await mqttUser(dataDir, 'add', ...words);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err.join('\n')).toContain(why);
    expect(desk.asked).toEqual([]);
  });

  it('may bear a common word where their name lets them into nothing', async () => {
    const { dataDir } = await runningHub();
    expect((await mqttUser(dataDir, 'add', '--name', 'homeassistant', '--role', 'integration')).code).toBe(0);
  });
});

it('MQTT users are made, listed and removed while no hub runs', { timeout: 30_000 }, async () => {
  const dataDir = scratch();
  const added = await voltsafe(['mqtt-user', 'add', '--name', 'kettle', '--role', 'device', '--data-dir', dataDir]);
  expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]{27}\n$/) });
  const list = await mqttUser(dataDir, 'list');
  expect(list.out).toEqual([expect.stringMatching(/^kettle +device +20/)]);
  expect((await mqttUser(dataDir, 'remove', 'kettle')).code).toBe(0);
  expect((await mqttUser(dataDir, 'list')).out).toEqual([]);
});
