import { z } from 'zod';
import type { Finding } from './finding.ts';
import { hint } from './nearest.ts';

/** zod's issues in the words of the configuration file: what was expected, what is there, the nearest right key. */

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** Parses and returns every finding; `value` is null when there is one. */
export function parseExplained<T extends z.ZodType>(
  schema: T,
  raw: unknown,
): { value: z.output<T> | null; findings: Finding[] } {
  const keysAt = new Map<string, string[]>();
  const error = (issue: RawIssue) => {
    if (issue.code === 'unrecognized_keys') keysAt.set(placeOf(issue.path ?? []), knownKeys(issue.inst));
    return sentence(issue);
  };
  const parsed = schema.safeParse(raw, { error });
  if (parsed.success) return { value: parsed.data, findings: [] };
  return { value: null, findings: parsed.error.issues.flatMap((issue) => findingsOf(issue, keysAt)) };
}

function findingsOf(issue: z.core.$ZodIssue, keysAt: ReadonlyMap<string, string[]>): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys')
    return [{ path, message: issue.message, atKey: issue.code === 'invalid_key' }];
  const known = keysAt.get(placeOf(issue.path)) ?? [];
  return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: unknownKey(key, known) }));
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = hint(key, known);
  return `unknown key${near === '' ? `; expected one of ${known.join(', ')}` : near}`;
}

function placeOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function sentence(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  const expected = expectation(issue);
  if (expected === undefined) return undefined;
  const value = issue.code === 'invalid_union' ? discriminatorOf(issue) : issue.input;
  if (value === undefined) return `missing; expected ${expected}`;
  return `expected ${expected}, got ${kindOf(value, issue)}${nearOf(value, issue)}`;
}

/** A word where a fixed one was expected: the one that it probably means. */
function nearOf(value: unknown, issue: RawIssue): string {
  if (typeof value !== 'string') return '';
  if (issue.code === 'invalid_value') return hint(value, issue.values.map(String));
  return issue.code === 'invalid_union' ? hint(value, optionsOf(issue)) : '';
}

function expectation(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'invalid_union':
      return oneOf(optionsOf(issue));
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${UNIT_WORDS[issue.origin] ?? ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${UNIT_WORDS[issue.origin] ?? ''}`;
    default:
      return undefined;
  }
}

const TYPE_WORDS: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list (- ...)',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
};

const UNIT_WORDS: Record<string, string> = { string: ' characters', array: ' entries' };

function oneOf(values: readonly string[]): string {
  return `${values.length === 1 ? '' : 'one of '}${values.join(', ')}`;
}

function optionsOf(issue: Extract<RawIssue, { code: 'invalid_union' }>): string[] {
  const options: unknown[] = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  // The one that is meant where nothing is said stands there as undefined, too.
  return options.filter((option) => option !== undefined).map(String);
}

function discriminatorOf(issue: Extract<RawIssue, { code: 'invalid_union' }>): unknown {
  const { discriminator, input } = issue;
  if (discriminator === undefined || typeof input !== 'object' || input === null) return undefined;
  return Reflect.get(input, discriminator);
}

/** What is there instead. Free text may be a secret: it is quoted only where a fixed word was expected. */
function kindOf(value: unknown, issue: RawIssue): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a mapping';
  const isWord = issue.code === 'invalid_value' || issue.code === 'invalid_union';
  return isWord ? `${JSON.stringify(String(value).slice(0, 40))}` : 'text';
}
