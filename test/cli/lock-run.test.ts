import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockHub, type Running } from './lock-hub.ts';

const hub = new LockHub();

beforeAll(() => hub.start(), 60_000);
afterAll(() => hub.close());

const PATIENTLY = { timeout: 20_000 } as const;
/** Says that it runs, and waits to be told something. */
const WAITING = 'echo started; while :; do sleep 0.05; done';

function started(running: Running): Promise<void> {
  return expect.poll(() => running.out() + running.err(), PATIENTLY).toContain('started');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('voltsafe lock run', { timeout: 60_000 }, () => {
  it('tells the command its token, ends with its exit code, and gives the lock back', async () => {
    const token = await hub.token();
    const command = ['sh', '-c', 'echo "$VOLTSAFE_LOCK_RESOURCE $VOLTSAFE_FENCING_TOKEN $1"; exit 7', 'sh', '--help'];
    expect(await hub.lock(token, 'run', 'tell', '--', ...command)).toEqual({
      code: 7,
      out: 'tell 1 --help\n',
      err: '',
    });
    expect(await hub.get(token, 'tell')).toMatchObject({ fencing_token: 1, holding: 0 });
  });

  it('lets one command at a time run, in turn', async () => {
    const tokens = await Promise.all(Array.from({ length: 4 }, () => hub.token()));
    // The second of two at once finds the folder.
    const command = ['sh', '-c', 'mkdir alone && sleep 0.2 && rmdir alone'];
    const runs = tokens.map((token) => hub.lock(token, 'run', 'alone', '--wait', '1m', '--', ...command));
    for (const ended of await Promise.all(runs)) expect(ended).toEqual({ code: 0, out: '', err: '' });
    expect(await hub.get(tokens[0] ?? '', 'alone')).toMatchObject({ fencing_token: 4, holding: 0 });
  });

  it('shares what is shared: each waits until both run', async () => {
    const meet = (mine: string, other: string) => `touch ${mine}; until [ -e ${other} ]; do sleep 0.05; done`;
    const [anna, ben] = await Promise.all([hub.token(), hub.token()]);
    const share = ['run', 'meet', '--shared', '--wait', '1m', '--', 'sh', '-c'];
    const runs = [hub.lock(anna, ...share, meet('a', 'b')), hub.lock(ben, ...share, meet('b', 'a'))];
    for (const { code } of await Promise.all(runs)) expect(code).toBe(0);
  });

  it('holds it for longer than its TTL', async () => {
    const token = await hub.token();
    const runs = hub.launch(token, 'run', 'long', '--ttl', '3s', '--', 'sh', '-c', 'sleep 5');
    expect(await runs.ended).toEqual({ code: 0, out: '', err: '' });
    // An end of the lease would have burned a token.
    expect(await hub.get(token, 'long')).toMatchObject({ fencing_token: 1, holding: 0 });
  });

  it('renews before the command starts when it waited for longer than its TTL', async () => {
    const [anna, ben] = [await hub.token(), await hub.token()];
    const first = hub.launch(anna, 'run', 'late', '--ttl', '3s', '--', 'sh', '-c', 'sleep 4');
    await expect.poll(async () => (await hub.get(anna, 'late')).holding, PATIENTLY).toBe(1);
    const second = await hub.lock(ben, 'run', 'late', '--ttl', '3s', '--wait', '1m', '--', 'sh', '-c', 'sleep 0.5');
    expect(second).toEqual({ code: 0, out: '', err: '' });
    expect((await first.ended).code).toBe(0);
    expect((await hub.get(anna, 'late')).fencing_token).toBe(2);
  });

  it('ends the command, and all that it started, when the lock is lost', async () => {
    const [token, admin] = [await hub.token(), await hub.token('admin')];
    const command = `sleep 1000 & echo $! > child; trap 'echo told; exit 0' TERM; ${WAITING}`;
    const runs = hub.launch(token, 'run', 'lost', '--ttl', '3s', '--', 'sh', '-c', command);
    await started(runs);
    await hub.forceRelease(admin, 'lost');
    const { code, out, err } = await runs.ended;
    expect({ code, out }).toEqual({ code: 1, out: 'started\ntold\n' });
    expect(err).toMatch(/^voltsafe: the lock "lost" is lost, so the command is ended: You hold no lease on "lost" /);
    const child = Number(readFileSync(join(hub.folder, 'child'), 'utf8'));
    await expect.poll(() => isAlive(child), PATIENTLY).toBe(false);
  });

  it('ends the command when the hub is gone for as long as the lease may last', async () => {
    const gone = new LockHub();
    try {
      await gone.start();
      const token = await gone.token();
      const runs = gone.launch(token, 'run', 'x', '--ttl', '2s', '--', 'sh', '-c', WAITING);
      await started(runs);
      await gone.kill();
      const { code, err } = await runs.ended;
      expect(code).toBe(1);
      expect(err).toMatch(
        /^voltsafe: the lock "x" is lost, so the command is ended: it could not be renewed in time \(/,
      );
    } finally {
      await gone.close();
    }
  });

  it('lives through a hub that is killed and started again', async () => {
    const back = new LockHub();
    try {
      await back.start();
      const token = await back.token();
      const command = 'echo started; until [ -e back ]; do sleep 0.05; done; echo done';
      const runs = back.launch(token, 'run', 'x', '--ttl', '1m', '--', 'sh', '-c', command);
      await started(runs);
      await back.kill();
      await back.start();
      expect(await back.get(token, 'x')).toMatchObject({ holding: 1 });
      mkdirSync(join(back.folder, 'back'));
      expect(await runs.ended).toEqual({ code: 0, out: 'started\ndone\n', err: '' });
      expect(await back.get(token, 'x')).toMatchObject({ holding: 0 });
    } finally {
      await back.close();
    }
  });

  it.each([
    ['SIGINT', `trap 'exit 3' INT; ${WAITING}`, 3],
    ['SIGTERM', WAITING, 143],
    ['SIGHUP', `exec sh -c "${WAITING}"`, 129],
  ] as const)('passes %s on, and says how the command ended', async (signal, command, code) => {
    const token = await hub.token();
    const runs = hub.launch(token, 'run', 'told', '--', 'sh', '-c', command);
    await started(runs);
    runs.child.kill(signal);
    expect((await runs.ended).code).toBe(code);
    expect((await hub.get(token, 'told')).holding).toBe(0);
  });

  it('is not stopped by Ctrl-Z: it would not renew', async () => {
    const token = await hub.token();
    const runs = hub.launch(token, 'run', 'stop', '--ttl', '3s', '--', 'sh', '-c', 'echo started; sleep 5');
    await started(runs);
    runs.child.kill('SIGTSTP');
    expect((await runs.ended).code).toBe(0);
    expect((await hub.get(token, 'stop')).fencing_token).toBe(1);
  });

  it('ends its wait when it is told to, and the hub forgets it', async () => {
    const [anna, ben] = [await hub.token(), await hub.token()];
    expect((await hub.lock(anna, 'acquire', 'wait')).code).toBe(0);
    const runs = hub.launch(ben, 'run', 'wait', '--wait', '1h', '--', 'touch', 'never');
    await expect.poll(async () => (await hub.get(anna, 'wait')).waiting, PATIENTLY).toBe(1);
    runs.child.kill('SIGINT');
    expect(await runs.ended).toEqual({ code: 130, out: '', err: '' });
    await expect.poll(async () => (await hub.get(anna, 'wait')).waiting, PATIENTLY).toBe(0);
    expect(existsSync(join(hub.folder, 'never'))).toBe(false);
  });

  it('gives the lock back when there is no such command', async () => {
    const token = await hub.token();
    const ended = await hub.lock(token, 'run', 'none', '--', 'no-such-program');
    expect(ended).toEqual({
      code: 1,
      out: '',
      err: 'voltsafe: no-such-program cannot be run: spawn no-such-program ENOENT\n',
    });
    expect(await hub.get(token, 'none')).toMatchObject({ fencing_token: 1, holding: 0 });
  });

  it('says when the lock had ended before the command did', async () => {
    const [token, admin] = [await hub.token(), await hub.token('admin')];
    const runs = hub.launch(
      token,
      'run',
      'early',
      '--ttl',
      '1m',
      '--',
      'sh',
      '-c',
      'echo started; until [ -e end ]; do sleep 0.05; done',
    );
    await started(runs);
    await hub.forceRelease(admin, 'early');
    mkdirSync(join(hub.folder, 'end'));
    expect(await runs.ended).toMatchObject({
      code: 0,
      err: 'voltsafe: the lock "early" had ended before the command did\n',
    });
  });
});
