import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Args } from './args.ts';
import { usageError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';

/**
 * The way of `lock ...` to a hub: HTTP with a token, and no other. A lock belongs to whoever asked for it, so who asks
 * needs a name that can be revoked; who waits must be seen to go; and the program that holds it may run elsewhere.
 */

export const URL_VARIABLE = 'VOLTSAFE_URL';
export const TOKEN_VARIABLE = 'VOLTSAFE_TOKEN';
/** Where `voltsafe start` and `run` listen unless told otherwise. */
const DEFAULT_URL = 'http://localhost:8080';
/** The longest list is 50,000 resources. */
const ANSWER_BYTES = 32 * 1024 * 1024;

export const LINK_OPTIONS = ['url', 'token-file'] as const;

/** The hub did not answer: whether it did what was asked is not known. */
export class Unreached extends Error {}

export interface Ask {
  readonly method: 'GET' | 'POST';
  /** Encoded already. */
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly patienceMs: number;
  readonly stop?: AbortSignal;
}

export interface HubReply {
  readonly status: number;
  readonly body: unknown;
}

export interface HubLink {
  readonly url: string;
  /** Rejects with Unreached. */
  ask(ask: Ask): Promise<HubReply>;
}

export async function linkOf(args: Args, io: Pick<CliIo, 'env' | 'cwd' | 'clock'>): Promise<HubLink> {
  const url = hubUrl(args.value('url') ?? io.env[URL_VARIABLE] ?? DEFAULT_URL);
  const token = await tokenOf(args, io);
  return { url, ask: (ask) => exchange(new URL(url), token, ask, io) };
}

function hubUrl(text: string): string {
  const isUrl = z.url({ protocol: /^https?$/ }).safeParse(text).success;
  if (!isUrl || new URL(text).username !== '')
    throw usageError(`--url and ${URL_VARIABLE} take http://host:port, not "${text}"`);
  return text.replace(/\/+$/, '');
}

/** Never an argument: everybody on the machine can read those. */
async function tokenOf(args: Args, { env, cwd }: Pick<CliIo, 'env' | 'cwd'>): Promise<string> {
  const file = args.value('token-file');
  const token = file === undefined ? (env[TOKEN_VARIABLE] ?? '') : await textOf(resolve(cwd, file), file);
  const from = file ?? TOKEN_VARIABLE;
  if (token.trim() === '')
    throw usageError(
      `no token: put one in ${TOKEN_VARIABLE} or name its file with --token-file (make it: voltsafe token create --role operator --name ...)`,
    );
  if (!/^[\x21-\x7e]{1,512}$/.test(token.trim())) throw usageError(`${from} holds no token`);
  return token.trim();
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`--token-file ${name}: ${wordsOf(error)}`);
  }
}

/** Not `fetch`: that gives up on a head which takes more than five minutes, and a wait may take an hour. */
function exchange(hub: URL, token: string, ask: Ask, { clock }: Pick<CliIo, 'clock'>): Promise<HubReply> {
  return new Promise((resolve, reject) => {
    const body = ask.body === undefined ? '' : JSON.stringify(ask.body);
    const send = hub.protocol === 'https:' ? secureRequest : plainRequest;
    const { method, path } = ask;
    // Each on a connection of its own: one that was kept may be gone.
    const sent = send(hub, { agent: false, method, path: `${base(hub)}${path}`, headers: headersOf(token, ask, body) });
    const giveUp = (why: string) => void sent.destroy(new Error(why));
    const stopped = () => giveUp('stopped');
    const cancel = clock.after(ask.patienceMs, () => giveUp(`no answer within ${seconds(ask.patienceMs)}`));
    ask.stop?.addEventListener('abort', stopped, { once: true });
    const end = () => {
      cancel();
      ask.stop?.removeEventListener('abort', stopped);
    };
    const fail = (error: unknown) => {
      end();
      reject(new Unreached(`${hub.origin} does not answer: ${reasonOf(error)}`));
    };
    sent.once('error', fail);
    sent.once('response', (answer) => {
      textIn(answer).then((text) => {
        end();
        resolve({ status: answer.statusCode ?? 0, body: jsonIn(text) });
      }, fail);
    });
    if (ask.stop?.aborted === true) stopped();
    else sent.end(body);
  });
}

/** A proxy may serve the hub below a path of its own. */
function base(hub: URL): string {
  return hub.pathname.replace(/\/+$/, '');
}

function headersOf(token: string, { key }: Ask, body: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
}

async function textIn(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    text += chunk;
    if (text.length > ANSWER_BYTES) throw new Error('its answer has no end');
  }
  return text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node tries each address of a name, and says nothing itself where all of them fail. */
function reasonOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  return wordsOf(first ?? error);
}

export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
