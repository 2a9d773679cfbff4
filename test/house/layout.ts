import { posix } from 'node:path';

/** design.md, section 4: the rooms, and what tools demand at the root. */
const ROOMS = ['package.json', 'daemon', 'relay-drivers', 'dashboard', 'systemd', 'config', 'test', 'README.md'];
const TOOLS = ['package-lock.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts', 'LICENSE', 'node_modules'];
/** What a run leaves behind; git ignores it. */
const LEFT_BEHIND = ['data', 'coverage'];

export function strayAtRoot(names: readonly string[]): string[] {
  const known = new Set([...ROOMS, ...TOOLS, ...LEFT_BEHIND]);
  return names.filter((name) => !known.has(name) && !name.startsWith('.') && !name.endsWith('.log'));
}

export function missingAtRoot(names: readonly string[]): string[] {
  return [...ROOMS, 'package-lock.json', 'LICENSE', '.ci'].filter((name) => !names.includes(name));
}

/** Rooms of which somebody should know what lies where: the upper two levels. */
export function foldersWithoutReadme(paths: readonly string[]): string[] {
  const folders = new Set(paths.filter((path) => path.includes('/')).flatMap(roomsOf));
  return [...folders]
    .filter((folder) => !paths.includes(`${folder}/README.md`))
    .map((folder) => `${folder} has no README.md`);
}

function roomsOf(path: string): string[] {
  const [top = '', second] = posix.dirname(path).split('/');
  if (top.startsWith('.')) return [];
  // Tests are one room; so are the sources of the panel and the settings files.
  return second !== undefined && (top === 'daemon' || top === 'relay-drivers') ? [top, `${top}/${second}`] : [top];
}

export interface Package {
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

export interface Lock {
  readonly packages?: Readonly<Record<string, { readonly hasInstallScript?: boolean } & Package>>;
}

/** design.md, section 8, and issue 2: what a fresh machine needs of package.json. */
export function packageFaults(own: Package, lock: Lock): string[] {
  const faults: string[] = [];
  const need = (isSo: boolean, what: string) => void (isSo || faults.push(what));
  need(/^>=20(\.|$)/.test(own.engines?.node ?? ''), 'engines.node must let npm on Node 20 in: ">=20"');
  need(/^\^?24\./.test(own.dependencies?.node ?? ''), 'dependencies.node must pin Node 24');
  need(own.allowScripts?.node === true, 'allowScripts.node must be true: its script brings the binary');
  for (const name of ['start', 'test']) need(own.scripts?.[name] !== undefined, `scripts.${name} is missing`);
  for (const name of ['preinstall', 'install', 'postinstall'])
    need(own.scripts?.[name] === undefined, `scripts.${name} runs on every machine`);
  return [...faults, ...looseVersions(own), ...lockFaults(own, lock), ...scriptFaults(own, lock)];
}

/** npm on Node 20 takes the newest version that fits 20: majors are named. */
function looseVersions({ dependencies = {}, devDependencies = {} }: Package): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^[\^~]?\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version))
    .map(([name, version]) => `${name} ${version}: name a version, so that its major is certain`);
}

function lockFaults(own: Package, lock: Lock): string[] {
  const root = lock.packages?.[''];
  return (['dependencies', 'devDependencies'] as const)
    .filter((kind) => JSON.stringify(sorted(root?.[kind])) !== JSON.stringify(sorted(own[kind])))
    .map((kind) => `package-lock.json is not of this package.json: ${kind}`);
}

function sorted(record: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(record).sort(([x], [y]) => (x < y ? -1 : 1));
}

/** Each install script is allowed or refused by name, and no name is of something that is not installed. */
function scriptFaults({ allowScripts = {} }: Package, { packages = {} }: Lock): string[] {
  const installed = Object.entries(packages).map(([path, { hasInstallScript = false }]) => ({
    name: path.replace(/^.*node_modules\//, ''),
    hasInstallScript,
  }));
  const undecided = installed.filter(
    ({ name, hasInstallScript }) => hasInstallScript && allowScripts[name] === undefined,
  );
  const idle = Object.keys(allowScripts).filter((name) => !installed.some((one) => one.name === name));
  return [
    ...[...new Set(undecided.map(({ name }) => name))].map(
      (name) => `${name} has an install script: allow or refuse it in allowScripts`,
    ),
    ...idle.map((name) => `allowScripts names ${name}, which is not installed`),
  ];
}

/** Codes that no README names: somebody will meet them and look them up. */
export function unknownCodes(codes: readonly string[], readmes: readonly string[]): string[] {
  return codes
    .filter((code) => !readmes.some((text) => text.includes(`\`${code}\``)))
    .map((code) => `no README.md names the code \`${code}\``);
}

/** Texts of the project name no path of a machine and no registry host. */
export function machineNames(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const match = /(^|[\s"'`(])(\/(work|root|home\/\w+|Users)\/[^\s"'`)]*)|registry\.npm\w*\.org/.exec(line);
    return match === null ? [] : [`${path}:${i + 1} names ${match[0].trim()}`];
  });
}
