import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { PlugBroker } from '../../relay-drivers/simulator/plug-mqtt.ts';
import type { Args } from './args.ts';
import { runError, usageError, wordsOf } from './errors.ts';
import type { CliIo } from './io.ts';

/** Where simulated plugs connect. A plug's own name is its user unless one is named. Passwords are in no argument. */

/** A parent's word on stdin, where it knows the broker only later (`--broker -`): one JSON object on one line. */
const told = z.strictObject({
  broker: z.url({ protocol: /^mqtts?$/ }),
  passwords: z.record(z.string(), z.string()),
});

export type BrokerOf = (plug: string) => PlugBroker;

export const PASSWORD_VARIABLE = 'VOLTSAFE_MQTT_PASSWORD';

/** Null: stdin will tell. */
export async function brokerOf(args: Args, io: Pick<CliIo, 'cwd' | 'env'>): Promise<BrokerOf | null> {
  const url = args.required('broker');
  if (url === '-') return null;
  if (!z.url({ protocol: /^mqtts?$/ }).safeParse(url).success || new URL(url).password !== '')
    throw usageError('--broker takes mqtt://host:port or mqtts://host:port, without a password');
  const password = passwordIn(await fileOf(args, 'password-file', io), io.env[PASSWORD_VARIABLE]);
  const ca = await fileOf(args, 'ca-file', io);
  const user = args.value('user');
  return (plug) => {
    const username = user ?? plug;
    const found = password(username);
    if (found === undefined)
      throw usageError(`no password for ${username}: name it in --password-file F, or in ${PASSWORD_VARIABLE}`);
    return { url, username, password: found, ...(ca === undefined ? {} : { ca }) };
  };
}

/** Null: it is no word on a broker. */
export function toldBroker(line: string): BrokerOf | null {
  const parsed = told.safeParse(parse(line));
  if (!parsed.success) return null;
  const { broker: url, passwords } = parsed.data;
  return (plug) => ({ url, username: plug, password: passwords[plug] ?? '' });
}

/** What a parent writes. */
export function tellBroker(url: string, passwords: Readonly<Record<string, string>>): string {
  return JSON.stringify({ broker: url, passwords } satisfies z.input<typeof told>);
}

/** One password for all, or a line `user:password` for each. */
function passwordIn(text: string | undefined, ofAll: string | undefined): (user: string) => string | undefined {
  const lines = text?.split(/\r?\n/).filter((line) => line !== '') ?? [];
  const [only = ''] = lines;
  if (lines.length === 1 && !only.includes(':')) return () => only;
  const byUser = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  return (user) => byUser.get(user) ?? ofAll;
}

async function fileOf(args: Args, name: string, { cwd }: Pick<CliIo, 'cwd'>): Promise<string | undefined> {
  const given = args.value(name);
  if (given === undefined) return undefined;
  try {
    return await readFile(resolve(cwd, given), 'utf8');
  } catch (error) {
    throw runError(`--${name}: ${wordsOf(error)}`);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
