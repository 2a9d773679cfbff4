import { readArgs } from './args.ts';
import { usageError, wordsOf } from './errors.ts';
import { type CliIo, FAILED } from './io.ts';
import { codeOf, LockedChild } from './lock-child.ts';
import { dueMs, LeaseKeeper } from './lock-keeper.ts';
import { linkOf, seconds } from './lock-link.ts';
import { acquire, type Held, type Hub, release, renew } from './lock-verbs.ts';
import { ASK_SHAPE, type LockAsk, lockAskOf } from './lock-words.ts';
import { SYNOPSIS } from './synopsis.ts';

/** For what is asked beside the command: a renewal before it starts, the release behind it. */
const ASIDE_MS = 5000;

/**
 * Runs a command while a lock is held. The command is told the fencing token, and is ended when the lock is lost: whoever
 * has it then must not find it at work.
 */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const { asked, command, hub } = await readWords(words, io);
  const told = new Told(io);
  try {
    const held = await acquired(hub, asked, told, io);
    return held === null ? codeOf(told.first) : await whileHeld(hub, held, command, told, io);
  } finally {
    told.close();
  }
}

async function readWords(words: readonly string[], io: CliIo) {
  const usage = SYNOPSIS['lock run'];
  const at = words.indexOf('--');
  const command = at < 0 ? [] : words.slice(at + 1);
  if (command.length === 0) throw usageError(`the command is missing: put it behind --\nusage: voltsafe ${usage}`);
  const args = readArgs(words.slice(0, at), { usage, ...ASK_SHAPE, words: ['the resource'] });
  const asked = lockAskOf(args);
  if (asked.ttlMs === null) throw usageError('a lockout ends by hand: take lock acquire, and lock release at the end');
  return { asked, command, hub: { link: await linkOf(args, io), clock: io.clock } };
}

/** What we are told from outside: it ends our wait, and is passed on once the command runs. */
class Told {
  first: NodeJS.Signals | null = null;
  child: LockedChild | null = null;
  readonly close: () => void;
  readonly #waiting = new AbortController();

  constructor(io: Pick<CliIo, 'onSignal'>) {
    this.close = io.onSignal((name) => {
      this.first ??= name;
      this.#waiting.abort();
      this.child?.signal(name);
    });
  }

  get stop(): AbortSignal {
    return this.#waiting.signal;
  }
}

/** Null: we were told to stop before the command ran. The hub forgets a wait when its connection ends. */
async function acquired(hub: Hub, asked: LockAsk, told: Told, io: CliIo): Promise<Held | null> {
  try {
    const held = await acquire(hub, asked, { stop: told.stop, onTrouble: sayOnce(io) });
    // After a long wait nobody here can tell since when it is ours: a renewal does.
    const fresh = io.clock.nowMs() < held.askedMs + dueMs(held) ? held : await renew(hub, held, ASIDE_MS);
    if (!told.stop.aborted) return fresh;
    await giveBack(hub, held, io);
  } catch (error) {
    if (!told.stop.aborted) throw error;
  }
  return null;
}

async function whileHeld(hub: Hub, held: Held, command: readonly string[], told: Told, io: CliIo): Promise<number> {
  const keeper = new LeaseKeeper({ clock: io.clock, held, renew: (lease, patience) => renew(hub, lease, patience) });
  let isLost = false;
  try {
    const child = new LockedChild({ ...io, words: command, env: environment(held, io) });
    told.child = child;
    const end = await Promise.race([child.ended, keeper.lost]);
    if (typeof end === 'number') return end;
    isLost = true;
    io.err(`voltsafe: the lock "${held.resource}" is lost, so the command is ended: ${end}`);
    await child.end();
    return FAILED;
  } finally {
    keeper.close();
    if (!isLost) await giveBack(hub, held, io);
  }
}

function environment({ resource, token }: Held, { env }: CliIo): CliIo['env'] {
  return { ...env, VOLTSAFE_LOCK_RESOURCE: resource, VOLTSAFE_FENCING_TOKEN: String(token) };
}

/** What the command did stands: a release that fails is told, and is no failure of it. */
async function giveBack(hub: Hub, { resource, token, ttlMs }: Held, io: CliIo): Promise<void> {
  try {
    const wasOurs = await release(hub, { resource, token }, ASIDE_MS);
    if (!wasOurs) io.err(`voltsafe: the lock "${resource}" had ended before the command did`);
  } catch (error) {
    io.err(`voltsafe: the lock "${resource}" ends by itself within ${seconds(ttlMs ?? 0)}: ${wordsOf(error)}`);
  }
}

function sayOnce(io: CliIo): (what: string) => void {
  let said = '';
  return (what) => {
    if (what !== said) io.err(`voltsafe: ${what}; asking again`);
    said = what;
  };
}
