import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dispatch } from '../../daemon/cli/dispatch.ts';
import { testIo } from './test-io.ts';
import { voltsafe } from './voltsafe.ts';

const MANIFEST: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('the command line, as a process of its own', () => {
  it('says its version', async () => {
    expect(await voltsafe(['--version'])).toEqual({ code: 0, out: `${MANIFEST.version}\n`, err: '' });
  });

  it('helps: on stdout when asked, on stderr with exit code 2 when called with nothing', async () => {
    const [asked, bare] = await Promise.all([voltsafe(['--help']), voltsafe([])]);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toContain('voltsafe token create --role viewer|operator|admin --name N');
    expect(bare).toEqual({ code: 2, out: '', err: asked.out });
  });

  it.each(['/proc/nobody', '/nonexistent', '/dev/null', ''])(
    'starts where no compile cache can be kept (%s)',
    async (place) => {
      const env = { ...process.env, HOME: place, XDG_CACHE_HOME: place, CACHE_DIRECTORY: place };
      expect(await voltsafe(['--version'], { env })).toMatchObject({ code: 0, err: '' });
    },
  );

  it('hands over to the pinned Node when an older one starts it', async () => {
    const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`;
    const handed = await voltsafe(['config', 'check'], { nodeArgs: ['--import', pretend] });
    expect(handed.code).toBe(2);
    expect(handed.err).toMatch(/^voltsafe: the file is missing\n/);
  });
});

describe('usage errors: exit code 2, one clear line, nothing on stdout', () => {
  it('of a process', async () => {
    expect(await voltsafe(['rn'])).toEqual({
      code: 2,
      out: '',
      err: 'voltsafe: unknown command "rn"; did you mean run?; see voltsafe --help\n',
    });
  });

  it.each([
    [['rn'], 'unknown command "rn"; did you mean run?; see voltsafe --help'],
    [['frobnicate'], 'unknown command "frobnicate"; see voltsafe --help'],
    [['tokn', 'create'], 'unknown command "tokn"; did you mean token?; see voltsafe --help'],
    [['token'], 'token needs one of: token create, token list, token revoke; see voltsafe --help'],
    [['config', 'chekc', 'x.yaml'], 'unknown command "config chekc"; did you mean config check?; see voltsafe --help'],
    [['run'], '--config is missing'],
    [['run', '--config', 'no-such.yaml'], /^no-such\.yaml cannot be read: ENOENT/],
    [['config', 'check', 'a', 'b'], '"b" is not expected here'],
    [['token', 'create', '--role', 'admin'], '--name is missing'],
    [['token', 'create', '--rol', 'admin'], 'unknown option --rol; did you mean --role?'],
    [['token', 'create', '--role', 'admin', '--role', 'viewer'], '--role is given twice'],
    [
      ['token', 'create', '--name', 'n', '--role', 'amdin'],
      '--role is one of viewer, operator, admin, not "amdin"; did you mean admin?',
    ],
    [['token', 'create', '--role', 'admin', '--name', 'a\u0007b'], '--name takes 1 to 100 visible characters'],
    [['token', 'create', '--role', 'admin', '--name'], '--name needs a value'],
  ])('%j', async (args, expected) => {
    const io = testIo();
    expect(await dispatch(args, io)).toBe(2);
    expect(io.outLines).toEqual([]);
    const [first = ''] = io.errLines.join('\n').split('\n');
    expect(first).toMatch(/^voltsafe: /);
    const said = first.slice('voltsafe: '.length);
    if (typeof expected === 'string') expect(said).toBe(expected);
    else expect(said).toMatch(expected);
  });
});

describe('what a command throws', () => {
  it('is one line and exit code 1 when it was no usage error', async () => {
    const io = testIo({
      out: () => {
        throw new Error('the terminal is on fire');
      },
    });
    expect(await dispatch(['--version'], io)).toBe(1);
    expect(io.errLines).toEqual(['voltsafe: the terminal is on fire']);
  });
});
