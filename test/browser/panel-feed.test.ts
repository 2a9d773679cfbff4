import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { backoffMs } from '../../dashboard/src/live/backoff.ts';
import { type Link, LiveFeed, SILENCE_MS } from '../../dashboard/src/live/feed.ts';
import { parseMessage } from '../../dashboard/src/live/parse.ts';
import { openSocket } from '../../dashboard/src/live/socket.ts';
import type { LiveMessage } from '../../dashboard/src/wire.ts';
import { AT, event, load, reading, snapshot } from './panel-fixtures.ts';

const PING: LiveMessage = { type: 'ping', at: AT };

/** A hub's end of the feed (a real WebSocket server), and a panel whose clocks and timers stand still until told. */
class Bench {
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly sockets: ServerSocket[] = [];
  readonly urls: string[] = [];
  readonly links: Link[] = [];
  readonly heard: LiveMessage[] = [];
  readonly #timers = new Map<number, { readonly atMs: number; readonly task: () => void }>();
  #timerId = 0;
  monotonicMs = 0;
  wallMs = 1_000_000;
  lastSeq: number | null = null;
  isSignedOut = false;
  signedOutCount = 0;
  readonly feed = new LiveFeed(
    {
      open: (afterSeq, on) => openSocket(this.#url(), afterSeq, on),
      lastSeq: () => this.lastSeq,
      isSignedOut: async () => this.isSignedOut,
      monotonicMs: () => this.monotonicMs,
      wallMs: () => this.wallMs,
      later: (ms, task) => this.#later(ms, task),
      random: () => 1,
    },
    {
      message: (message) => this.heard.push(message),
      link: (link) => this.links.push(link),
      signedOut: () => {
        this.signedOutCount++;
      },
    },
  );

  constructor() {
    this.#server.on('connection', (socket, request) => {
      this.urls.push(request.url ?? '');
      this.sockets.push(socket);
    });
  }

  async open(): Promise<void> {
    await vi.waitFor(() => expect(this.#server.address()).not.toBeNull());
  }

  #url(): string {
    const address = this.#server.address() as AddressInfo;
    return `ws://127.0.0.1:${address.port}`;
  }

  #later(ms: number, task: () => void): () => void {
    const id = ++this.#timerId;
    this.#timers.set(id, { atMs: this.monotonicMs + ms, task });
    return () => this.#timers.delete(id);
  }

  /** Both clocks go on; what falls due runs in its order. */
  advance(ms: number): void {
    const untilMs = this.monotonicMs + ms;
    for (let due = this.#nextDue(untilMs); due !== null; due = this.#nextDue(untilMs)) {
      const { id, timer } = due;
      this.#timers.delete(id);
      this.#moveTo(timer.atMs);
      timer.task();
    }
    this.#moveTo(untilMs);
  }

  #nextDue(untilMs: number) {
    const due = [...this.#timers].filter(([, timer]) => timer.atMs <= untilMs);
    const [first] = due.sort(([, a], [, b]) => a.atMs - b.atMs);
    return first === undefined ? null : { id: first[0], timer: first[1] };
  }

  #moveTo(atMs: number): void {
    this.wallMs += atMs - this.monotonicMs;
    this.monotonicMs = atMs;
  }

  get phase(): string | undefined {
    return this.links.at(-1)?.phase;
  }

  async connected(count: number): Promise<ServerSocket> {
    await vi.waitFor(() => expect(this.sockets).toHaveLength(count));
    return this.sockets[count - 1] as ServerSocket;
  }

  async say(socket: ServerSocket, message: unknown): Promise<void> {
    const before = this.heard.length;
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    await vi.waitFor(() => expect(this.heard.length).toBeGreaterThan(before));
  }

  async becomes(phase: string): Promise<void> {
    await vi.waitFor(() => expect(this.phase).toBe(phase));
  }

  close(): void {
    this.feed.stop();
    for (const socket of this.sockets) socket.terminate();
    this.#server.close();
  }
}

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.open();
});
afterEach(() => bench.close());

/** A panel that is live with the commit 10. */
async function live(): Promise<ServerSocket> {
  bench.feed.start();
  const socket = await bench.connected(1);
  await bench.say(socket, snapshot(10, []));
  bench.lastSeq = 10;
  return socket;
}

describe('the live feed', () => {
  it('is live with the first snapshot, not with the open socket', async () => {
    bench.feed.start();
    const socket = await bench.connected(1);
    expect(bench.urls).toEqual(['/api/live']);
    expect(bench.phase).toBe('connecting');
    await bench.say(socket, snapshot(10, []));
    expect(bench.phase).toBe('live');
  });

  it('is lost at once when the line breaks, with the time of the last word', async () => {
    const socket = await live();
    const lastWordMs = bench.wallMs;
    bench.advance(900);
    socket.terminate();
    await bench.becomes('lost');
    expect(bench.links.at(-1)).toEqual({ phase: 'lost', sinceMs: lastWordMs, retryInMs: 400 });
  });

  it('resumes after the last commit, and is live only when the catching up is over', async () => {
    (await live()).terminate();
    await bench.becomes('lost');
    bench.advance(400);
    const second = await bench.connected(2);
    expect(bench.urls[1]).toBe('/api/live?after=10');
    await bench.say(second, event(11, null, load(0)));
    await bench.say(second, reading('mains', 100));
    expect(bench.phase).toBe('lost');
    await bench.say(second, PING);
    expect(bench.phase).toBe('live');
  });

  it('counts a silent line as lost, and a line with pings as live', async () => {
    const socket = await live();
    bench.advance(SILENCE_MS - 1000);
    await bench.say(socket, PING);
    bench.advance(SILENCE_MS - 1000);
    expect(bench.phase).toBe('live');
    bench.advance(2000);
    expect(bench.phase).toBe('lost');
  });

  it('notices a sleep during which the timers and the monotonic clock stood still', async () => {
    await live();
    bench.wallMs += 3_600_000;
    bench.feed.check();
    expect(bench.phase).toBe('lost');
  });

  it('does not hear a line that it has given up', async () => {
    const socket = await live();
    bench.wallMs += 3_600_000;
    bench.feed.check();
    socket.send(JSON.stringify(PING));
    await vi.waitFor(() => expect(socket.readyState).toBe(socket.CLOSED));
    expect(bench.phase).toBe('lost');
    expect(bench.heard).toHaveLength(1);
  });

  it('waits longer after each failure, and not at all when a person asks', async () => {
    const socket = await live();
    for (let attempt = 1; attempt <= 3; attempt++) {
      (bench.sockets.at(-1) ?? socket).terminate();
      await vi.waitFor(() => expect(bench.links.at(-1)).toMatchObject({ retryInMs: 400 * 2 ** (attempt - 1) }));
      if (attempt < 3) bench.advance(10_000);
      if (attempt < 3) await bench.connected(attempt + 1);
    }
    bench.feed.retryNow();
    await bench.connected(4);
    expect(bench.links.at(-1)).toMatchObject({ phase: 'lost', retryInMs: null });
  });

  it('stops and says so when the session has ended', async () => {
    bench.isSignedOut = true;
    (await live()).terminate();
    await bench.becomes('lost');
    bench.advance(400);
    await vi.waitFor(() => expect(bench.signedOutCount).toBe(1));
    bench.advance(60_000);
    expect(bench.sockets).toHaveLength(1);
  });

  it('passes over what it cannot read', async () => {
    const socket = await live();
    socket.send('not json');
    socket.send(JSON.stringify({ type: 'weather', sunny: true }));
    await bench.say(socket, event(11, null, load(0)));
    expect(bench.heard.map(({ type }) => type)).toEqual(['snapshot', 'event']);
    expect(bench.phase).toBe('live');
  });
});

describe('a message', () => {
  it.each(['', '[]', 'null', '7', '{}', '{"type":"other"}', '{"type":'])('%j is none of ours', (text) => {
    expect(parseMessage(text)).toBeNull();
  });
});

describe('the wait between attempts', () => {
  it('doubles up to 5 s, less a quarter by chance', () => {
    expect([0, 1, 2, 9, 400].map((attempt) => backoffMs(attempt, () => 1))).toEqual([400, 800, 1600, 5000, 5000]);
    expect(backoffMs(0, () => 0)).toBe(300);
  });
});
