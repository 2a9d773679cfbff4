import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { drainBody, hasBodyLeft } from './drain.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { HttpLog } from './log.ts';
import { Problem, type ProblemCode } from './problems.ts';

/** Everything that goes wrong becomes a problem of the catalogue; a stack trace goes to the log and nowhere else. */
export function errorHandler(log: HttpLog) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error);
    if (problem.code === 'internal')
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a request failed');
    if (hasBodyLeft(request.raw)) void afterBody(request, reply, problem);
    else sendProblem(reply, problem);
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply.code(problem.status).headers(problem.headers()).send(problem.body());
}

/**
 * An answer that leaves before the body has come meets a client that still writes; the connection then ends in a
 * reset that can overtake the answer. So the rest is read and dropped first; what goes on too long is cut.
 */
async function afterBody(request: FastifyRequest, reply: FastifyReply, problem: Problem): Promise<void> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced <= HTTP_LIMITS.drainBytes) await drainBody(request.raw, HTTP_LIMITS.drainBytes);
  // Fastify has asked for the connection to end; that is only needed while something is left.
  if (request.raw.readableEnded) reply.removeHeader('connection');
  else reply.header('connection', 'close');
  sendProblem(reply, problem);
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code = '', statusCode = 500 } = (error ?? {}) as Partial<FastifyError>;
  const known = FASTIFY[code];
  if (known !== undefined) return new Problem(known.code, known.detail);
  const told = UNREADABLE[code] ?? (statusCode >= 400 && statusCode < 500 ? 'the request could not be read' : null);
  if (told !== null) return Problem.invalid([{ path: '', message: told }]);
  return new Problem('internal', 'The hub could not do this; its log says why. Nothing more is known.');
}

interface Told {
  readonly code: ProblemCode;
  readonly detail: string;
}

const NOT_JSON = {
  code: 'unsupported_media_type',
  detail: 'Send the body as "Content-Type: application/json".',
} as const;

const FASTIFY: Readonly<Record<string, Told>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too_large', detail: `A body has at most ${HTTP_LIMITS.bodyBytes} bytes.` },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: NOT_JSON,
  FST_ERR_CTP_INVALID_TYPE: NOT_JSON,
};

/** What Fastify found wrong with a request, in words for its sender. */
const UNREADABLE: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body does not have the length it announces',
  FST_ERR_BAD_URL: 'the address holds malformed percent-encoding',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the address is too long',
};

/** What Node could not even read as HTTP. The socket is the client's, so the answer is written by hand. */
export function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = unreadable(error.code);
  const body = problem.body();
  const headers = { ...problem.headers(), connection: 'close', 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('')}\r\n${body}`);
}

function unreadable(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Problem(
      'headers_too_large',
      `Address and headers together have at most ${HTTP_LIMITS.headerBytes} bytes.`,
    );
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout', 'The request did not arrive in time.');
  return Problem.invalid([{ path: '', message: 'this is not HTTP/1.1' }]);
}
