import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { type ControlPlace, controlPlace } from './control-place.ts';
import {
  ControlError,
  type Handlers,
  IDLE_MS,
  LineCutter,
  parseJson,
  type Reply,
  requestSchema,
} from './control-wire.ts';

/** What went wrong inside, for the log; the caller is told no more than that. */
export type OnTrouble = (what: string, error: unknown) => void;

export interface ControlServer {
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 8;
/** Read and write for the hub's own user: who may open it may do what an admin may. */
const OWNER_ONLY = 0o600;

/**
 * Listens on the data directory's control socket, so that the command line asks the running hub instead of touching its
 * ledger. Called by the owner of the ledger's lock only: a socket that is there already was left by a dead hub.
 */
export async function serveControl(dataDir: string, handlers: Handlers, onTrouble: OnTrouble): Promise<ControlServer> {
  const place = await controlPlace(dataDir);
  try {
    await rm(place.path, { force: true });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      converse(socket, (line) => answer(line, handlers, onTrouble));
    });
    server.maxConnections = MAX_CONNECTIONS;
    await listen(server, place.path);
    await chmod(place.path, OWNER_ONLY);
    return { close: () => close(server, sockets, place) };
  } catch (error) {
    await place.release();
    throw error;
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // A connection that cannot be accepted (no file handle left) is the caller's loss, not the hub's end.
      server.on('error', () => {});
      resolve();
    });
  });
}

async function close(server: Server, sockets: ReadonlySet<Socket>, place: ControlPlace): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
  await place.release();
}

type AnswerLine = (line: string) => Promise<Reply>;

function converse(socket: Socket, answerLine: AnswerLine): void {
  const cutter = new LineCutter();
  socket.setEncoding('utf8');
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    const lines = cutter.push(text);
    if (lines === null) refuse(socket);
    else if (lines.length > 0) void answerAll(socket, lines, answerLine);
  });
}

/** Reads no more of a request without end. */
function refuse(socket: Socket): void {
  socket.pause();
  socket.end(lineOf(failure(null, 'too_large', 'the request is too long')), () => socket.destroy());
}

/** Nothing more is read from a caller until it has its answers: whatever it sends, little is kept. */
async function answerAll(socket: Socket, lines: readonly string[], answerLine: AnswerLine): Promise<void> {
  socket.pause();
  for (const line of lines) {
    const reply = lineOf(await answerLine(line));
    if (!socket.destroyed) socket.write(reply);
  }
  socket.resume();
}

async function answer(line: string, handlers: Handlers, onTrouble: OnTrouble): Promise<Reply> {
  const request = requestSchema.safeParse(parseJson(line));
  if (!request.success) return failure(null, 'invalid_request', 'expected {"id", "method", "params"} on one line');
  const { id, method, params } = request.data;
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (!handler) return failure(id, 'not_found', `this hub knows no ${method}`);
  try {
    return { id, result: (await handler(params)) ?? null };
  } catch (error) {
    if (error instanceof ControlError) return failure(id, error.code, error.message);
    onTrouble(`${method} of the control socket`, error);
    return failure(id, 'internal', 'the hub could not do it; its log says why');
  }
}

function failure(id: number | null, code: string, message: string): Reply {
  return { id, error: { code, message } };
}

function lineOf(reply: Reply): string {
  return `${JSON.stringify(reply)}\n`;
}
