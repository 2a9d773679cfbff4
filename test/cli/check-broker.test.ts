import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkBroker } from '../../daemon/cli/check-broker.ts';
import type { MqttSettings } from '../../daemon/settings/types.ts';
import { scratch } from './voltsafe.ts';

const EMBEDDED = {
  mode: 'embedded',
  host: '127.0.0.1',
  port: 0,
  tls: null,
  homeAssistant: { enabled: false, prefix: 'homeassistant' },
} as const;
const EXTERNAL = {
  mode: 'external',
  url: '',
  username: null,
  passwordFile: null,
  caFile: null,
  role: 'integration',
  homeAssistant: { enabled: false, prefix: 'homeassistant' },
} as const;

async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function levels(mqtt: MqttSettings, isHubRunning = false): Promise<string[]> {
  return (await checkBroker(mqtt, isHubRunning)).map(({ level, what }) => `${level} ${what}`);
}

it('tells whether the broker of the hub may listen, unless a running hub does', async () => {
  const port = await takenPort();
  expect(await levels(EMBEDDED)).toEqual(['ok the MQTT broker can listen on 127.0.0.1:0']);
  const [taken = ''] = await levels({ ...EMBEDDED, port });
  expect(taken).toContain(`fail the MQTT broker cannot listen on 127.0.0.1:${port}: listen EADDRINUSE`);
  expect(await levels({ ...EMBEDDED, port }, true)).toEqual([]);
  expect(await levels({ mode: 'off' })).toEqual([]);
});

it("tells whether somebody else's broker is there, and which files cannot be read", async () => {
  const port = await takenPort();
  const folder = scratch();
  writeFileSync(join(folder, 'pass'), 'x');
  const files = { passwordFile: join(folder, 'pass'), caFile: join(folder, 'none') };
  expect(await levels({ ...EXTERNAL, ...files, url: `mqtt://127.0.0.1:${port}` })).toEqual([
    `ok mqtt://127.0.0.1:${port} is there`,
    expect.stringMatching(/^fail mqtt\.ca_file cannot be read: ENOENT/),
  ]);
  const [gone = ''] = await levels({ ...EXTERNAL, url: 'mqtt://127.0.0.1:1' });
  expect(gone).toMatch(/^fail mqtt:\/\/127\.0\.0\.1:1 is not reached: .*ECONNREFUSED/);
});
