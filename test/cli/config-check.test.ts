import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadSettings } from '../../daemon/settings/load.ts';
import { scratch, voltsafe } from './voltsafe.ts';

it('accepts the example that ships with the hub', async () => {
  const example = fileURLToPath(new URL('../../config/voltsafe.example.yaml', import.meta.url));
  const { code, out, err } = await voltsafe(['config', 'check', example]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`${example}: ok (limit 5000 W, circuits: 2, buses: 1)\n`);
});

it('every alternative that the example shows as a comment is right, too', () => {
  const example = readFileSync(new URL('../../config/voltsafe.example.yaml', import.meta.url), 'utf8');
  const lines = example.split('\n');
  const shown = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).map((line) => line.slice(1));
  const buses = shown(/^# {2}(- | {2})/);
  const meters = shown(/^# {3}- /);
  const brokers = shown(/^# mqtt: \{/);
  const broker = shown(/^# mqtt:$|^# {3}\w+: /);
  const copies = shown(/^# replication: \{/);
  expect([buses.length, meters.length, brokers.length, broker.length, copies.length]).toEqual([14, 2, 1, 6, 2]);
  const main = 'buses: [{ id: main, driver: modbus-coils, path: /dev/x, channels: 8 }]';
  const circuits = 'circuits: [{ id: oven, limit_w: 3000 }]';
  const files = [
    ['buses:', ...buses],
    [main, circuits, 'meters:', ...meters],
    broker,
    ...[...brokers, ...copies].map((line) => [line]),
  ];
  for (const file of files) {
    const text = file.map((line) => line.replace(/^ (?=mqtt|replication)/, '')).join('\n');
    const loaded = loadSettings(text, { file: 'example', folder: '/', timezone: 'UTC' });
    expect(loaded.ok ? [] : loaded.errors, text).toEqual([]);
  }
});

it('names file, line, column and path of each error, and exits 2', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'house.yaml'), 'limits:\n  limt_w: 5000\nhttp: { port: 80800 }\n');
  const { code, out, err } = await voltsafe(['config', 'check', 'house.yaml'], { cwd });
  expect(out.split('\n')).toEqual([
    'house.yaml:2:3: limits.limt_w: unknown key; did you mean limit_w?',
    'house.yaml:3:15: http.port: expected at most 65535, got 80800',
    '',
  ]);
  expect({ code, err }).toEqual({ code: 2, err: 'voltsafe: 2 errors in house.yaml\n' });
});

it('run refuses the same file the same way, before it touches anything', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'house.yaml'), 'limits: { limit_w: lots }\n');
  const { code, out, err } = await voltsafe(['run', '--config', 'house.yaml'], { cwd });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('house.yaml:1:20: limits.limit_w: expected watts');
});
