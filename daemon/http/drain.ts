import type { IncomingMessage } from 'node:http';

/** Reads what is left of a body and drops it; beyond `limitBytes` the connection ends. Node's request timeout bounds the time. */
export function drainBody(request: IncomingMessage, limitBytes: number): void {
  let left = limitBytes;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.on('error', () => undefined);
  request.resume();
}
