import { describe, expect, it } from 'vitest';
import { readArgs } from '../../daemon/cli/args.ts';
import { dispatch } from '../../daemon/cli/dispatch.ts';
import { ASK_SHAPE, lockAskOf } from '../../daemon/cli/lock-words.ts';
import { testIo } from './test-io.ts';

const ask = (...words: string[]) =>
  lockAskOf(readArgs(words, { usage: 'lock acquire', ...ASK_SHAPE, words: ['the resource'] }));

describe('what is asked for', () => {
  it('is exclusive, for 30 s, now or never, unless something else is said', () => {
    expect(ask('hub')).toEqual({ resource: 'hub', mode: 'exclusive', ttlMs: 30_000, waitMs: 0, metadata: null });
    const words = [
      'a b',
      '--shared',
      '--ttl',
      '1.5h',
      '--wait',
      '500ms',
      '--metadata',
      'why=a=b',
      '--metadata',
      'n=12',
    ];
    expect(ask(...words)).toEqual({
      resource: 'a b',
      mode: 'shared',
      ttlMs: 5_400_000,
      waitMs: 500,
      metadata: { why: 'a=b', n: 12 },
    });
  });

  it('keeps text as text: a number with a leading zero, or of too many digits, is a name', () => {
    expect(
      ask('x', ...['a=007', 'b=null', 'c=-1.5', 'd=false', 'e=', 'f=1e5'].flatMap((m) => ['--metadata', m])),
    ).toMatchObject({
      metadata: { a: '007', b: null, c: -1.5, d: false, e: '', f: '1e5' },
    });
  });

  it('is without an end when it is a lockout', () => {
    expect(ask('circuit:oven', '--metadata', 'lockout=true')).toMatchObject({
      ttlMs: null,
      metadata: { lockout: true },
    });
  });
});

describe('usage errors', () => {
  const token = { VOLTSAFE_TOKEN: 'vs_x' };

  it.each([
    [['lock'], {}, 'lock needs one of: lock acquire, lock release, lock run, lock list; see voltsafe --help'],
    [['lock', 'acquire'], token, 'the resource is missing'],
    [['lock', 'acquire', 'x', '--ttl', '30'], token, /^--ttl takes a time like 500ms, 30s, 10m or 1h, from 500ms to/],
    [['lock', 'acquire', 'x', '--ttl', '499ms'], token, /^--ttl takes a time/],
    [['lock', 'acquire', 'x', '--ttl', '25h'], token, /^--ttl takes a time/],
    [['lock', 'acquire', 'x', '--wait', '61m'], token, /^--wait takes a time/],
    [['lock', 'acquire', 'x', '--metadata', 'x'], token, '--metadata takes name=value, not "x"'],
    [['lock', 'acquire', 'x', '--metadata', 'lockout=true', '--ttl', '1s'], token, /^a lockout ends by hand/],
    [['lock', 'acquire', 'x', '--token', 'vs_x'], {}, 'unknown option --token'],
    [['lock', 'acquire', 'x'], {}, /^no token: put one in VOLTSAFE_TOKEN or name its file with --token-file/],
    [['lock', 'acquire', 'x'], { VOLTSAFE_TOKEN: 'a b' }, 'VOLTSAFE_TOKEN holds no token'],
    [['lock', 'acquire', 'x', '--token-file', 'no-such'], {}, /^--token-file no-such: ENOENT/],
    [
      ['lock', 'acquire', 'x', '--url', 'hub:8080'],
      token,
      '--url and VOLTSAFE_URL take http://host:port, not "hub:8080"',
    ],
    [['lock', 'acquire', 'x', '--url', 'http://me:pw@hub'], token, /^--url and VOLTSAFE_URL take http:\/\/host:port/],
    [['lock', 'release', 'x'], token, '--fencing-token is missing'],
    [['lock', 'release', 'x', '--fencing-token', '0'], token, /^--fencing-token takes the number/],
    [['lock', 'run', 'x', 'true'], token, 'the command is missing: put it behind --'],
    [['lock', 'run', 'x', '--'], token, 'the command is missing: put it behind --'],
    [['lock', 'run', 'x', 'true', '--', 'true'], token, '"true" is not expected here'],
    [['lock', 'run', 'x', '--metadata', 'lockout=true', '--', 'true'], token, /^a lockout ends by hand/],
    [['lock', 'list', 'x', 'y'], token, '"y" is not expected here'],
  ])('%j', async (words, env, expected) => {
    const io = testIo({ env });
    expect(await dispatch(words, io)).toBe(2);
    const [first = ''] = io.errLines.join('\n').split('\n');
    const said = first.replace(/^voltsafe: /, '');
    if (typeof expected === 'string') expect(said).toBe(expected);
    else expect(said).toMatch(expected);
    expect(io.outLines).toEqual([]);
  });

  it('help is asked of us before --, and of the command behind it', async () => {
    const ours = testIo();
    expect(await dispatch(['lock', 'run', 'x', '--help', '--', 'true'], ours)).toBe(0);
    expect(ours.outLines[0]).toMatch(/^usage: voltsafe lock run RESOURCE /);
    const theirs = testIo();
    expect(await dispatch(['lock', 'run', 'x', '--', 'true', '--help'], theirs)).toBe(2);
    expect(theirs.errLines[0]).toMatch(/no token/);
  });
});
