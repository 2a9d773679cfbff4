import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { MOSQUITTO } from '../broker/setup.ts';
import type { Login } from './mqtt-client.ts';
import type { Place } from './place.ts';

export interface MosquittoChild {
  readonly pid: number;
  readonly logins: readonly Login[];
}

/** A private Mosquitto with passwords and the access list of the README, for these users. Null: there is none here. */
export async function startMosquitto(place: Place, names: readonly string[]): Promise<MosquittoChild | null> {
  if (!existsSync(MOSQUITTO)) return null;
  const port = await freePort();
  const file = configure(place, port, names);
  const child = spawn(MOSQUITTO, ['-c', file], { stdio: 'ignore' });
  place.atEnd(() => void child.kill('SIGKILL'));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error('Mosquitto ended at once');
    await pause(systemClock, 50);
  }
  return { pid: child.pid ?? 0, logins: names.map((user) => ({ port, user, password: PASSWORD })) };
}

const PASSWORD = 'bench';

/** Of its defaults only those are lifted at which it drops messages of QoS 1. */
function configure(place: Place, port: number, names: readonly string[]): string {
  const folder = place.newFolder();
  const [passwords, list, file] = ['passwords', 'acl', 'conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(passwords, names.map((name) => `${name}:${PASSWORD}\n`).join(''), { mode: 0o700 });
  const { status } = spawnSync('mosquitto_passwd', ['-U', passwords]);
  if (status !== 0) throw new Error('mosquitto_passwd failed');
  writeFileSync(list, ACCESS, { mode: 0o700 });
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    `acl_file ${list}`,
  ];
  const bounds = ['max_inflight_messages 0', 'max_queued_messages 1000000', `user ${userInfo().username}`];
  writeFileSync(file, [...lines, ...bounds, ''].join('\n'));
  return file;
}

const ACCESS = `
user counter
topic read tele/#
user setter
topic write cmnd/#

pattern write tele/%u/#
pattern write stat/%u/#
pattern read cmnd/%u/#
`;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : null;
      server.close(() => (port === null ? reject(new Error('no free port')) : resolve(port)));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
