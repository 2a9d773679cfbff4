import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { controlPlace } from './control-place.ts';
import {
  ControlError,
  IDLE_MS,
  LineCutter,
  MAX_REPLY_CHARS,
  parseJson,
  type Reply,
  replySchema,
} from './control-wire.ts';
import { runError } from './errors.ts';

/** What the hub on this data directory answers; null when none runs there. A refusal is thrown as ControlError. */
export async function askControl(
  dataDir: string,
  method: string,
  params: unknown,
): Promise<{ result: unknown } | null> {
  if (!existsSync(dataDir)) return null;
  const place = await controlPlace(dataDir);
  try {
    const socket = await dial(place.path, dataDir);
    if (socket === null) return null;
    return { result: unwrap(await exchange(socket, { id: 1, method, params })) };
  } finally {
    await place.release();
  }
}

/** A hub that listens on its control socket, whatever it would answer. */
export async function isHubRunning(dataDir: string): Promise<boolean> {
  if (!existsSync(dataDir)) return false;
  const place = await controlPlace(dataDir);
  try {
    const socket = await dial(place.path, dataDir);
    socket?.destroy();
    return socket !== null;
  } finally {
    await place.release();
  }
}

function dial(path: string, dataDir: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // No socket, or one that a killed hub left behind.
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else reject(runError(`the hub in ${dataDir} cannot be asked: ${error.message}; run this as the hub's user`));
    });
  });
}

function exchange(socket: Socket, request: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const cutter = new LineCutter(MAX_REPLY_CHARS);
    const fail = (why: string) => {
      socket.destroy();
      reject(runError(`the running hub gave no answer: ${why}`));
    };
    socket.setEncoding('utf8');
    socket.setTimeout(IDLE_MS, () => fail(`nothing came within ${IDLE_MS / 1000} s`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('it closed the connection'));
    socket.on('data', (text: string) => {
      const line = cutter.push(text);
      if (line?.length === 0) return;
      const reply = replySchema.safeParse(parseJson(line?.[0] ?? ''));
      if (!reply.success) return fail('it is no answer of this version');
      resolve(reply.data);
      socket.destroy();
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

function unwrap(reply: Reply): unknown {
  if ('error' in reply) throw new ControlError(reply.error.code, reply.error.message);
  return reply.result;
}
