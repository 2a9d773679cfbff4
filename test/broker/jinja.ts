import { Words } from './jinja-words.ts';

/**
 * The part of Jinja that our templates are written in, evaluated as Home Assistant would on a JSON payload. Whatever is
 * beyond it, and what is undefined, throws: Home Assistant would log an error and keep the old state.
 */
type Scope = Readonly<Record<string, unknown>>;
type Expression = (scope: Scope) => unknown;

export function render(template: string, payload: string): string {
  return shown(compile(template)({ value_json: JSON.parse(payload) }));
}

/** One expression between braces; throws when it is written wrong. */
export function compile(template: string): Expression {
  const inside = /^\{\{ (.+) \}\}$/s.exec(template)?.[1];
  if (inside === undefined) throw new Error(`not one expression between {{ and }}: ${template}`);
  const words = new Words(inside);
  const expression = choice(words);
  if (!words.isAtEnd) throw new Error(`more than an expression: ${template}`);
  return expression;
}

/** `a if b else c` */
function choice(words: Words): Expression {
  const chosen = either(words);
  if (!words.takes('if')) return chosen;
  const condition = either(words);
  words.expect('else');
  const other = either(words);
  return (scope) => (isTrue(condition(scope)) ? chosen(scope) : other(scope));
}

function either(words: Words): Expression {
  const first = equal(words);
  if (!words.takes('or')) return first;
  const other = either(words);
  return (scope) => {
    const value = first(scope);
    return isTrue(value) ? value : other(scope);
  };
}

function equal(words: Words): Expression {
  const left = filtered(words);
  if (!words.takes('==')) return left;
  const right = filtered(words);
  return (scope) => left(scope) === right(scope);
}

function filtered(words: Words): Expression {
  let value = path(words);
  while (words.takes('|')) value = filter(words, value);
  return value;
}

function filter(words: Words, value: Expression): Expression {
  const name = words.next('name');
  const found = FILTERS[name];
  if (found === undefined) throw new Error(`no filter ${name}`);
  const args = argumentsOf(words);
  return (scope) => found(value(scope), args);
}

const FILTERS: Readonly<Record<string, (value: unknown, args: readonly string[]) => unknown>> = {
  tojson: (value) => JSON.stringify(value),
  default: (value, [other]) => (value === undefined ? other : value),
  first: (value) => listOf(value)[0],
  map: (value, [name = '']) => listOf(value).map((item) => field(item, name)),
  selectattr: (value, [name = '', test, wanted]) => {
    if (test !== 'eq') throw new Error(`no test ${test}`);
    return listOf(value).filter((item) => field(item, name) === wanted);
  },
};

/** Quoted text, with or without the name of the argument. */
function argumentsOf(words: Words): string[] {
  const args: string[] = [];
  if (!words.takes('(')) return args;
  while (!words.takes(')')) {
    if (args.length > 0) words.expect(',');
    if (words.takes('attribute')) words.expect('=');
    args.push(words.next('text'));
  }
  return args;
}

function path(words: Words): Expression {
  let value = atom(words);
  for (;;) {
    if (words.takes('.')) value = member(value, words.next('name'));
    else if (words.takes('[')) value = beginning(value, words);
    else return value;
  }
}

function member(value: Expression, name: string): Expression {
  return (scope) => field(value(scope), name);
}

/** `[:255]`. Python counts characters, not UTF-16 units. */
function beginning(value: Expression, words: Words): Expression {
  words.expect(':');
  const length = Number(words.next('number'));
  words.expect(']');
  return (scope) => {
    const text = value(scope);
    if (typeof text !== 'string') throw new Error('only text is cut');
    return [...text].slice(0, length).join('');
  };
}

function atom(words: Words): Expression {
  if (words.takes('{')) return dictionary(words);
  if (words.takes('(')) {
    const value = choice(words);
    words.expect(')');
    return value;
  }
  const token = words.take();
  if (token?.kind === 'text') return () => token.text;
  if (token?.kind === 'name') return (scope) => field(scope, token.text);
  throw new Error(`unexpected ${token?.text ?? 'end'}`);
}

function dictionary(words: Words): Expression {
  const pairs: [string, Expression][] = [];
  while (!words.takes('}')) {
    if (pairs.length > 0) words.expect(',');
    const key = words.next('text');
    words.expect(':');
    pairs.push([key, either(words)]);
  }
  return (scope) => Object.fromEntries(pairs.map(([key, value]) => [key, value(scope)]));
}

/** `str()` of Python. */
function shown(value: unknown): string {
  if (value === undefined || (typeof value === 'object' && value !== null)) throw new Error(`${value} is no state`);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

function isTrue(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${value} is no list`);
  return value;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) throw new Error(`no ${name}`);
  return (value as Scope)[name];
}
