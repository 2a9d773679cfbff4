import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { apply } from '../../daemon/core/apply.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import { writeSnapshot } from '../../daemon/core/snapshot.ts';
import { emptyState, type State } from '../../daemon/core/state.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { unitOf } from '../../relay-drivers/registry.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { createBus, type SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { NO_FAULTS } from '../../relay-drivers/simulator/faults.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { Answers } from './answers.ts';
import { Broken } from './broken.ts';
import { Dice } from './dice.ts';
import { type House, randomHouse } from './house.ts';
import { type Disk, Lifetime } from './lifetime.ts';
import { checkSums } from './loads.ts';
import { Truth } from './truth.ts';

/** After the faults stop, everything is settled within this much virtual time. */
const SETTLES_WITHIN_MS = 90_000;
/** A board that answers is read once a second. */
const READ_WITHIN_MS = 1500;
/** FC01, the second byte of a request. */
const READ_COILS = 1;

interface Wire {
  readonly bus: SimulatedBus;
  readonly port: MemoryPort;
}

/** The real hub in a simulated home: boards, lines, a disk, and somebody who can pull every plug. */
export class World {
  readonly dice: Dice;
  readonly clock = new VirtualClock();
  readonly house: House;
  readonly truth: Truth;
  readonly answers: Answers;
  readonly boards = new Map<string, Board>();
  readonly disk: Disk & { slowMs: number } = { delayMs: () => this.#commitMs(), isFull: false, slowMs: 0 };
  readonly troubles: string[] = [];
  kills = 0;
  #wires = new Map<string, Wire>();
  #db = new Database(':memory:');
  #lifetime: Lifetime | null = null;
  #state: State = emptyState();
  #household: House['household'];
  #broken: Error | null = null;
  #reads = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.house = randomHouse(this.dice);
    this.#household = this.house.household;
    const watched = {
      state: () => this.#lifetime?.hub.state ?? this.#state,
      isHubAlive: () => this.#lifetime !== null,
      isLedgerOk: () => this.#lifetime?.hub.queue.health === 'ok',
      nowMs: () => this.clock.nowMs(),
    };
    this.truth = new Truth(watched, this.house.buses);
    this.answers = new Answers(() => this.truth.durableSeq);
    this.#buildWires();
  }

  get lifetime(): Lifetime {
    if (this.#lifetime === null) throw new Error('the hub is dead');
    return this.#lifetime;
  }

  get isAlive(): boolean {
    return this.#lifetime !== null;
  }

  /** Starts a hub on the ledger as it is; the house may have got another limit meanwhile. */
  async boot(change: Partial<House['household']> = {}): Promise<void> {
    this.#household = { ...this.#household, ...change };
    const bootId = `boot-${this.kills}`;
    const store = new LedgerStore(this.#db, { bootId, newOrigin: () => 'sim' });
    this.truth.booted();
    this.#lifetime = await Lifetime.begin({
      clock: this.clock,
      store,
      disk: this.disk,
      household: this.#household,
      buses: this.house.buses,
      switches: this.house.switches,
      openPort: (path) => this.wire(path).port.open,
      bootId,
      onWrite: (path, bytes) => this.#wrote(path, bytes),
      onDurable: (events) => this.#guarded(() => this.truth.durable(events)),
      onApplied: (event) => this.#guarded(() => this.truth.applied(event)),
      onTrouble: (what, error) => this.#trouble(what, error),
    });
    void this.#lifetime.start().catch((error: unknown) => this.#startFailed(error));
  }

  /** SIGKILL, at whatever the hub was doing. */
  kill(): void {
    if (this.#lifetime === null) return;
    this.kills += 1;
    this.answers.lifetime += 1;
    this.#state = this.#lifetime.hub.state;
    this.#lifetime.kill();
    this.#lifetime = null;
  }

  wire(path: string): Wire {
    const wire = this.#wires.get(path);
    if (wire === undefined) throw new RangeError(`there is no line ${path}`);
    return wire;
  }

  get paths(): string[] {
    return [...this.#wires.keys()];
  }

  /** Asks and checks the answer whenever it comes. */
  toggle(input: Input & { kind: 'toggle' }): void {
    if (this.#lifetime === null) return;
    const asked = this.answers.asked(input);
    void this.#lifetime.hub.queue.ask(input).then((answer) => this.#guarded(() => this.answers.heard(asked, answer)));
  }

  ask(input: Input): void {
    if (this.#lifetime !== null) void this.#lifetime.hub.queue.ask(input);
  }

  /** Moves time step by step; the checkers look after each. */
  async run(ms: number): Promise<void> {
    const endMs = this.clock.nowMs() + ms;
    await this.clock.settle();
    while ((this.clock.nextDueMs ?? Number.POSITIVE_INFINITY) <= endMs) {
      await this.clock.step();
      this.#check();
    }
    await this.clock.advance(Math.max(0, endMs - this.clock.nowMs()));
    this.#check();
  }

  /** Until somewhere the coils are being read: whatever comes now crosses the reply. */
  async runToRead(): Promise<void> {
    const endMs = this.clock.nowMs() + READ_WITHIN_MS;
    const before = this.#reads;
    await this.clock.settle();
    while (this.#reads === before && (this.clock.nextDueMs ?? Number.POSITIVE_INFINITY) <= endMs) {
      await this.clock.step();
      this.#check();
    }
  }

  /** The faults stop; everything must come to rest. */
  async settle(): Promise<void> {
    this.disk.isFull = false;
    this.disk.slowMs = 0;
    for (const { port } of this.#wires.values()) port.plugIn();
    for (const board of this.boards.values()) board.setFaults(NO_FAULTS);
    if (this.#lifetime === null) await this.boot();
    const endMs = this.clock.nowMs() + SETTLES_WITHIN_MS;
    let why: string | null = 'it never ran';
    while (why !== null && this.clock.nowMs() < endMs) {
      await this.run(500);
      why = this.#unsettled();
    }
    if (why !== null) throw new Broken('progress', `${SETTLES_WITHIN_MS} ms after the last fault: ${why}`);
    this.#checkReplay();
  }

  /** The whole history, in one number. */
  hash(): string {
    const hash = createHash('sha256');
    for (const row of this.#db.prepare('SELECT seq, body FROM event ORDER BY seq').all())
      hash.update(JSON.stringify(row));
    for (const board of this.boards.values()) hash.update(JSON.stringify(board.log()));
    return hash.digest('hex');
  }

  close(): void {
    this.kill();
    this.#db.close();
  }

  #unsettled(): string | null {
    const unanswered = this.answers.unanswered();
    if (unanswered > 0) return `${unanswered} callers have no answer`;
    if (!this.lifetime.hub.isReady) return 'the hub is not ready';
    return this.truth.settled();
  }

  /** S10: the state is the replay of what the ledger holds. */
  #checkReplay(): void {
    const live = this.lifetime.hub.state;
    const replayed = emptyState();
    const store = new LedgerStore(this.#db, { bootId: 'check', newOrigin: () => 'sim' });
    for (let page = store.read(0, 1000); page.length > 0; page = store.read(replayed.seq, 1000)) {
      // A commit may be under way: what is durable and not applied yet is no difference.
      for (const event of page) if (event.seq <= live.seq) apply(replayed, event);
      if (replayed.seq === live.seq) break;
    }
    if (writeSnapshot(replayed) !== writeSnapshot(live))
      throw new Broken('S10', 'the replay of the ledger is another state');
    checkSums(replayed);
  }

  #check(): void {
    if (this.#lifetime !== null) this.#guarded(() => this.truth.counted());
    if (this.#broken !== null) throw this.#broken;
  }

  /** A checker runs inside callbacks of the hub: what it finds is kept, and thrown where the script is. */
  #guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#broken ??= error as Error;
    }
  }

  #wrote(path: string, bytes: Uint8Array): void {
    if (bytes[1] === READ_COILS) this.#reads += 1;
    this.#guarded(() => this.truth.writes(path, bytes));
  }

  #trouble(what: string, error: unknown): void {
    this.troubles.push(what);
    if (/could not be decided|broke/.test(what)) this.#broken ??= new Broken('bug', `${what}: ${String(error)}`);
  }

  /** A start on a full disk is refused; the service manager starts it again. */
  #startFailed(error: unknown): void {
    this.troubles.push(String(error));
    this.kill();
  }

  #commitMs(): number {
    return this.disk.slowMs > 0 ? this.disk.slowMs : 0.5 + this.dice.random() * 6;
  }

  #buildWires(): void {
    for (const path of new Set(this.house.buses.map((bus) => bus.path))) {
      const along = this.house.buses.filter((bus) => bus.path === path);
      const boards = along.map((bus) => ({
        channels: bus.channels,
        unit: unitOf(bus) ?? 1,
        flavour: this.house.flavour,
      }));
      const baud = along[0]?.baud ?? 9600;
      const bus = createBus({ baud, echo: this.house.echo, boards }, this.clock, this.dice.random);
      this.#wires.set(path, { bus, port: new MemoryPort(bus.wire, this.clock) });
      for (const [i, settings] of along.entries()) this.#join(settings.id, bus.boards[i]);
    }
  }

  #join(id: string, board: Board | undefined): void {
    if (board === undefined) throw new RangeError(`no board for ${id}`);
    this.boards.set(id, board);
    this.truth.watch(id, board);
  }
}
