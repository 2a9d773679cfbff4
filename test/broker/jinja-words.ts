export interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign';
  readonly text: string;
}

const TOKEN = /\s*(?:'([^'\\]*)'|(\d+)|([A-Za-z_]\w*)|(==|[[\](){},.|:=]))/y;

/** The words of an expression; throws at what is none. */
export class Words {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text.trimEnd());
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  take(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  /** A sign or a word of the language, if it comes next. */
  takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    const isIt = token?.text === text && token.kind !== 'text';
    if (isIt) this.#at += 1;
    return isIt;
  }

  expect(text: string): void {
    if (!this.takes(text)) throw new Error(`expected ${text}, found ${this.#tokens[this.#at]?.text ?? 'the end'}`);
  }

  next(kind: Token['kind']): string {
    const token = this.take();
    if (token?.kind !== kind) throw new Error(`expected a ${kind}, found ${token?.text ?? 'the end'}`);
    return token.text;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`cannot read ${text.slice(at)}`);
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf([, quoted, digits, name, sign]: RegExpExecArray): Token {
  if (quoted !== undefined) return { kind: 'text', text: quoted };
  if (digits !== undefined) return { kind: 'number', text: digits };
  if (name !== undefined) return { kind: 'name', text: name };
  return { kind: 'sign', text: sign ?? '' };
}
