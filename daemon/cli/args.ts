import { parseArgs } from 'node:util';
import { hint } from '../settings/nearest.ts';
import { type CliError, usageError } from './errors.ts';

/** What a command takes: options with a value, options without one, and the words after it by name. */
export interface ArgShape {
  readonly usage: string;
  readonly values?: readonly string[];
  readonly flags?: readonly string[];
  /** Options with a value that may be given several times. */
  readonly lists?: readonly string[];
  /** Every one of them is required. */
  readonly words?: readonly string[];
  /** Any number of further words may follow. */
  readonly hasMore?: true;
}

export interface Args {
  value(name: string): string | undefined;
  /** A usage error when it is missing. */
  required(name: string): string;
  flag(name: string): boolean;
  /** Every value of an option that may be given several times. */
  list(name: string): readonly string[];
  word(index: number): string;
  /** The words behind those that have a name. */
  readonly more: readonly string[];
}

/** Reads `--name value`, `--name=value`, `--flag` and words; anything that is not in the shape is a usage error. */
export function readArgs(args: readonly string[], shape: ArgShape): Args {
  const wrong = (what: string) => usageError(`${what}\nusage: voltsafe ${shape.usage}`);
  const given: Given = new Map();
  const words: string[] = [];
  for (const token of tokensOf(args, shape)) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') note(given, token, shape, wrong);
  }
  const names = shape.words ?? [];
  checkWords(words, names, shape.hasMore === true, wrong);
  return { ...answers(given, words, wrong), more: words.slice(names.length) };
}

type Given = Map<string, string | true | readonly string[]>;
type Wrong = (what: string) => CliError;
type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

function tokensOf(args: readonly string[], { values = [], flags = [], lists = [] }: ArgShape) {
  const options = Object.fromEntries([
    ...[...values, ...lists].map((name) => [name, { type: 'string' as const }] as const),
    ...flags.map((name) => [name, { type: 'boolean' as const }] as const),
  ]);
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function note(given: Given, token: OptionToken, shape: ArgShape, wrong: Wrong): void {
  const { values = [], flags = [], lists = [] } = shape;
  const { name, rawName, value } = token;
  const before = given.get(name);
  if (before !== undefined && !lists.includes(name)) throw wrong(`${rawName} is given twice`);
  if (flags.includes(name)) {
    if (value !== undefined) throw wrong(`${rawName} takes no value`);
    given.set(name, true);
    return;
  }
  if (![...values, ...lists].includes(name))
    throw wrong(`unknown option ${rawName}${hint(rawName, [...values, ...lists, ...flags].map(dashed))}`);
  if (value === undefined || value === '') throw wrong(`${rawName} needs a value`);
  given.set(name, lists.includes(name) ? [...(Array.isArray(before) ? before : []), value] : value);
}

function checkWords(words: readonly string[], names: readonly string[], hasMore: boolean, wrong: Wrong): void {
  const missing = names[words.length];
  if (missing !== undefined) throw wrong(`${missing} is missing`);
  const extra = words[names.length];
  if (extra !== undefined && !hasMore) throw wrong(`"${extra}" is not expected here`);
}

function answers(given: Readonly<Given>, words: readonly string[], wrong: Wrong): Omit<Args, 'more'> {
  const value = (name: string) => {
    const found = given.get(name);
    return typeof found === 'string' ? found : undefined;
  };
  return {
    value,
    required(name) {
      const found = value(name);
      if (found === undefined) throw wrong(`--${name} is missing`);
      return found;
    },
    flag: (name) => given.has(name),
    list(name) {
      const found = given.get(name);
      return Array.isArray(found) ? found : [];
    },
    word: (index) => words[index] ?? '',
  };
}

function dashed(name: string): string {
  return `--${name}`;
}
