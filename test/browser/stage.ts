import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BrokerView, BusView, LiveMessage, Session, SnapshotMessage } from '../../dashboard/src/wire.ts';
import { realClock } from '../drivers/real-clock.ts';

const DIST = new URL('../../dashboard/dist/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** A panel that hears nothing for 12 s takes the line for lost. */
const PING_MS = 1000;

/** The built panel before a hub that says what a test wants it to: for states that real boards reach seldom or slowly. */
export class Stage {
  readonly #server: Server;
  readonly #feed: WebSocketServer;
  readonly #sockets = new Set<WebSocket>();
  #snapshot: SnapshotMessage;
  #buses: readonly BusView[] = [];
  #broker: BrokerView = { mode: 'off', url: null, up: false, reason: null, advice: null, clients: null };
  #role: Session['role'] = 'operator';
  readonly #refusals = new Map<string, Record<string, unknown>>();
  readonly #asked: { readonly path: string; readonly body: unknown }[] = [];
  #isHung = false;
  #clockAheadMs = 0;
  #cancelPing: () => void = () => undefined;

  constructor(snapshot: SnapshotMessage) {
    this.#snapshot = snapshot;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#feed = new WebSocketServer({ server: this.#server, path: '/api/live' });
    this.#feed.on('connection', (socket) => {
      if (this.#isHung) return socket.terminate();
      this.#sockets.add(socket);
      socket.send(JSON.stringify(this.#snapshot));
      socket.send(this.#ping());
    });
    this.#pingLater();
  }

  async open(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** What the panel is told when it is loaded the next time. */
  set(snapshot: SnapshotMessage, buses: readonly BusView[] = []): void {
    this.#snapshot = snapshot;
    this.#buses = buses;
  }

  setBroker(broker: BrokerView): void {
    this.#broker = broker;
  }

  /** Who looks at the panel when it is loaded the next time. */
  setRole(role: Session['role']): void {
    this.#role = role;
  }

  /** A problem (RFC 9457), for whoever posts there. */
  refuse(path: string, problem: { readonly status: number; readonly code: string } & Record<string, unknown>): void {
    this.#refusals.set(path, problem);
  }

  /** What was posted, oldest first. */
  get asked(): readonly { readonly path: string; readonly body: unknown }[] {
    return this.#asked;
  }

  /** To the page that is open, once it listens. */
  async say(message: LiveMessage): Promise<void> {
    const isOpen = (socket: WebSocket) => socket.readyState === socket.OPEN;
    await vi.waitFor(() => {
      if (![...this.#sockets].some(isOpen)) throw new Error('no panel listens');
    });
    this.#tellAll(JSON.stringify(message));
  }

  /** The hub's clock stands elsewhere than that of the panel, as the next ping tells. */
  setClock(aheadMs: number): void {
    this.#clockAheadMs = aheadMs;
  }

  #ping(): string {
    return JSON.stringify({ type: 'ping', at: new Date(realClock.wallMs() + this.#clockAheadMs).toISOString() });
  }

  #pingLater(): void {
    this.#cancelPing = realClock.after(PING_MS, () => {
      this.#tellAll(this.#ping());
      this.#pingLater();
    });
  }

  #tellAll(text: string): void {
    for (const socket of this.#sockets) if (socket.readyState === socket.OPEN) socket.send(text);
  }

  /** The line to every panel breaks, and stays so. */
  hang(): void {
    this.#isHung = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  close(): void {
    this.#cancelPing();
    this.hang();
    this.#feed.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?');
    if (request.method === 'POST') return this.#answerPost(path, request, response);
    const body = this.#bodies()[path];
    if (body !== undefined)
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    try {
      const file = fileURLToPath(new URL(path === '/' ? 'index.html' : path.slice(1), DIST));
      const bytes = await readFile(file);
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  async #answerPost(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#asked.push({ path, body: await json(request) });
    const problem = this.#refusals.get(path) ?? { status: 404, code: 'not_found', detail: 'nothing is there' };
    response.writeHead(Number(problem['status']), { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify(problem));
  }

  #bodies(): Readonly<Record<string, unknown>> {
    return {
      '/api/session': { name: 'Marta', role: this.#role, principal: 'session:marta' },
      '/api/decisions': { decisions: [], next_after: 0 },
      '/api/buses': { buses: this.#buses },
      '/api/mqtt': this.#broker,
    };
  }
}
