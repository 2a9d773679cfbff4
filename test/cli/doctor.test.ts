import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkDisk, judgeSync } from '../../daemon/cli/check-disk.ts';
import { checkNode, judgeClock, judgeSqlite } from '../../daemon/cli/check-system.ts';
import { serveControl } from '../../daemon/cli/control-server.ts';
import { run } from '../../daemon/cli/doctor.ts';
import { run as simulate } from '../../daemon/cli/simulate.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { testIo } from './test-io.ts';
import { scratch } from './voltsafe.ts';

const SELF = [process.execPath];

/** A simulated line on a pseudo terminal, for as long as the test. */
async function simulated(link: string, ...words: string[]): Promise<void> {
  const stop = new AbortController();
  const io = testIo({ stop: stop.signal });
  const ended = simulate(['--channels', '8', '--link', link, ...words], io);
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  await expect.poll(() => io.outLines.length).toBeGreaterThan(0);
}

function written(folder: string, buses: readonly object[]): string {
  const path = join(folder, 'house.yaml');
  writeFileSync(path, JSON.stringify({ hub: { data_dir: join(folder, 'data') }, buses }));
  return path;
}

const bus = (id: string, path: string, more: object = {}) => ({
  id,
  driver: 'modbus-coils',
  path,
  channels: 8,
  ...more,
});

describe('what is judged', () => {
  it.each([
    { version: '3.51.3', level: 'ok' },
    { version: '3.54.1', level: 'ok' },
    { version: '4.0.0', level: 'ok' },
    { version: '3.51.2', level: 'fail' },
    { version: '3.9.9', level: 'fail' },
  ])('SQLite $version: $level', ({ version, level }) => {
    expect(judgeSqlite(version).level).toBe(level);
  });

  it.each([
    { name: 'fast', times: [1, 1, 2, 1], level: 'ok' },
    // One in forty may be slow: the card writes elsewhere now and then.
    { name: 'fast but for one', times: [...new Array<number>(39).fill(1), 400], level: 'ok' },
    { name: 'slow', times: [...new Array<number>(30).fill(5), ...new Array<number>(10).fill(80)], level: 'warn' },
  ])('a disk that is $name: $level', ({ times, level }) => {
    expect(judgeSync(times, 'data').level).toBe(level);
  });

  it.each([
    { wallMs: Date.UTC(1970, 0, 1), steppedMs: 0, level: 'fail' },
    { wallMs: Date.UTC(2130, 0, 1), steppedMs: 0, level: 'fail' },
    { wallMs: Date.UTC(2026, 5, 1), steppedMs: 3600_000, level: 'warn' },
    { wallMs: Date.UTC(2026, 5, 1), steppedMs: 3, level: 'ok' },
  ])('a clock at $wallMs that was set by $steppedMs ms: $level', ({ wallMs, steppedMs, level }) => {
    expect(judgeClock(wallMs, steppedMs).level).toBe(level);
  });

  it('the Node that would run the hub', async () => {
    expect(await checkNode(SELF)).toMatchObject({ level: 'ok', what: `Node ${process.version}` });
  });

  it('a disk is measured and left as it was, also below a directory that is not there yet', async () => {
    const folder = scratch();
    const checks = await checkDisk(join(folder, 'not', 'yet'), systemClock);
    expect(checks.map(({ what }) => what)).toEqual([
      expect.stringMatching(/free|in memory/),
      expect.stringMatching(/fdatasync/),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('voltsafe doctor', { timeout: 60_000 }, () => {
  it('without a hub: reads the configured boards, and says which settings would do', async () => {
    const folder = scratch();
    await simulated(join(folder, 'good'));
    await simulated(join(folder, 'clash'), '--units', '1,1', '--clash');
    await simulated(join(folder, 'elsewhere'), '--unit', '3');
    const config = written(folder, [
      bus('good', join(folder, 'good')),
      bus('clash', join(folder, 'clash')),
      bus('elsewhere', join(folder, 'elsewhere'), { unit: 3 }),
      bus('gone', join(folder, 'gone')),
    ]);
    const io = testIo({ cwd: folder, self: SELF });
    expect(await run(['--config', config, '--json'], io)).toBe(1);
    const { checks } = JSON.parse(io.outLines.join('')) as {
      checks: { level: string; what: string; advice: string }[];
    };
    const of = (name: string) => checks.find(({ what }) => what.startsWith(`board ${name}`));
    expect(of('good')).toMatchObject({ level: 'ok', what: 'board good answers: 8 relays, all off' });
    expect(of('elsewhere')).toMatchObject({ level: 'ok' });
    expect(of('clash')).toMatchObject({
      level: 'fail',
      what: expect.stringMatching(/probably two devices on the line have this address/),
      advice: expect.stringMatching(/disconnect all devices but one/),
    });
    expect(of('gone')).toMatchObject({ level: 'fail', what: expect.stringMatching(/port is not open/) });
    expect(checks).toContainEqual({
      level: 'fail',
      what: expect.stringMatching(/gone cannot be used/),
      advice: expect.stringMatching(/plugged in/),
    });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('a wrong address is found out', async () => {
    const folder = scratch();
    await simulated(join(folder, 'line'), '--unit', '4');
    const io = testIo({ cwd: folder, self: SELF });
    expect(await run(['--config', written(folder, [bus('main', join(folder, 'line'))])], io)).toBe(1);
    const text = io.outLines.join('\n');
    expect(text).toMatch(/fail {2}board main: nothing comes back from unit 1 at 9600 baud/);
    expect(text).toMatch(/what to do: set unit: 4: that is how it answers/);
  });

  it('with a hub: asks it, and opens no port', async () => {
    const folder = scratch();
    const device = { name: 'board main', isWell: false, what: 'silent', advice: 'look at its power' };
    const control = await serveControl(folder, { 'hub.devices': async () => [device] }, () => undefined);
    onTestFinished(() => control.close());
    const io = testIo({ cwd: folder, self: SELF });
    expect(await run(['--data-dir', folder], io)).toBe(1);
    const text = io.outLines.join('\n');
    expect(text).toContain('fail  board main: silent\n      what to do: look at its power');
    expect(io.errLines).toEqual([]);
  });

  it('without a configuration says that boards were not looked at, and fails nothing', async () => {
    const folder = scratch();
    const io = testIo({ cwd: folder, self: SELF });
    expect(await run(['--data-dir', folder], io)).toBe(0);
    expect(io.outLines.join('\n')).toMatch(/warn {2}no hub runs here and no configuration is given/);
  });
});
