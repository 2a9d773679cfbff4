import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createLog } from '../../daemon/observe/log.ts';
import { createNotify, watchdogEveryMs } from '../../daemon/observe/notify.ts';
import { Watchdog } from '../../daemon/observe/watchdog.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { scratch } from './voltsafe.ts';

function watched() {
  const clock = new VirtualClock();
  const fed: number[] = [];
  const probe = vi.fn();
  const watchdog = new Watchdog({ clock, everyMs: 100, feed: () => void fed.push(clock.nowMs()), probe });
  watchdog.start();
  const startMs = clock.nowMs();
  return { clock, watchdog, probe, fedAtMs: () => fed.map((ms) => ms - startMs) };
}

describe('the watchdog', () => {
  it('is fed once a period however much was finished', async () => {
    const { clock, watchdog, probe, fedAtMs } = watched();
    for (let i = 0; i < 50; i++) watchdog.progress();
    await clock.advance(100);
    watchdog.progress();
    await clock.advance(100);
    expect(fedAtMs()).toEqual([100, 200]);
    expect(probe).not.toHaveBeenCalled();
  });

  it('starves when nothing is finished, and asks for a turn', async () => {
    const { clock, probe, fedAtMs } = watched();
    await clock.advance(350);
    expect(fedAtMs()).toEqual([]);
    expect(probe).toHaveBeenCalledTimes(3);
  });

  it('is fed at once by the turn that it asked for', async () => {
    const { clock, watchdog, fedAtMs } = watched();
    await clock.advance(130);
    watchdog.progress();
    watchdog.progress();
    expect(fedAtMs()).toEqual([130]);
    await clock.advance(100);
    expect(fedAtMs()).toEqual([130, 200]);
  });

  it('asks for nothing once it is stopped', async () => {
    const { clock, watchdog, probe } = watched();
    watchdog.stop();
    await clock.advance(1000);
    expect(probe).not.toHaveBeenCalled();
  });

  it('is fed three times in the period that systemd gives', () => {
    expect(watchdogEveryMs('30000000')).toBe(10_000);
    expect(watchdogEveryMs(undefined)).toBeNull();
    expect(watchdogEveryMs('soon')).toBeNull();
  });
});

/** A messenger in place of systemd's, which writes down what it was told. */
function messenger(exitCode: number) {
  const folder = scratch();
  const [command, told] = [join(folder, 'notify'), join(folder, 'told')];
  writeFileSync(command, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> "${told}"\nexit ${exitCode}\n`);
  chmodSync(command, 0o700);
  return { command, told: () => (existsSync(told) ? readFileSync(told, 'utf8') : '') };
}

describe('what systemd is told', () => {
  it('goes to its socket', async () => {
    const { command, told } = messenger(0);
    const onTrouble = vi.fn();
    const notify = createNotify({ socket: '/run/notify', path: undefined, onTrouble, command });
    await notify.ready();
    await notify.alive();
    await notify.stopping();
    expect(told()).toBe('/run/notify READY=1\n/run/notify WATCHDOG=1\n/run/notify STOPPING=1\n');
    expect(onTrouble).not.toHaveBeenCalled();
  });

  it('is nothing where systemd did not start the hub', async () => {
    const { command, told } = messenger(0);
    await createNotify({ socket: undefined, path: undefined, onTrouble: () => {}, command }).ready();
    expect(told()).toBe('');
  });

  it('ends no hub when it cannot be said', async () => {
    const onTrouble = vi.fn();
    const { command } = messenger(1);
    await createNotify({ socket: '/run/notify', path: undefined, onTrouble, command }).ready();
    await createNotify({ socket: '/run/notify', path: undefined, onTrouble, command: '/no/such/program' }).ready();
    expect(onTrouble).toHaveBeenCalledTimes(2);
    expect(onTrouble.mock.calls[0]?.[0]).toMatch(/^systemd was not told READY=1: /);
  });
});

describe('the log', () => {
  it('keeps secrets out, at its level, wherever they stand', async () => {
    const file = join(scratch(), 'log');
    const log = createLog('info', file);
    const secret = 'vs_hunter2';
    log.debug({}, 'too quiet');
    log.info({ token: secret, request: { headers: { authorization: secret, 'set-cookie': secret } } }, 'asked');
    log.child({ part: 'http', password: secret }).error({ bus: 'main', secret }, 'lost');
    const lines = await vi.waitFor(() => {
      const text = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      expect(text).toHaveLength(2);
      return text;
    });
    expect(lines.join()).not.toContain(secret);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, msg: 'asked', token: '[secret]' },
      { level: 50, msg: 'lost', part: 'http', bus: 'main', secret: '[secret]' },
    ]);
  });
});
