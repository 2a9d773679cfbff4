import type { WebSocket } from '@fastify/websocket';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { MeterView } from '../core/views.ts';
import { DiscoveredFeed } from './discovered-feed.ts';
import { HTTP_LIMITS } from './limits.ts';
import { MeterFeed, meterBytes } from './meter-feed.ts';
import type { HubPort, LiveEvent } from './port.ts';
import { type Frame, Ring } from './ring.ts';

interface Client {
  readonly socket: WebSocket;
  readonly secretHash: string;
  /** What it has been told; events up to here are not sent to it again. */
  seq: number;
  /** Its snapshot may be larger than the backlog that is allowed afterwards. */
  readonly backlogBytes: number;
  pingsMissed: number;
}

type Sent = (error?: Error | null) => void;
type Send = (bytes: Buffer, sent: Sent) => void;

/** WebSocket close codes: RFC 6455 section 7.4; 4000 and above are ours. */
const GOING_AWAY = 1001;
const SESSION_ENDED = 4401;

/** In the audit trail alone: tokens, of which secrets are made, and what changes nothing that a client sees. */
const HIDDEN = new Set(['token_created', 'token_revoked', 'uptime_noted']);

/** Tells every open panel of every event, in order, or drops the panel. Holds no backlog of its own. */
export class LiveFeed {
  readonly #hub: HubPort;
  readonly #clock: Clock;
  readonly #clients = new Set<Client>();
  readonly #ring: Ring;
  readonly #meters: MeterFeed;
  readonly #discovered: DiscoveredFeed;
  readonly #unsubscribe: readonly (() => void)[];
  #cancelTick: () => void = () => undefined;
  #snapshot: Buffer | null = null;

  constructor(hub: HubPort, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
    this.#ring = new Ring(hub.seq());
    this.#meters = new MeterFeed(clock, (bytes) => this.#tellAll(bytes));
    this.#discovered = new DiscoveredFeed(hub, clock, (bytes) => this.#tellAll(bytes));
    this.#unsubscribe = [
      hub.subscribe((live) => this.#publish(live)),
      hub.onMeter((meter) => this.#meterChanged(meter)),
      hub.onDiscovered(() => this.#discoveredChanged()),
    ];
    this.#armTick();
  }

  get size(): number {
    return this.#clients.size;
  }

  /** `after`: the last event that this client knows, to go on from there. Returns a way to tell it alone something. */
  add(socket: WebSocket, secretHash: string, after: number | null): Send {
    const missed = after === null ? null : this.#ring.since(after);
    const first =
      missed === null ? [this.#takeSnapshot()] : [...missed.map(({ bytes }) => bytes), ...this.#noEventsNow(missed)];
    const firstBytes = first.reduce((sum, bytes) => sum + bytes.length, 0);
    const client: Client = {
      socket,
      secretHash,
      seq: this.#hub.seq(),
      backlogBytes: HTTP_LIMITS.liveBacklogBytes + firstBytes,
      pingsMissed: 0,
    };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('pong', () => {
      client.pingsMissed = 0;
    });
    for (const bytes of first) this.#send(client, bytes);
    // A resumed feed may have nothing to tell: the ping says that it is live.
    if (missed !== null) this.#send(client, this.#pingBytes());
    return (bytes, sent) => this.#send(client, bytes, sent);
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#meters.close();
    this.#discovered.close();
    this.#cancelTick();
    for (const { socket } of this.#clients) socket.close(GOING_AWAY, 'the hub stops');
    this.#clock.after(HTTP_LIMITS.closeMs, () => {
      for (const { socket } of this.#clients) socket.terminate();
    });
  }

  #publish(live: LiveEvent): void {
    this.#snapshot = null;
    if (live.event.kind === 'token_revoked') this.#cutEnded();
    if (HIDDEN.has(live.event.kind)) return this.#ring.skip(live.event.seq);
    const frame = this.#ring.add(live);
    for (const client of this.#clients) this.#tell(client, frame);
  }

  #meterChanged(meter: MeterView): void {
    this.#snapshot = null;
    // Whoever comes later has it in the snapshot: nothing is encoded for nobody, a thousand times a second.
    if (this.#clients.size > 0) this.#meters.changed(meter);
  }

  #discoveredChanged(): void {
    this.#snapshot = null;
    this.#discovered.changed();
  }

  /** What is no event is told to whoever is there; who comes back gets it as it is. */
  #tellAll(bytes: Buffer): void {
    for (const client of this.#clients) this.#send(client, bytes);
  }

  #noEventsNow(missed: readonly Frame[]): Buffer[] {
    return [...this.#hub.meters().map(meterBytes), this.#discovered.bytes(), ...this.#locksNow(missed)];
  }

  /** Events tell how long a lock lasted when they happened. */
  #locksNow(missed: readonly Frame[]): Buffer[] {
    const locks = this.#hub.locks();
    if (locks.length === 0 && !missed.some(({ isOfLock }) => isOfLock)) return [];
    return [Buffer.from(JSON.stringify({ type: 'locks', locks }))];
  }

  #tell(client: Client, frame: Frame): void {
    if (frame.seq <= client.seq) return;
    client.seq = frame.seq;
    this.#send(client, frame.bytes);
  }

  /** A slow reader is cut: it comes back and takes a snapshot. */
  #send({ socket, backlogBytes }: Client, bytes: Buffer, sent?: Sent): void {
    if (socket.readyState !== socket.OPEN) return sent?.(new Error('the socket is closed'));
    socket.send(bytes, { binary: false }, sent);
    if (socket.bufferedAmount > backlogBytes) socket.terminate();
  }

  /** One encoding serves everybody who asks before the next event, unless it tells of time that is left. */
  #takeSnapshot(): Buffer {
    const isTicking = this.#hub.locks().length > 0;
    const snapshot = (isTicking ? null : this.#snapshot) ?? this.#encodeSnapshot();
    this.#snapshot = snapshot;
    return snapshot;
  }

  #encodeSnapshot(): Buffer {
    const { info: hub } = this.#hub;
    const load = this.#hub.load();
    const appliances = this.#hub.appliances();
    const meters = this.#hub.meters();
    const discovered = this.#hub.discovered();
    const seq = this.#hub.seq();
    const locks = this.#hub.locks();
    return Buffer.from(JSON.stringify({ type: 'snapshot', seq, hub, load, appliances, meters, discovered, locks }));
  }

  #armTick(): void {
    this.#cancelTick = this.#clock.after(HTTP_LIMITS.livePingMs, () => {
      this.#armTick();
      this.#tick();
    });
  }

  #tick(): void {
    this.#cutEnded();
    const bytes = this.#pingBytes();
    for (const client of this.#clients) this.#ping(client, bytes);
  }

  #ping(client: Client, bytes: Buffer): void {
    client.pingsMissed += 1;
    if (client.pingsMissed > HTTP_LIMITS.livePingsMissed) return client.socket.terminate();
    if (client.socket.readyState === client.socket.OPEN) client.socket.ping();
    this.#send(client, bytes);
  }

  #pingBytes(): Buffer {
    return Buffer.from(JSON.stringify({ type: 'ping', at: new Date(this.#clock.wallMs()).toISOString() }));
  }

  #cutEnded(): void {
    for (const { socket, secretHash } of this.#clients) {
      if (this.#hub.tokenByHash(secretHash) === null) socket.close(SESSION_ENDED, 'the session has ended');
    }
  }
}
