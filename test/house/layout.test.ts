import { describe, expect, it } from 'vitest';
import type { RefusalCode } from '../../daemon/core/events.ts';
import { PROBLEMS, type ProblemCode } from '../../daemon/http/problems.ts';
import { atRoot, files, readText } from './files.ts';
import {
  foldersWithoutReadme,
  type Lock,
  machineNames,
  missingAtRoot,
  type Package,
  packageFaults,
  strayAtRoot,
  unknownCodes,
} from './layout.ts';

const PATHS = files();
const READMES = PATHS.filter((path) => path.endsWith('README.md'));

describe('the layout of design.md 4', () => {
  it('has at the root what belongs there, and nothing else', () => {
    expect(strayAtRoot(atRoot())).toEqual([]);
    expect(missingAtRoot(atRoot())).toEqual([]);
  });

  it('says in each room what lies where', () => {
    expect(foldersWithoutReadme(PATHS)).toEqual([]);
  });

  it('names no path of a machine and no registry', () => {
    const texts = PATHS.filter(
      (path) => /\.(md|ts|js|vue|yaml|service|json)$/.test(path) && !/lock|layout\.test/.test(path),
    );
    expect(texts.flatMap((path) => machineNames(path, readText(path)))).toEqual([]);
  });
});

describe('package.json', () => {
  it('installs on a fresh machine with Node 20 and its npm', () => {
    const own = JSON.parse(readText('package.json')) as Package;
    expect(packageFaults(own, JSON.parse(readText('package-lock.json')) as Lock)).toEqual([]);
  });
});

describe('the catalogue of problems', () => {
  it('is known to a README', () => {
    expect(unknownCodes(Object.keys(PROBLEMS), READMES.map(readText))).toEqual([]);
  });

  it('has a status for every reason that the core can give', () => {
    // Fails to compile when a code of the core has no problem.
    const every: Record<RefusalCode, number> = statuses(PROBLEMS);
    expect(every.capacity_exceeded).toBe(403);
  });

  function statuses(
    catalogue: Readonly<Record<ProblemCode, { readonly status: number }>>,
  ): Record<ProblemCode, number> {
    const entries = Object.entries(catalogue).map(([code, { status }]) => [code, status]);
    return Object.fromEntries(entries) as Record<ProblemCode, number>;
  }
});

const GOOD: Package = {
  engines: { node: '>=20' },
  dependencies: { node: '^24.1.0', zod: '^4.0.0' },
  scripts: { start: 'x', test: 'y' },
  allowScripts: { node: true },
};

function lockOf(own: Package, withScript: readonly string[] = ['node']): Lock {
  const scripts = withScript.map((name) => [`node_modules/${name}`, { hasInstallScript: true }]);
  return { packages: { '': own, ...Object.fromEntries(scripts) } };
}

describe('the rules bite', () => {
  it('at the root', () => {
    expect(strayAtRoot(['daemon', 'docs', 'src', '.ci', 'x.log'])).toEqual(['docs', 'src']);
    expect(missingAtRoot(['daemon', 'package.json'])).toContain('LICENSE');
  });

  it('on a room without a README', () => {
    const paths = [
      'daemon/README.md',
      'daemon/core/a.ts',
      'daemon/http/routes/a.ts',
      'daemon/http/README.md',
      'test/core/a.ts',
      '.ci/run',
    ];
    expect(foldersWithoutReadme(paths)).toEqual(['daemon/core has no README.md', 'test has no README.md']);
  });

  it.each<[string, Package, readonly string[]]>([
    ['nothing', GOOD, []],
    ['an engine that shuts Node 20 out', { ...GOOD, engines: { node: '>=24' } }, ['engines']],
    ['no pinned Node', { ...GOOD, dependencies: { zod: '^4.0.0' } }, ['dependencies.node']],
    ['a version that floats', { ...GOOD, dependencies: { node: '^24.1.0', zod: '*' } }, ['zod *']],
    ['a script on every machine', { ...GOOD, scripts: { ...GOOD.scripts, postinstall: 'z' } }, ['scripts.postinstall']],
    ['no start', { ...GOOD, scripts: { test: 'y' } }, ['scripts.start']],
    ['an undecided install script', { ...GOOD, allowScripts: {} }, ['allowScripts.node', 'node has an install script']],
    ['a decision about nothing', { ...GOOD, allowScripts: { node: true, gone: false } }, ['allowScripts names gone']],
  ])('on package.json: %s', (_, own, faults) => {
    const found = packageFaults(own, lockOf(own));
    expect(found).toHaveLength(faults.length);
    for (const [i, fault] of faults.entries()) expect(found[i]).toContain(fault);
  });

  it('on a lock file of another package.json', () => {
    expect(packageFaults(GOOD, lockOf({ ...GOOD, dependencies: { node: '^24.1.0' } }))).toEqual([
      'package-lock.json is not of this package.json: dependencies',
    ]);
  });

  it('on a code that no README names', () => {
    expect(unknownCodes(['locked', 'conflict'], ['`conflict` is 409', 'locked, without its marks'])).toEqual([
      'no README.md names the code `locked`',
    ]);
  });

  it('on a path of a machine', () => {
    expect(
      machineNames('a.md', 'see /work/main/x\nor /home/anna/x\nor https://registry.npmjs.org/\nnot /dev/ttyUSB0'),
    ).toHaveLength(3);
  });
});
