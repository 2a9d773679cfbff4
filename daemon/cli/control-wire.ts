import { z } from 'zod';

/** One JSON object a line, both ways; one request at a time on a connection. */
export const requestSchema = z.strictObject({ id: z.int(), method: z.string().max(64), params: z.unknown() });

export const replySchema = z.union([
  z.strictObject({ id: z.int().nullable(), result: z.unknown() }),
  z.strictObject({ id: z.int().nullable(), error: z.strictObject({ code: z.string(), message: z.string() }) }),
]);
export type Reply = z.output<typeof replySchema>;

export type Handlers = Readonly<Record<string, (params: unknown) => Promise<unknown>>>;

/** What a handler throws to tell the caller why not. */
export class ControlError extends Error {
  readonly code: string;
  constructor(code: string, what: string) {
    super(what);
    this.name = 'ControlError';
    this.code = code;
  }
}

/** A list of a thousand tokens fits; nothing that is asked here is longer. */
export const MAX_LINE_CHARS = 256_000;
/** A page of the ledger: 256 kB and one more event of the largest size, as JSON in JSON. */
export const MAX_REPLY_CHARS = 4_000_000;
export const IDLE_MS = 10_000;

/** Cuts a stream of text into lines; `null` when a line grows beyond the limit. */
export class LineCutter {
  readonly #longest: number;
  #rest = '';

  constructor(longest = MAX_LINE_CHARS) {
    this.#longest = longest;
  }

  push(text: string): string[] | null {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return [this.#rest, ...lines].some((line) => line.length > this.#longest) ? null : lines;
  }
}

/** Undefined when it is not JSON. */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
