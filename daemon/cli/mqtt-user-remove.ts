import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { type CliIo, OK } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

/** Ends a user of the broker: its connections end, and the next CONNECT with its password is refused. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const usage = SYNOPSIS['mqtt-user remove'];
  const args = readArgs(words, { usage, values: ['config', 'data-dir'], words: ['the name of the user'] });
  const name = args.word(0);
  await askHub(await dataDirOf(args, io), 'mqtt_user.remove', { name }, io);
  io.err(`MQTT user ${name} is removed`);
  return OK;
}
