import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockHub } from './lock-hub.ts';

/** The bin against a hub that runs; what `lock run` does is in lock-run.test.ts. */

const hub = new LockHub();

beforeAll(() => hub.start(), 60_000);
afterAll(() => hub.close());

describe('voltsafe lock', { timeout: 60_000 }, () => {
  it('acquire prints the fencing token alone on stdout, list shows it, release gives it back', async () => {
    const token = await hub.token();
    const taken = await hub.lock(token, 'acquire', 'a/b c', '--ttl', '1h', '--metadata', 'why=a test');
    expect(taken).toEqual({
      code: 0,
      out: '1\n',
      err: '"a/b c" is yours for 3600 s, or until it is released; its fencing token:\n',
    });
    const all = await hub.lock(token, 'list');
    expect(all.out).toMatch(/^a\/b c {19} {2}held {5}exclusive {7}1 {2} *3\d{3}(\.\d)? s {2}operator by test\n$/);
    expect((await hub.lock(token, 'list', 'a/b c', '--json')).out).toContain('"fencing_token":1');
    const released = { code: 0, out: '', err: '"a/b c" is released\n' };
    expect(await hub.lock(token, 'release', 'a/b c', '--fencing-token', '1')).toEqual(released);
    const again = await hub.lock(token, 'release', 'a/b c', '--fencing-token', '1');
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('was not yours any more') });
    expect((await hub.lock(token, 'list', 'a/b c')).err).toBe('"a/b c" is free\n');
    expect((await hub.lock(token, 'acquire', 'a/b c')).out).toBe('2\n');
  });

  it('says who has what it cannot get, and what to do', async () => {
    const [anna, ben] = [await hub.token(), await hub.token()];
    expect((await hub.lock(anna, 'acquire', 'held')).code).toBe(0);
    const [held, waited, again] = await Promise.all([
      hub.lock(ben, 'acquire', 'held'),
      hub.lock(ben, 'acquire', 'held', '--wait', '300ms'),
      hub.lock(anna, 'acquire', 'held', '--wait', '10s'),
    ]);
    expect(held).toMatchObject({ code: 1, out: '' });
    expect(held.err).toMatch(
      /^voltsafe: "held" is held by operator by test\. Wait for it with --wait\. \(lock_held\)\n$/,
    );
    expect(waited.code).toBe(1);
    expect(waited.err).toMatch(/longer --wait\. \(wait_timeout\)\n$/);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/needs a token of its own: voltsafe token create\. \(already_held\)\n$/);
    expect((await hub.lock(ben, 'release', 'held', '--fencing-token', '1')).code).toBe(1);
  });

  it('waits for its turn', async () => {
    const [anna, ben] = [await hub.token(), await hub.token()];
    expect((await hub.lock(anna, 'acquire', 'turn', '--ttl', '1h')).code).toBe(0);
    const waiting = hub.launch(ben, 'acquire', 'turn', '--wait', '1m');
    await expect.poll(async () => (await hub.get(anna, 'turn')).waiting, { timeout: 20_000 }).toBe(1);
    expect((await hub.lock(anna, 'list', 'turn')).out).toMatch(
      /\nturn {20} {2}waits {4}exclusive .* s {2}operator by test\n$/,
    );
    expect((await hub.lock(anna, 'release', 'turn', '--fencing-token', '1')).code).toBe(0);
    expect(await waiting.ended).toMatchObject({ code: 0, out: '2\n' });
  });

  it('lets others share what is shared', async () => {
    const [anna, ben] = [await hub.token(), await hub.token()];
    expect((await hub.lock(anna, 'acquire', 'read', '--shared')).code).toBe(0);
    expect((await hub.lock(ben, 'acquire', 'read')).code).toBe(1);
    expect((await hub.lock(ben, 'acquire', 'read', '--shared')).code).toBe(0);
  });

  it('takes a lockout, which has no end of its own; another admin says why it ends', async () => {
    const [operator, anna, ben] = [await hub.token(), await hub.token('admin'), await hub.token('admin')];
    const words = ['acquire', 'circuit:house', '--metadata', 'lockout=true', '--wait', '15s'];
    expect(await hub.lock(operator, ...words)).toMatchObject({ code: 1, err: expect.stringContaining('role admin') });
    const said = '"circuit:house" is yours until it is released; its fencing token:\n';
    expect(await hub.lock(anna, ...words)).toEqual({ code: 0, out: '1\n', err: said });
    expect((await hub.lock(operator, 'list')).out).toMatch(/^circuit:house .* lockout {2}admin by test\n/m);
    const release = ['release', 'circuit:house', '--fencing-token', '1'];
    expect((await hub.lock(ben, ...release)).code).toBe(1);
    expect((await hub.lock(ben, ...release, '--reason', 'the work is done')).code).toBe(0);
  });

  it('needs a role that may lock, a token that is one, and a name that is one', async () => {
    const viewer = await hub.token('viewer');
    const [forbidden, unknown, unfit] = await Promise.all([
      hub.lock(viewer, 'acquire', 'x'),
      hub.lock('vs_nobody', 'list'),
      hub.lock(viewer, 'list', 'x'.repeat(201)),
    ]);
    expect(forbidden).toMatchObject({ code: 1, err: expect.stringContaining('role operator') });
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('(unauthorized)') });
    expect(unfit).toMatchObject({ code: 2, err: expect.stringContaining('at most 200 characters') });
  });

  it('takes its token from a file, which beats the environment', async () => {
    const file = join(hub.folder, 'token');
    writeFileSync(file, `${await hub.token()}\n`);
    expect((await hub.lock('vs_nobody', 'acquire', 'file', '--token-file', 'token')).code).toBe(0);
    const told = await hub.lock('vs_nobody', 'acquire', 'file', '--token-file', 'token');
    expect(told.out + told.err).not.toContain(readFileSync(file, 'utf8').trim());
  });

  it('asks again until its wait is over, where no hub answers yet', async () => {
    const late = new LockHub();
    try {
      await late.choosePort();
      const token = await late.admin();
      expect(await late.lock(token, 'acquire', 'x')).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^voltsafe: http:\/\/127\.0\.0\.1:\d+ does not answer: connect ECONNREFUSED .*\n$/),
      });
      const patient = late.launch(token, 'run', 'x', '--wait', '1m', '--', 'touch', 'done');
      await expect.poll(() => patient.err(), { timeout: 20_000 }).toContain('asking again');
      expect(existsSync(join(late.folder, 'done'))).toBe(false);
      await late.start();
      expect((await patient.ended).code).toBe(0);
      expect(existsSync(join(late.folder, 'done'))).toBe(true);
      expect(patient.err().match(/asking again/g)).toHaveLength(1);
    } finally {
      await late.close();
    }
  });
});
