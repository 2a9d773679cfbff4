import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A cable between the hub and a broker that a test can pull out. */
export class Detour {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Detour> {
    const server = createServer();
    const detour = new Detour(server);
    server.on('connection', (here) => detour.#join(here, connect(port, 'localhost')));
    server.listen(0, 'localhost');
    await once(server, 'listening');
    onTestFinished(() => detour.pull());
    return detour;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `mqtt://localhost:${address.port}`;
  }

  /** Nothing comes through any more, though both ends think so. What hangs in it is gone with the connection. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** Neither end hears a goodbye, and nobody comes through any more. */
  pull(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #join(here: Socket, there: Socket): void {
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  }
}
