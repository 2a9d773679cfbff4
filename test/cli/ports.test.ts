import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run as check } from '../../daemon/cli/config-check.ts';
import { portAdvice } from '../../daemon/cli/port-advice.ts';
import { run } from '../../daemon/cli/ports-list.ts';
import { run as simulate } from '../../daemon/cli/simulate.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { serialDevices } from '../../relay-drivers/find/serial-ports.ts';
import { realPorts } from '../../relay-drivers/transport/open.ts';
import { testIo } from './test-io.ts';
import { scratch } from './voltsafe.ts';

async function simulatedBoard(folder: string): Promise<string> {
  const stop = new AbortController();
  const io = testIo({ stop: stop.signal });
  const link = join(folder, 'line');
  const ended = simulate(['--channels', '8', '--units', '1,2', '--link', link], io);
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  await expect.poll(() => io.outLines.length).toBeGreaterThan(0);
  return link;
}

describe('voltsafe ports', { timeout: 60_000 }, () => {
  it('finds what answers, in words and as a configuration that is right', async () => {
    const folder = scratch();
    await simulatedBoard(folder);
    const io = testIo({ cwd: folder });
    expect(await run(['line'], io)).toBe(0);
    const text = io.outLines.join('\n');
    expect(text).toMatch(/modbus-coils, unit 1, 9600 baud, parity none: relay board/);
    expect(text).toMatch(/modbus-coils, unit 2/);
    expect(io.errLines[0]).toMatch(/listening at 115200 baud/);
    const file = join(folder, 'found.yaml');
    writeFileSync(file, text.slice(text.indexOf('buses:')));
    const checked = testIo({ cwd: folder });
    expect([await check([file], checked), checked.outLines]).toEqual([0, [expect.stringMatching(/buses: 2/)]]);
  });

  it('a port that somebody has is left alone', async () => {
    const folder = scratch();
    const link = await simulatedBoard(folder);
    const held = await realPorts(systemClock)({ path: link, baud: 9600, parity: 'none' })();
    onTestFinished(() => held.close());
    const io = testIo({ cwd: folder });
    expect(await run(['line', '--json'], io)).toBe(1);
    expect(JSON.parse(io.outLines.join(''))).toMatchObject({
      configuration: '',
      ports: [{ path: link, findings: [], advice: expect.stringMatching(/a running hub keeps its ports/) }],
    });
  });

  it.each([
    { words: ['--scan', '0-9'], what: /--scan takes/ },
    { words: ['--scan', '9-1'], what: /--scan takes/ },
    { words: ['--ask', 'denkovi'], what: /--ask takes lcus/ },
    { words: ['--baud', 'fast'], what: /--baud takes/ },
    { words: ['--parity', 'some'], what: /--parity is one of/ },
  ])('$words is refused before a port is opened', async ({ words, what }) => {
    await expect(run([...words, '/dev/null'], testIo())).rejects.toThrow(what);
  });
});

describe('the names of ports', () => {
  it('are those that stay, and UARTs that are not there and consoles are left out', async () => {
    const folder = scratch();
    const [devices, classes, byId, byPath] = ['dev', 'class', 'by-id', 'by-path'].map((name) => join(folder, name));
    for (const made of [devices, classes, byId, byPath]) mkdirSync(made ?? '');
    for (const name of ['ttyUSB0', 'ttyUSB1', 'ttyS0', 'ttyS1', 'ttyS2', 'tty1'])
      writeFileSync(join(devices ?? '', name), '');
    symlinkSync(join(devices ?? '', 'ttyUSB0'), join(byId ?? '', 'usb-FTDI_A1-if00-port0'));
    symlinkSync(join(devices ?? '', 'ttyUSB0'), join(byPath ?? '', 'pci-usb-1'));
    symlinkSync(join(devices ?? '', 'ttyUSB1'), join(byPath ?? '', 'pci-usb-2'));
    for (const [name, type] of Object.entries({ ttyS0: '4', ttyS1: '0' })) {
      mkdirSync(join(classes ?? '', name));
      writeFileSync(join(classes ?? '', name, 'type'), `${type}\n`);
    }
    mkdirSync(join(classes ?? '', 'console'));
    writeFileSync(join(classes ?? '', 'console', 'active'), 'tty0 ttyS2\n');
    const told = async () => [
      { path: join(devices ?? '', 'ttyUSB1'), manufacturer: 'QinHeng', vendorId: '1a86', productId: '7523' },
    ];
    const places = { devices: devices ?? '', classes: classes ?? '', stable: [byId ?? '', byPath ?? ''] };
    const shown = (await serialDevices(told, places)).map(({ path, vendorId }) => [
      path.slice(folder.length),
      vendorId,
    ]);
    expect(shown).toEqual([
      ['/dev/ttyS0', null],
      ['/by-id/usb-FTDI_A1-if00-port0', null],
      ['/by-path/pci-usb-2', '1a86'],
    ]);
    const silent = await serialDevices(() => Promise.reject(new Error('there is no udev')), places);
    expect(silent).toHaveLength(3);
  });

  it.each([
    ['Error: Permission denied, cannot open /dev/ttyUSB0', /dialout/],
    ['Error Resource temporarily unavailable Cannot lock port', /running hub/],
    ["ENOENT: no such file or directory, realpath '/dev/x'", /plugged in/],
    ['something new', /adapter and its cable/],
  ])('%s: what to do', (reason, advice) => {
    expect(portAdvice(reason)).toMatch(advice);
  });
});
