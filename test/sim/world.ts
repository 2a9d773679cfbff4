import Database from 'better-sqlite3';
import type { Event } from '../../daemon/core/events.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { ApplianceSettings, Who } from '../../daemon/core/model.ts';
import { emptyState, type State } from '../../daemon/core/state.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { NO_FAULTS } from '../../relay-drivers/simulator/faults.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { Answers } from './answers.ts';
import { Broken } from './broken.ts';
import { Dice } from './dice.ts';
import { type House, randomHouse } from './house.ts';
import { Leases, type LockInput } from './leases.ts';
import { Lifetime } from './lifetime.ts';
import { PlugCommands } from './plug-commands.ts';
import { Fleet } from './plug-fleet.ts';
import { deviceOf, plugOf } from './plug-homes.ts';
import type { BrokerEnd } from './plug-wire.ts';
import type { Disk } from './process.ts';
import { checkReplay, historyHash } from './replay-check.ts';
import { READ_COILS, READ_WITHIN_MS, SETTLES_WITHIN_MS } from './times.ts';
import { Truth } from './truth.ts';
import { UpClock } from './up-clock.ts';
import { boardsOn, buildWires, channelsOf, type Wire } from './wires.ts';

/** The real hub in a simulated home: boards, lines, plugs, a broker, a disk, and somebody who can pull every plug. */
export class World {
  readonly dice: Dice;
  readonly clock = new VirtualClock();
  readonly house: House;
  readonly truth: Truth;
  readonly answers: Answers;
  readonly leases: Leases;
  readonly fleet: Fleet;
  readonly boards = new Map<string, Board>();
  readonly disk: Disk & { slowMs: number } = { delayMs: () => this.#commitMs(), isFull: false, slowMs: 0 };
  readonly troubles: string[] = [];
  kills = 0;
  /** How far the wall clock of the hub is off. */
  wallOffMs = 0;
  readonly #up = new UpClock(this.clock);
  readonly #commands: PlugCommands;
  #wires: ReadonlyMap<string, Wire> = new Map();
  #db = new Database(':memory:');
  #lifetime: Lifetime | null = null;
  #state: State = emptyState();
  #household: House['household'];
  #broken: Error | null = null;
  #reads = 0;
  #stalledUntilMs = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.house = randomHouse(this.dice);
    this.#household = this.house.household;
    const watched = {
      state: () => this.#lifetime?.hub.state ?? this.#state,
      isHubAlive: () => this.#lifetime !== null,
      isLedgerOk: () => this.#lifetime?.hub.queue.health === 'ok',
      nowMs: () => this.clock.nowMs(),
      mayCut: this.house.isBrokerEmbedded,
    };
    this.leases = new Leases({
      upMs: () => this.#up.now(),
      appliances: () => watched.state().appliances.values(),
      household: () => this.#household,
      closedOf: (appliances) => this.truth.closedOf(appliances),
    });
    this.truth = new Truth({ ...watched, leases: this.leases }, this.house.buses);
    this.answers = new Answers(() => this.truth.durableSeq);
    this.#buildWires();
    for (const { id, channels } of this.house.plugs) this.truth.expect(id, channels, true);
    this.#commands = new PlugCommands(this.house.plugs);
    this.fleet = new Fleet(this.house, this.clock, this.dice, (move) =>
      this.#guarded(() => this.truth.plugMoved(move)),
    );
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
      wallOffMs: () => this.wallOffMs,
      store,
      disk: this.disk,
      household: this.#household,
      buses: this.house.buses,
      switches: this.house.switches,
      plugs: this.house.plugs.flatMap(({ isConfigured, settings }) => (isConfigured ? settings : [])),
      mqtt: this.fleet.port(),
      mayCut: this.house.isBrokerEmbedded,
      onSend: (topic, payload) => this.#sends(topic, payload),
      openPort: (path) => this.wire(path).port.open,
      bootId,
      onWrite: (path, bytes) => this.#wrote(path, bytes),
      onDurable: (events) => this.#guarded(() => this.#durable(events)),
      onApplied: (event) => this.#guarded(() => this.truth.applied(event)),
      onTrouble: (what, error) => this.#trouble(what, error),
    });
    this.#up.born();
    this.fleet.hubStarted();
    void this.#lifetime.start().catch((error: unknown) => this.#startFailed(error));
  }

  /** SIGKILL, at whatever the hub was doing. */
  kill(how: BrokerEnd = 'abruptly'): void {
    if (this.#lifetime === null) return;
    this.kills += 1;
    this.#up.died();
    this.leases.killed();
    this.answers.lifetime += 1;
    this.#state = this.#lifetime.hub.state;
    this.#lifetime.kill();
    this.#lifetime = null;
    this.fleet.hubDied(how);
  }

  /** The hub stands still, and everything else goes on. */
  stall(ms: number): void {
    if (this.#lifetime === null || this.#stalledUntilMs > this.clock.nowMs()) return;
    this.#stalledUntilMs = this.clock.nowMs() + ms;
    this.#up.stall(ms);
    this.#lifetime.stall(ms);
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
    const [asked, shown] = [this.answers.asked(input), this.leases.toggleAsked(input)];
    void this.#lifetime.ask(input).then((answer) => {
      if (asked.lifetime !== this.answers.lifetime) return;
      this.#guarded(() => this.answers.heard(asked, answer));
      this.#guarded(() => this.leases.toggleHeard(shown, answer));
    });
  }

  lock(input: LockInput): void {
    if (this.#lifetime === null) return;
    const { lifetime } = this.answers;
    const asked = this.leases.asked(input);
    void this.#lifetime.ask(input).then((answer) => {
      if (lifetime === this.answers.lifetime) this.#guarded(() => this.leases.heard(asked, answer));
    });
  }

  ask(input: Input): void {
    if (this.#lifetime !== null) void this.#lifetime.ask(input);
  }

  tell(input: Input): void {
    this.#lifetime?.tell(input);
  }

  /** What hangs on a plug that is not in the configuration brings it along. */
  add(settings: ApplianceSettings, who: Who): void {
    const plug = plugOf(this.house.plugs, settings);
    const device = plug === undefined || plug.isConfigured ? {} : { device: deviceOf(plug) };
    this.ask({ kind: 'add_appliance', settings, ...device, who });
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
    this.fleet.calm();
    for (const { home } of this.fleet.all) this.truth.lie(home.id, channelsOf(home), false);
    if (this.#lifetime === null) await this.boot();
    const endMs = this.clock.nowMs() + SETTLES_WITHIN_MS;
    let why: string | null = 'it never ran';
    while (why !== null && this.clock.nowMs() < endMs) {
      await this.run(500);
      why = this.#unsettled();
    }
    if (why !== null) throw new Broken('progress', `${SETTLES_WITHIN_MS} ms after the last fault: ${why}`);
    checkReplay(this.#db, this.lifetime.hub.state);
  }

  /** The whole history, in one number. */
  hash(): string {
    const logs = [...this.boards.values(), ...this.fleet.all.map(({ twin }) => twin)].map((one) => one.log());
    return historyHash(this.#db, logs);
  }

  close(): void {
    this.kill();
    this.fleet.close();
    this.#db.close();
  }

  #unsettled(): string | null {
    const unanswered = this.answers.unanswered();
    if (unanswered > 0) return `${unanswered} callers have no answer`;
    if (!this.lifetime.hub.isReady) return 'the hub is not ready';
    return this.truth.settled();
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

  #durable(events: readonly Event[]): void {
    this.truth.durable(events);
    for (const event of events) this.leases.recorded(event);
  }

  #sends(topic: string, payload: string): void {
    const command = this.#commands.read(topic, payload);
    this.fleet.leaves(null);
    if (command !== null) this.#guarded(() => this.fleet.leaves(this.truth.sends(command)));
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
    this.#wires = buildWires(this.house, this.clock, this.dice.random);
    for (const { settings, board } of boardsOn(this.house, this.#wires)) {
      this.boards.set(settings.id, board);
      this.truth.watch(settings.id, board);
    }
  }
}
