import { HTTP_LIMITS } from './limits.ts';
import { Problem } from './problems.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON body. Nesting is counted before parsing, and `__proto__` is refused at any depth: it means nothing here
 * and confuses whatever copies objects later. An empty body is none.
 */
export function readJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (depthOf(text) > HTTP_LIMITS.jsonDepth) {
    throw Problem.invalid([{ path: '', message: `the body nests deeper than ${HTTP_LIMITS.jsonDepth} levels` }]);
  }
  let forbidden = false;
  const value = parse(text, (key) => {
    forbidden ||= key === '__proto__';
  });
  if (forbidden) throw Problem.invalid([{ path: '__proto__', message: 'is not a field' }]);
  return value;
}

/** A reviver visits every key, so it only runs where the forbidden one may be hidden, escaped or not. */
function parse(text: string, visit: (key: string) => void): unknown {
  const isSuspect = text.includes('__proto__') || text.includes('\\u');
  try {
    return isSuspect ? JSON.parse(text, reviver(visit)) : JSON.parse(text);
  } catch {
    throw Problem.invalid([{ path: '', message: 'the body is not valid JSON' }]);
  }
}

function reviver(visit: (key: string) => void): (key: string, value: unknown) => unknown {
  return (key, value) => {
    visit(key);
    return value;
  };
}

/** The deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}
