import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ControlAnswer, invalid, problem } from './control-answer.ts';
import { answer, type Devices } from './control-routes.ts';

const LOOPBACK = '127.0.0.1';
/** The longest useful body names 32 channels twice: under 1 kB. */
const MAX_BODY_BYTES = 16_384;
const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 10_000;

/** Faults and ground truth over HTTP, on loopback only: it asks for no password. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Port 0 takes a free one. Rejects when the port is taken. */
export async function serveControl(devices: Devices, port: number): Promise<ControlServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    respond(devices, request).then(
      (given) => send(response, given),
      () => request.destroy(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${taken}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(devices: Devices, request: IncomingMessage): Promise<ControlAnswer> {
  // A page in a browser may post to loopback: it always says where it is from, and tools do not.
  if (request.headers.origin !== undefined) return problem(403, 'forbidden', 'browsers may not switch this board');
  const text = await readBody(request);
  if (text === null) return problem(413, 'too_large', `a body has at most ${MAX_BODY_BYTES} bytes`);
  const body = parseJson(text);
  if (body === NOT_JSON) return invalid('', 'the body is not JSON');
  const { pathname, searchParams } = new URL(request.url ?? '/', `http://${LOOPBACK}`);
  const [unit, meter] = [searchParams.get('unit'), searchParams.get('meter')];
  return answer(devices, { method: request.method ?? 'GET', path: pathname, unit, meter, body });
}

/** Null when it is too long. It is heard out all the same: a caller that still sends would not read the answer. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

const NOT_JSON = Symbol('not JSON');

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

function send(response: ServerResponse, { status, body }: ControlAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(`${JSON.stringify(body)}\n`);
}
