import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { hashSecret } from '../http/secrets.ts';
import { hint } from '../settings/nearest.ts';
import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { usageError } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { addParams, addReply, MQTT_ROLES } from './mqtt-user-handlers.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Prints a new password once: only it on stdout, so that a script can keep it. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const usage = SYNOPSIS['mqtt-user add'];
  const args = readArgs(words, { usage, values: ['name', 'role', 'config', 'data-dir'], lists: ['topic'] });
  const [name, role, topics] = [args.required('name'), args.required('role'), args.list('topic')];
  const password = newPassword();
  const asked = addParams.safeParse({ name, role, topics, secretHash: hashSecret(password) });
  if (!asked.success) throw usageError(badParameter({ name, role, topics }, asked.error.issues[0]));
  const dataDir = await dataDirOf(args, io);
  const { isNew } = addReply.parse(await askHub(dataDir, 'mqtt_user.add', asked.data, io));
  const before = isNew ? '' : '; the password that it had is void, and its connections end';
  io.err(`MQTT user ${name} (${role}) of the hub in ${dataDir}${before}; its password is shown this once:`);
  io.out(password);
  return OK;
}

/** 160 random bits: as many as nobody guesses, and short enough for the fields that plugs have for it. */
export function newPassword(): string {
  return randomBytes(20).toString('base64url');
}

interface Asked {
  readonly name: string;
  readonly role: string;
  readonly topics: readonly string[];
}

function badParameter({ name, role, topics }: Asked, issue: z.core.$ZodIssue | undefined): string {
  const [field, index] = issue?.path ?? [];
  if (field === 'role') return `--role is one of ${MQTT_ROLES.join(', ')}, not "${role}"${hint(role, MQTT_ROLES)}`;
  if (field === 'topics') return `--topic ${topics[Number(index)] ?? ''}: ${issue?.message}`;
  return `--name ${name}: ${issue?.message}`;
}
