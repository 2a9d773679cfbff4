import { hint } from '../settings/nearest.ts';
import { COMMANDS, type Entry } from './commands.ts';
import { CliError, wordsOf } from './errors.ts';
import { type CliIo, FAILED, OK, USAGE } from './io.ts';
import { packageVersion } from './version.ts';

const SEE_HELP = 'see voltsafe --help';

/** Finds the command, runs it, and turns whatever it throws into one clear line and an exit code. */
export async function dispatch(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    return await route(argv, io);
  } catch (error) {
    io.err(`voltsafe: ${wordsOf(error)}`);
    return error instanceof CliError ? error.exitCode : FAILED;
  }
}

async function route(argv: readonly string[], io: CliIo): Promise<number> {
  const first = argv[0];
  if (first === undefined) return help((line) => io.err(line), USAGE);
  if (isHelp(first)) return help((line) => io.out(line), OK);
  if (first === '--version' || first === '-V') return answer(io, packageVersion());
  const entry = find(argv);
  if (!entry) return unknown(argv, io);
  const args = argv.slice(entry.name.split(' ').length);
  // What stands behind -- is meant for another program.
  const own = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  if (own.includes('--help') || own.includes('-h'))
    return answer(io, `usage: voltsafe ${entry.usage}\n${entry.summary}`);
  // A command that runs until it is stopped hears signals from the start, not only once it says that it is ready.
  if (entry.isLong === true) io.stop.throwIfAborted();
  return (await entry.load()).run(args, io);
}

function find(argv: readonly string[]): Entry | undefined {
  return COMMANDS.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
}

function unknown(argv: readonly string[], io: CliIo): number {
  const [first = '', second] = argv;
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  const asked = family.length > 0 && second !== undefined ? `${first} ${second}` : first;
  if (family.length > 0 && (second === undefined || second.startsWith('-'))) {
    io.err(`voltsafe: ${first} needs one of: ${family.join(', ')}; ${SEE_HELP}`);
  } else {
    io.err(`voltsafe: unknown command "${asked}"${hint(asked, candidates(asked))}; ${SEE_HELP}`);
  }
  return USAGE;
}

/** For one word also the first words of two-word commands: `tokn` means `token`. */
function candidates(asked: string): string[] {
  const names = COMMANDS.map(({ name }) => name);
  return asked.includes(' ') ? names : [...names, ...names.map((name) => name.split(' ')[0] ?? name)];
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

function answer(io: CliIo, text: string): number {
  for (const line of text.split('\n')) io.out(line);
  return OK;
}

function help(print: (line: string) => void, exitCode: number): number {
  print(`voltsafe ${packageVersion()}: drives a home's relays and refuses what its supply cannot carry`);
  for (const { usage, summary } of COMMANDS) print(`\n  voltsafe ${usage}\n      ${summary}`);
  print('\nExit codes: 0 ok, 1 runtime failure, 2 usage or configuration.');
  return exitCode;
}
