import { posix } from 'node:path';
import ts from 'typescript';

export interface Import {
  readonly from: string;
  /** The file of this repository that it names; null for packages and Node's own modules. */
  readonly target: string | null;
  readonly isTypeOnly: boolean;
  readonly line: number;
}

/** Something worth a rule, and where it stands. */
export interface Mark {
  readonly what: string;
  readonly line: number;
}

/** What the house rules know of one file. Parsed by TypeScript, so that strings and comments are never mistaken for code. */
export interface Source {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Free names, `object.member` of free names, and a few constructs: `async`, `new Date()`, `let` at the top, `any`, `x!`. */
  readonly uses: readonly Mark[];
  readonly comments: readonly Mark[];
}

const SCRIPT_OF_VUE = /<script[^>]*>([\s\S]*?)<\/script>/;

export function readSource(path: string, text: string): Source {
  const code = path.endsWith('.vue') ? scriptOf(text) : text;
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true, kindOf(path));
  const reading = new Reading(file);
  reading.walk(file);
  const { imports, uses } = reading;
  return { path, lines: text.split('\n').length - 1, imports, uses, comments: commentsIn(file, code) };
}

/** The script of a component at its own lines. */
function scriptOf(text: string): string {
  const match = SCRIPT_OF_VUE.exec(text);
  if (match === null) return '';
  const start = match.index + match[0].indexOf('>') + 1;
  return text.slice(0, start).replace(/[^\n]/g, ' ') + (match[1] ?? '');
}

function kindOf(path: string): ts.ScriptKind {
  return path.endsWith('.js') ? ts.ScriptKind.JS : ts.ScriptKind.TS;
}

class Reading {
  readonly imports: Import[] = [];
  readonly uses: Mark[] = [];
  readonly #file: ts.SourceFile;

  constructor(file: ts.SourceFile) {
    this.#file = file;
  }

  walk(node: ts.Node): void {
    this.#look(node);
    ts.forEachChild(node, (child) => this.walk(child));
  }

  #look(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) this.#import(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) this.#import(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      this.#import(node.argument.literal, true);
    else if (isImportCall(node)) this.#import(node.arguments[0], false);
    else if (ts.isPropertyAccessExpression(node)) this.#member(node);
    else if (ts.isIdentifier(node) && isFree(node)) this.#use(node.text, node);
    else this.#construct(node);
  }

  #construct(node: ts.Node): void {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
      this.#use('new Date()', node);
    else if (node.kind === ts.SyntaxKind.AsyncKeyword) this.#use('async', node);
    else if (ts.isAwaitExpression(node)) this.#use('await', node);
    else if (node.kind === ts.SyntaxKind.AnyKeyword) this.#use('any', node);
    else if (ts.isNonNullExpression(node)) this.#use('x!', node);
    else if (isModuleLet(node)) this.#use('module let', node);
  }

  #member(node: ts.PropertyAccessExpression): void {
    const { expression, name } = node;
    if (!ts.isIdentifier(expression)) return;
    const isGlobal = expression.text === 'globalThis' || expression.text === 'window';
    this.#use(isGlobal ? name.text : `${expression.text}.${name.text}`, node);
  }

  #import(specifier: ts.Node | undefined, isType: boolean): void {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const from = specifier.text;
    const target = from.startsWith('.') ? posix.join(posix.dirname(this.#file.fileName), from) : null;
    this.imports.push({ from, target, isTypeOnly: isType, line: this.#line(specifier) });
  }

  #use(what: string, node: ts.Node): void {
    this.uses.push({ what, line: this.#line(node) });
  }

  #line(node: ts.Node): number {
    return this.#file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  }
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function isImportCall(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

/** A name that is read (as a value or a type), not one that is declared, and not a member of something. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if ('propertyName' in parent && parent.propertyName === node) return false;
  return ts.isShorthandPropertyAssignment(parent) || !('name' in parent && parent.name === node);
}

function isModuleLet(node: ts.Node): boolean {
  const isList = ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Let) !== 0;
  return isList && ts.isVariableStatement(node.parent) && ts.isSourceFile(node.parent.parent);
}

/** Comments stand where neither code nor a literal does. */
function commentsIn(file: ts.SourceFile, code: string): Mark[] {
  const masked = withoutLiterals(file, code);
  return [...masked.matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g)].map((match) => ({
    what: match[0],
    line: file.getLineAndCharacterOfPosition(match.index).line + 1,
  }));
}

function withoutLiterals(file: ts.SourceFile, code: string): string {
  let text = '';
  let at = 0;
  for (const [start, end] of literalsIn(file)) {
    text += code.slice(at, start) + code.slice(start, end).replace(/[^\n]/g, ' ');
    at = end;
  }
  return text + code.slice(at);
}

/** In the order in which they stand. */
function literalsIn(node: ts.Node, found: [number, number][] = []): [number, number][] {
  if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
    found.push([node.getStart(), node.getEnd()]);
  ts.forEachChild(node, (child) => void literalsIn(child, found));
  return found;
}
