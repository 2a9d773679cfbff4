import { connect, type Socket } from 'node:net';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
/** Of a Retry-After of one second: who measures is less patient. */
const AGAIN_MS = 50;

interface Reply {
  readonly status: number;
  readonly body: string;
}

interface Asked {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * One keep-alive connection of HTTP/1.1, one question at a time. It reads no more of an answer than its status and its
 * length, because the two cores of a small machine are the hub's first: Node's own client costs as much as the hub.
 */
export class Client {
  readonly #socket: Socket;
  #asked: Asked | null = null;
  #chunks: Buffer[] = [];
  #received = 0;
  /** How long the answer is, head and body; null until its head is whole. */
  #length: number | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#hear(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the hub closed the connection')));
  }

  static open(url: string): Promise<Client> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Client(socket)));
    });
  }

  ask(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#socket.write(request);
    });
  }

  /**
   * Asks until it is answered with 200, and resolves with that answer: a disk that hangs for 250 ms is answered with 503,
   * and costs its caller the time.
   */
  async demand(request: Buffer): Promise<Reply> {
    for (let reply = await this.ask(request); ; reply = await this.ask(request)) {
      if (reply.status === 200) return reply;
      if (reply.status !== 503) throw new Error(`the hub answered ${reply.status}: ${reply.body}`);
      await pause(systemClock, AGAIN_MS);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#length ??= this.#lengthSoFar();
    if (this.#length !== null && this.#received >= this.#length) this.#answer();
  }

  #lengthSoFar(): number | null {
    const bytes = this.#whole();
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return null;
    const bodyLength = /\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1];
    return headEnd + HEAD_END.length + Number(bodyLength ?? 0);
  }

  #whole(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }

  #answer(): void {
    const bytes = this.#whole();
    const asked = this.#asked;
    this.#asked = null;
    this.#chunks = [];
    this.#received = 0;
    this.#length = null;
    // HTTP/1.1 200 OK
    const status = Number(bytes.toString('latin1', 9, 12));
    asked?.resolve({
      status,
      get body() {
        return bytes.toString('utf8', bytes.indexOf(HEAD_END) + HEAD_END.length);
      },
    });
  }

  #fail(error: Error): void {
    this.#asked?.reject(error);
    this.#asked = null;
  }
}

function requestText(line: string, token: string, more = ''): string {
  return `${line} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n${more}`;
}

export function getRequest(path: string, token: string): Buffer {
  return Buffer.from(`${requestText(`GET ${path}`, token)}\r\n`);
}

export function postRequest(path: string, content: object, token: string): Buffer {
  const body = JSON.stringify(content);
  const about = `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return Buffer.from(`${requestText(`POST ${path}`, token, about)}\r\n${body}`);
}

export function toggleRequest(id: string, isOn: boolean, token: string): Buffer {
  return postRequest(`/api/appliances/${id}/toggle`, { is_on: isOn }, token);
}

/** ON and OFF in turns. */
export function toggles(id: string, token: string): (i: number) => Buffer {
  const requests = [toggleRequest(id, true, token), toggleRequest(id, false, token)] as const;
  return (i) => (i % 2 === 0 ? requests[0] : requests[1]);
}
