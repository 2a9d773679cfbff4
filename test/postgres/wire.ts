import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A wire between a hub and its Postgres that can be cut at any byte, held, or unplugged. */
export class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #target: number;
  #cutAfterBytes: number | null = null;
  #isHeld = false;
  connections = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (near) => this.#join(near));
  }

  static async to(port: number, host = '127.0.0.1'): Promise<Wire> {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    return new Wire(server, port);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Both ends hear a reset. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
  }

  /** After so many more bytes of the hub have gone through: the server gets them, its answer gets nowhere. */
  cutAfter(bytes: number): void {
    this.#cutAfterBytes = bytes;
  }

  /** Bytes of the server are kept back: it works, and its answers do not come. */
  hold(): void {
    this.#isHeld = true;
    for (const [, far] of this.#pairs) far.pause();
  }

  release(): void {
    this.#isHeld = false;
    for (const [, far] of this.#pairs) far.resume();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    this.connections += 1;
    const far = connect(this.#target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    near.on('data', (bytes) => this.#carry(pair, bytes));
    far.on('data', (bytes) => near.write(bytes));
    if (this.#isHeld) far.pause();
  }

  #carry(pair: readonly [Socket, Socket], bytes: Buffer): void {
    const [near, far] = pair;
    far.write(bytes);
    if (this.#cutAfterBytes === null) return;
    this.#cutAfterBytes -= bytes.length;
    if (this.#cutAfterBytes > 0) return;
    this.#cutAfterBytes = null;
    this.#pairs.delete(pair);
    near.resetAndDestroy();
    // Not a reset: what was written has to arrive.
    far.end();
  }
}
