import { readArgs } from './args.ts';
import { usageError } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { LINK_OPTIONS, linkOf, seconds } from './lock-link.ts';
import { look } from './lock-verbs.ts';
import type { LockView } from './lock-wire.ts';
import { SYNOPSIS } from './synopsis.ts';

/** A holder or a waiter a line: resource, what it is, mode, fencing token, time left, who. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const shape = { usage: SYNOPSIS['lock list'], values: LINK_OPTIONS, flags: ['json'], hasMore: true } as const;
  const args = readArgs(words, shape);
  const [resource, extra] = args.more;
  if (extra !== undefined) throw usageError(`"${extra}" is not expected here`);
  const locks = await look({ link: await linkOf(args, io), clock: io.clock }, resource);
  if (args.flag('json')) io.out(JSON.stringify({ locks }));
  else for (const lock of locks) for (const line of linesOf(lock)) io.out(line);
  if (locks.every(({ holding, waiting }) => holding + waiting === 0))
    io.err(resource === undefined ? 'no locks are held' : `"${resource}" is free`);
  return OK;
}

function linesOf({ resource, holding, waiting, holders, waiters }: LockView): string[] {
  return [
    ...holders.map((one) => {
      const { state, mode, holder, fencing_token: token, expires_in_ms: leftMs } = one;
      return line(resource, state, mode, String(token), leftMs === null ? 'lockout' : seconds(leftMs), holder);
    }),
    ...waiters.map(({ mode, name, gives_up_in_ms: leftMs }) =>
      line(resource, 'waits', mode, '', seconds(leftMs), name),
    ),
    ...rest(resource, 'hold it', holding - holders.length),
    ...rest(resource, 'wait for it', waiting - waiters.length),
  ];
}

function line(resource: string, state: string, mode: string, token: string, left: string, who: string): string {
  const columns = [resource.padEnd(24), state.padEnd(7), mode.padEnd(9), token.padStart(6), left.padStart(9), who];
  return columns.join('  ');
}

/** A list shows the first of them; `lock list RESOURCE` all. */
function rest(resource: string, what: string, count: number): string[] {
  return count > 0 ? [`${resource.padEnd(24)}  and ${count} more ${what}`] : [];
}
