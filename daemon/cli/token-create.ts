import { hashSecret, newSecret, newTokenId } from '../http/secrets.ts';
import { hint } from '../settings/nearest.ts';
import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { usageError } from './errors.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';
import { createParams, ROLES } from './token-handlers.ts';

/** Prints a new token once: only the token on stdout, so that a script can keep it. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, {
    usage: SYNOPSIS['token create'],
    values: ['role', 'name', 'mqtt-user', 'config', 'data-dir'],
  });
  const role = args.required('role');
  const name = args.required('name');
  const secret = newSecret();
  const mqttUser = args.value('mqtt-user');
  const asked = createParams.safeParse({ id: newTokenId(), name, role, mqttUser, secretHash: hashSecret(secret) });
  if (!asked.success) throw usageError(badParameter(role, asked.error.issues[0]?.path[0]));
  const dataDir = await dataDirOf(args, io);
  await askHub(dataDir, 'token.create', asked.data, io);
  io.err(`token ${asked.data.id} (${role}, ${name}) of the hub in ${dataDir}; it is shown this once:`);
  io.out(secret);
  return OK;
}

function badParameter(role: string, field: PropertyKey | undefined): string {
  if (field === 'role') return `--role is one of ${ROLES.join(', ')}, not "${role}"${hint(role, ROLES)}`;
  if (field === 'mqttUser') return '--mqtt-user takes a name as of "mqtt-user add", or the host of an external broker';
  return '--name takes 1 to 100 visible characters';
}
