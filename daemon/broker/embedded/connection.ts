import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../relay-drivers/clock.ts';
import type { MqttRole } from '../../core/model.ts';
import { BROKER_LIMITS } from '../limits.ts';
import { type Budget, Tokens } from './budget.ts';
import type { Flushing } from './flushing.ts';
import { type Fault, Framer } from './framer.ts';
import { Gate } from './gate.ts';
import { type Line, openLine, TOGETHER_BYTES } from './line.ts';
import { connack, type Login } from './login.ts';
import { TYPE, typeOf } from './packets.ts';
import type { RefusalKind, Refusals } from './refusals.ts';

export interface ConnectionParts {
  readonly clock: Clock;
  readonly strangersBytes: Budget;
  readonly clientsBytes: Budget;
  readonly refusals: Refusals;
  readonly flushing: Flushing;
  /** The first whole packet, a CONNECT. */
  onConnect(connection: Connection, packet: Buffer): void;
  /** Nothing is left of it. Called once. */
  onGone(connection: Connection): void;
}

/** PUBACK (MQTT 3.1.1, 3.4): nothing else came with it. */
const ACK_BYTES = 4;

/** One client, from the first byte on: first a stranger, of whom little is kept; then behind a gate, with aedes. */
export class Connection {
  readonly openedMs: number;
  /** What it is subscribed to. */
  readonly filters = new Set<string>();
  readonly #parts: ConnectionParts;
  readonly #line: Line;
  readonly #framer = new Framer();
  #login: Login | null = null;
  #gate: Gate | null = null;
  #tokens: Tokens | null = null;
  #first: Buffer | null = null;
  #receivedBytes = 0;
  #countedBytes = 0;
  #heardMs: number;
  #sent = { bytes: 0, atMs: 0 };
  /** Refused or cut: nothing of it counts any more. */
  #isOver = false;
  #isHeld = false;
  #isHungry = false;
  #hasEnded = false;
  #isLineClosed = false;
  #isGone = false;
  #waiters: (() => void)[] = [];

  constructor(raw: Socket, secure: SecureContext | null, parts: ConnectionParts) {
    this.#parts = parts;
    this.openedMs = parts.clock.nowMs();
    this.#heardMs = this.openedMs;
    this.#line = openLine(raw, secure, parts.flushing, {
      onData: (chunk) => this.#heard(chunk),
      onEnd: () => this.#ended(),
      onDrain: () => this.#relieve(),
      onClose: () => this.#lineClosed(),
    });
  }

  get login(): Login | null {
    return this.#login;
  }

  get address(): string {
    return this.#line.address;
  }

  get gate(): Gate | null {
    return this.#gate;
  }

  /** The stranger is a client now; the stream is for aedes, with the CONNECT first. */
  admit(login: Login, packet: Buffer): Gate {
    this.#login = login;
    this.#first = packet;
    this.#parts.strangersBytes.change(-this.#countedBytes);
    this.#countedBytes = 0;
    const { role } = login.user;
    this.#tokens = new Tokens(this.#parts.clock, messagesPerSOf(role), BROKER_LIMITS.messagesBurst);
    this.#gate = new Gate({
      next: () => this.#next(),
      onFault: (fault) => this.cut('malformed', fault),
      onHungry: () => this.#hungry(),
      onIdle: () => this.#line.flushSoon(),
      write: (bytes) => this.#write(bytes, backlogBytesOf(role)),
      onDestroy: (isGraceful) => this.#gateClosed(isGraceful),
    });
    return this.#gate;
  }

  /** CONNACK says why not. */
  refuse(code: number | null, kind: RefusalKind, reason: string): void {
    this.note(kind, reason);
    this.#isOver = true;
    if (code === null) this.#line.reset();
    else this.#line.end(connack(code));
  }

  /** For the log. */
  note(kind: RefusalKind, reason: string, topic?: string): void {
    const where = topic === undefined ? {} : { topic };
    this.#parts.refusals.note({
      kind,
      reason,
      user: this.#login?.user.name ?? null,
      address: this.address,
      ...where,
    });
  }

  cut(kind: RefusalKind, reason: string): void {
    if (!this.#isOver) this.note(kind, reason);
    this.drop();
  }

  /** At once, without a word; unsent bytes never arrive. */
  drop(): void {
    this.#isOver = true;
    this.#line.reset();
    this.#gate?.destroy();
  }

  /** Looks for silence: of a stranger, of a client that promised to ping, of one that does not read. */
  sweep(nowMs: number): void {
    if (this.#isOver) return;
    if (this.#login === null) {
      if (nowMs - this.openedMs >= BROKER_LIMITS.connectWithinMs) this.cut('limit', 'no CONNECT in time');
      return;
    }
    // 3.1.2-24: one and a half times what it promised.
    if (nowMs - this.#heardMs > this.#login.keepAliveS * 1500) this.cut('limit', 'silent for longer than it promised');
    else if (this.#isStalled(nowMs)) this.cut('limit', 'reads nothing');
  }

  /** Resolves when it has read most of what was written to it, or is gone. */
  async relieved(): Promise<void> {
    if (this.#isLineClosed || this.#line.backlogBytes < BROKER_LIMITS.backlogPauseBytes) return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  #heard(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#heardMs = this.#parts.clock.nowMs();
    if (this.#login === null) return this.#heardStranger(chunk);
    this.#framer.push(chunk);
    this.#heardClient();
  }

  #heardStranger(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > BROKER_LIMITS.bytesBeforeLogin) return this.cut('limit', 'too many bytes before a login');
    this.#framer.push(chunk);
    const packet = this.#framer.next();
    if (!this.#recount(this.#parts.strangersBytes)) return this.cut('limit', 'too many bytes of strangers');
    if (packet === null) return;
    if ('fault' in packet) return this.cut('malformed', packet.fault);
    if (typeOf(packet) !== TYPE.connect) return this.cut('malformed', 'no CONNECT first');
    this.#parts.onConnect(this, packet);
  }

  #heardClient(): void {
    this.#isHungry = false;
    this.#gate?.poke();
    if (!this.#recount(this.#parts.clientsBytes)) return this.cut('limit', 'too many bytes of unfinished packets');
    if (!this.#isHungry) this.#line.pause();
  }

  #hungry(): void {
    this.#isHungry = true;
    this.#recount(this.#parts.clientsBytes);
    this.#line.resume();
  }

  #next(): Buffer | Fault | 'later' | null {
    if (this.#isHeld) return 'later';
    const packet = this.#first ?? this.#framer.next();
    this.#first = null;
    if (packet !== null && !('fault' in packet) && typeOf(packet) === TYPE.publish) this.#hold();
    return packet;
  }

  #hold(): void {
    const waitMs = this.#tokens?.takeMs() ?? 0;
    if (waitMs === 0) return;
    this.#isHeld = true;
    this.#parts.clock.after(waitMs, () => {
      this.#isHeld = false;
      this.#gate?.poke();
    });
  }

  #write(bytes: Uint8Array, limitBytes: number): void {
    if (this.#isOver) return;
    if (this.#line.backlogBytes + bytes.length > limitBytes) this.cut('limit', 'reads too slowly');
    else this.#line.write(bytes, this.#whenToSend(bytes));
  }

  #whenToSend(bytes: Uint8Array): 'now' | 'soon' | 'later' {
    const type = typeOf(bytes);
    // Some clients begin to listen when they hear that they are in: what waited for them comes after it.
    if (type === TYPE.connack) return 'now';
    // While aedes works on what came in with the message: they are acknowledged together.
    const isAckAlone = type === TYPE.puback && bytes.length === ACK_BYTES;
    return isAckAlone && this.#gate?.isBusy === true ? 'later' : 'soon';
  }

  #isStalled(nowMs: number): boolean {
    const bytes = this.#line.sentBytes;
    if (this.#line.backlogBytes === 0 || bytes !== this.#sent.bytes) this.#sent = { bytes, atMs: nowMs };
    return nowMs - this.#sent.atMs >= BROKER_LIMITS.stalledMs;
  }

  #recount(budget: Budget): boolean {
    const bytes = this.#framer.heldBytes;
    const isFine = budget.change(bytes - this.#countedBytes);
    this.#countedBytes = bytes;
    return isFine;
  }

  #relieve(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const done of waiters) done();
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.#gate === null) this.#line.reset();
    else this.#gate.finish();
  }

  /** What came before a proper end is still worked on; of a broken connection nothing is. */
  #lineClosed(): void {
    this.#isLineClosed = true;
    this.#relieve();
    if (!this.#hasEnded) this.#gate?.destroy();
    this.#goneIfAll();
  }

  #gateClosed(isGraceful: boolean): void {
    if (!this.#isOver) this.#line.flush();
    // TLS takes a turn to send it.
    if (isGraceful && this.#line.backlogBytes <= TOGETHER_BYTES) this.#line.end(new Uint8Array());
    else this.#line.reset();
    this.#goneIfAll();
  }

  #goneIfAll(): void {
    if (this.#isGone || !this.#isLineClosed || this.#gate?.destroyed === false) return;
    this.#isGone = true;
    const budget = this.#login === null ? this.#parts.strangersBytes : this.#parts.clientsBytes;
    budget.change(-this.#countedBytes);
    this.#countedBytes = 0;
    this.#parts.onGone(this);
  }
}

function messagesPerSOf(role: MqttRole): number {
  return role === 'integration' ? BROKER_LIMITS.messagesPerSOfIntegration : BROKER_LIMITS.messagesPerSOfDevice;
}

function backlogBytesOf(role: MqttRole): number {
  return role === 'device' ? BROKER_LIMITS.backlogBytesOfDevice : BROKER_LIMITS.backlogBytesOfReader;
}
