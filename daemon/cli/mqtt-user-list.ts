import { readArgs } from './args.ts';
import { askHub } from './ask-hub.ts';
import { dataDirOf } from './data-dir.ts';
import { type CliIo, OK } from './io.ts';
import { userList } from './mqtt-user-handlers.ts';
import { SYNOPSIS } from './synopsis.ts';

/** One user a line: name, role, when made, topics beyond what the role gives. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS['mqtt-user list'], values: ['config', 'data-dir'] });
  const users = userList.parse(await askHub(await dataDirOf(args, io), 'mqtt_user.list', {}, io));
  for (const { name, role, topics, createdWallMs } of users)
    io.out([name.padEnd(20), role.padEnd(11), new Date(createdWallMs).toISOString(), ...topics].join('  '));
  if (users.length === 0) io.err('there are no MQTT users');
  return OK;
}
