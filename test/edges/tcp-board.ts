import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { createBus } from '../../relay-drivers/simulator/bus.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';

/** A board behind a serial-to-network adapter, which can be switched off and on again. */
export class TcpBoard {
  readonly board: Board;
  readonly #wire: ReturnType<typeof createBus>['wire'];
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor() {
    const { wire, boards } = createBus(
      { baud: 9600, parity: 'none', boards: [{ channels: 8 }] },
      systemClock,
      seededRandom(1),
    );
    const [board] = boards;
    if (board === undefined) throw new Error('a bus without a board');
    this.board = board;
    this.#wire = wire;
    wire.onHostHears((bytes) => {
      for (const socket of this.#sockets) socket.write(bytes);
    });
  }

  get path(): string {
    return `tcp://127.0.0.1:${this.#port}`;
  }

  /** The channels whose contacts are closed. */
  closed(): number[] {
    return this.board.coils().flatMap(({ channel, closed }) => (closed ? channel : []));
  }

  /** The first time on a free port, later on the same one. */
  async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('data', (bytes) => void this.#wire.hostSends(bytes));
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
  }

  async vanish(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }
}
