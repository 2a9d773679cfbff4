import { type Document, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import type { Finding } from './finding.ts';
import { locate, type Place } from './locate.ts';

/** A household's file is a few kilobytes; more is a mistake. */
export const MAX_FILE_BYTES = 1_000_000;
/** Anchors may be used; a file that expands without end may not. */
const MAX_ALIASES = 100;

/** What the text of a file says, with its own mistakes, and where in the text anything is. */
export interface YamlText {
  readonly raw: unknown;
  readonly mistakes: readonly (Place & { readonly message: string })[];
  /** It is no YAML that could be read: `raw` says nothing. Keys given twice alone do not break it. */
  readonly isBroken: boolean;
  place(finding: Finding): Place;
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: false,
  });
  const problems = [...document.errors, ...document.warnings];
  const mistakes = problems.map(({ pos, code, message }) => at(lines, pos[0], wordsFor(code, message)));
  for (const [offset, name] of lostAliases(document))
    mistakes.push(at(lines, offset, `there is no &${name} before it`));
  const isBroken = mistakes.length > document.errors.filter(({ code }) => code === 'DUPLICATE_KEY').length;
  return { ...(isBroken ? { raw: null, isBroken, mistakes } : plain(document, mistakes)), place };

  function place(finding: Finding): Place {
    return locate(document, lines, finding);
  }
}

type Mistakes = YamlText['mistakes'];

function plain(document: Document, mistakes: Mistakes): Omit<YamlText, 'place'> {
  try {
    return { raw: document.toJS({ maxAliasCount: MAX_ALIASES }), isBroken: false, mistakes };
  } catch (error) {
    const message = firstLine(error instanceof Error ? error.message : 'cannot be read');
    return { raw: null, isBroken: true, mistakes: [...mistakes, { line: 1, column: 1, message }] };
  }
}

function lostAliases(document: Document): [offset: number, name: string][] {
  const lost: [number, string][] = [];
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) === undefined) lost.push([node.range?.[0] ?? 0, node.source]);
    },
  });
  return lost;
}

function at(lines: LineCounter, offset: number, message: string): Mistakes[number] {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col), message };
}

function wordsFor(code: YAMLError['code'], message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key is there twice in one mapping';
    case 'TAB_AS_INDENT':
      return 'not YAML: tabs cannot indent; use spaces';
    case 'MULTIPLE_DOCS':
      return 'not one configuration: a second document begins here (---)';
    default:
      return `not YAML: ${firstLine(message)}`;
  }
}

function firstLine(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.charAt(0).toLowerCase() + line.slice(1);
}
