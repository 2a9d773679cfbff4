import type { IncomingMessage } from 'node:http';

/** Whether a body is still on its way. */
export function hasBodyLeft(request: IncomingMessage): boolean {
  if (request.readableEnded || request.destroyed) return false;
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || length !== '0';
}

/**
 * Reads what is left of a body and drops it. Resolves when there is no more, or when it is more than `limitBytes`:
 * then the connection has to end. Node's request timeout bounds the time.
 */
export function drainBody(request: IncomingMessage, limitBytes: number): Promise<void> {
  let left = limitBytes;
  return new Promise((resolve) => {
    const end = (): void => resolve();
    request.once('end', end).once('close', end).once('error', end);
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    });
    request.resume();
  });
}
