import type { Source } from './source.ts';

interface Ban {
  readonly what: string;
  readonly instead: string;
}

interface Exception {
  readonly path: string;
  readonly uses: readonly string[];
  readonly because: string;
}

/** What the hub may not reach for, and what to take instead. Time, chance and the process are passed in (S12). */
export const BANS: readonly Ban[] = [
  { what: 'Date.now', instead: 'nowMs() of the Clock decides, its wallMs() is only shown (relay-drivers/clock.ts)' },
  { what: 'new Date()', instead: 'new Date(clock.wallMs()), for showing' },
  { what: 'performance', instead: 'nowMs() of the Clock' },
  { what: 'setTimeout', instead: 'after() of the Clock' },
  { what: 'setInterval', instead: 'after() of the Clock, again and again' },
  { what: 'setImmediate', instead: 'queueMicrotask, or after() of the Clock' },
  {
    what: 'Math.random',
    instead: 'a Random that is passed in; randomUUID or randomBytes of node:crypto for ids and secrets',
  },
  { what: 'process', instead: 'what main.ts hands on (daemon/cli/io.ts)' },
  { what: 'console', instead: 'onTrouble, the log, or io.out' },
];

export const EXCEPTIONS: readonly Exception[] = [
  {
    path: 'daemon/observe/system-clock.ts',
    uses: ['Date.now', 'performance', 'setTimeout'],
    because: 'the one clock that is real',
  },
  {
    path: 'daemon/ledger/worker.ts',
    uses: ['setImmediate'],
    because: 'the thread of the ledger lets an append in between the steps of a snapshot',
  },
  {
    path: 'daemon/broker/embedded/flushing.ts',
    uses: ['setImmediate'],
    because: 'the end of a turn of the event loop is what it waits for',
  },
  { path: 'daemon/main.ts', uses: ['process'], because: 'the process shell' },
  { path: 'daemon/voltsafe.js', uses: ['process'], because: 'finds the Node that main.ts needs' },
  {
    path: 'dashboard/src/composables/useLink.ts',
    uses: ['Date.now', 'performance', 'setTimeout', 'Math.random'],
    because: 'hands the real clock and chance of the browser to the feed',
  },
  {
    path: 'dashboard/src/composables/useUpNow.ts',
    uses: ['performance', 'setInterval'],
    because: 'what a lock has left, as the panel shows it',
  },
  {
    path: 'dashboard/src/composables/useNow.ts',
    uses: ['Date.now', 'setInterval'],
    because: 'the ages that the panel shows',
  },
  {
    path: 'dashboard/src/components/UnreachableHub.vue',
    uses: ['setInterval'],
    because: 'tries again while it is shown',
  },
];

/** Tests neither sleep nor roll dice of their own: a clock is moved, a condition awaited, a seed given. */
export const TEST_BANS: readonly Ban[] = [
  { what: 'setTimeout', instead: 'a virtual clock (test/drivers/virtual-clock.ts), vi.waitFor or expect.poll' },
  { what: 'setInterval', instead: 'a virtual clock' },
  { what: 'node:timers/promises', instead: 'a virtual clock, vi.waitFor or expect.poll' },
  { what: 'Math.random', instead: 'fast-check, or seededRandom of the simulator' },
];

export const TEST_EXCEPTIONS: readonly Exception[] = [
  { path: 'test/drivers/real-clock.ts', uses: ['setTimeout'], because: 'the real clock of tests over real ports' },
  {
    path: 'test/ledger/programs/full-disk.ts',
    uses: ['node:timers/promises'],
    because: 'a process of its own that waits for its worker',
  },
  { path: 'test/edges/program.ts', uses: ['setTimeout'], because: 'gives up on a process that does not start' },
];

/** Core is pure and synchronous: what it decides depends on nothing but its arguments. */
export const PURITY: readonly Ban[] = [
  { what: 'Promise', instead: 'a Reply or an Event that somebody outside acts on' },
  { what: 'async', instead: 'a plain function' },
  { what: 'await', instead: 'a plain function' },
  { what: 'queueMicrotask', instead: 'nothing: core does not schedule' },
  { what: 'module let', instead: 'State' },
];

const LOOSE: readonly Ban[] = [
  { what: 'any', instead: 'the type, or unknown' },
  { what: 'x!', instead: 'a check that narrows' },
];

const COMMENTS: readonly [word: RegExp, instead: string][] = [
  [/@ts-(ignore|expect-error|nocheck)/, 'mend the type'],
  [/biome-ignore|eslint-disable|prettier-ignore/, 'follow the rule, or change it for all in biome.json'],
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'do it now, or write an issue'],
];

function breaks({ path, uses, imports }: Source, bans: readonly Ban[], exceptions: readonly Exception[]): string[] {
  const free = exceptions.find((exception) => exception.path === path)?.uses ?? [];
  const modules = imports.map(({ from, line }) => ({ what: from, line }));
  return [...uses, ...modules].flatMap(({ what, line }) => {
    const ban = bans.find((one) => one.what === what && !free.includes(what));
    return ban === undefined ? [] : [`${path}:${line} ${what}: take ${ban.instead}`];
  });
}

export function bannedUses(sources: readonly Source[]): string[] {
  const ours = sources.filter(({ path }) => /^(daemon|relay-drivers|dashboard\/src)\//.test(path));
  return ours.flatMap((source) => breaks(source, BANS, EXCEPTIONS));
}

export function sleepsInTests(sources: readonly Source[]): string[] {
  return sources.filter(isTest).flatMap((source) => breaks(source, TEST_BANS, TEST_EXCEPTIONS));
}

/** Exceptions that nobody needs any more. */
export function idleExceptions(sources: readonly Source[], exceptions: readonly Exception[]): string[] {
  return exceptions.flatMap(({ path, uses }) => {
    const source = sources.find((one) => one.path === path);
    const present = new Set([
      ...(source?.uses ?? []).map(({ what }) => what),
      ...(source?.imports ?? []).map(({ from }) => from),
    ]);
    return uses.filter((what) => !present.has(what)).map((what) => `${path} is allowed ${what}, which it does not use`);
  });
}

export function impureCore(sources: readonly Source[]): string[] {
  return sources.filter(({ path }) => path.startsWith('daemon/core/')).flatMap((source) => breaks(source, PURITY, []));
}

export function looseTypes(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => breaks(source, LOOSE, []));
}

export function bannedComments(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, comments }) =>
    comments.flatMap(({ what, line }) =>
      COMMENTS.filter(([word]) => word.test(what)).map(
        ([word, instead]) => `${path}:${line} ${word.exec(what)?.[0]}: ${instead}`,
      ),
    ),
  );
}

/** Median 80 to 190 lines in the best codebases (style.md); what is longer hides a second idea. */
export const LINES_AT_MOST = 300;

export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ lines }) => lines > LINES_AT_MOST)
    .map(({ path, lines }) => `${path} has ${lines} lines, ${LINES_AT_MOST} are enough: divide it`);
}

function isTest({ path }: Source): boolean {
  return path.startsWith('test/');
}
