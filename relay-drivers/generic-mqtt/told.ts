import { at, type Json, parseJson } from '../plugs/words/json.ts';
import { numberIn, rounded } from '../plugs/words/quantities.ts';
import { textIn } from '../plugs/words/text.ts';

/** A payload, read as the settings say: as it is, or down into its JSON. */
export class Told {
  readonly #payload: Uint8Array;
  #json: Json | undefined;
  #isParsed = false;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  /** A value as text: `true` and `1` of JSON are words, too. Null: it is not told. */
  text(path: string | undefined): string | null {
    if (path === undefined) return textIn(this.#payload);
    const value = this.#at(path);
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
  }

  /** A number, or a text that is one, times `factor` and rounded. Null: it is none. */
  number(path: string | undefined, factor: number): number | null {
    const text = path === undefined ? textIn(this.#payload) : this.#at(path);
    return rounded(typeof text === 'string' ? numberIn(text) : text, factor);
  }

  #at(path: string): Json | undefined {
    if (!this.#isParsed) this.#json = parseJson(this.#payload);
    this.#isParsed = true;
    return at(this.#json, ...path.split('.'));
  }
}
