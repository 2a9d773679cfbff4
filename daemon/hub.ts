import type { Clock } from '../relay-drivers/clock.ts';
import type { Wiring } from '../relay-drivers/diagnose.ts';
import type { RelayDriver } from '../relay-drivers/driver.ts';
import { isConfirmedOff } from './core/capacity.ts';
import type { Event } from './core/events.ts';
import type { LockTrouble } from './core/locks/model.ts';
import { lockAgainst } from './core/locks/permit.ts';
import type { Household, Now } from './core/model.ts';
import { writeSnapshot } from './core/snapshot.ts';
import { channelKey, type State } from './core/state.ts';
import { Meters } from './meters/meters.ts';
import type { Metered } from './meters/port.ts';
import { unfinishedOffs } from './queue/orders.ts';
import type { Ledger } from './queue/ports.ts';
import { Queue } from './queue/queue.ts';
import type { BoardParts, LineStates, OffWithoutProof, Standing, SwitchBinding } from './relays/port.ts';
import { Relays } from './relays/relays.ts';
import { UptimeNotes } from './uptime-notes.ts';

/** One entry of `buses`, opened: what the hub needs of a board. */
export interface Bus {
  readonly id: string;
  readonly driver: RelayDriver;
  readonly wiring?: Wiring;
  readonly named?: { readonly driver: string; readonly path: string };
  readonly line: LineStates;
  readonly switches: ReadonlyMap<number, SwitchBinding>;
  /** For a board that cannot be read back; hold when absent. */
  readonly offWithoutProof?: OffWithoutProof;
}

export interface HubParts {
  readonly household: Household;
  readonly buses: readonly Bus[];
  readonly meters?: readonly Metered[];
  readonly state: State;
  readonly ledger: Ledger & { saveSnapshot(seq: number, state: string): Promise<void> };
  readonly clock: Clock;
  readonly now: () => Now;
  readonly bootId: string;
  readonly onTrouble: (what: string, error: unknown) => void;
  /** A board is lost, and why; or it is found (null). */
  readonly onBoard?: (bus: string, lostBecause: string | null) => void;
  /** Feeds the watchdog: a turn of the queue, or a driver's attempt that finished, well or badly. */
  readonly onProgress: () => void;
}

/** So many events after which a snapshot is worth its bytes: a restart then replays at most as many. */
const SNAPSHOT_EVERY = 2000;

/** The hub without its doors: state, queue, relays and meters, joined. Two of them live in one process without knowing it. */
export class Hub {
  readonly state: State;
  readonly queue: Queue;
  readonly relays: Relays;
  readonly meters: Meters;
  readonly #parts: HubParts;
  readonly #notes: UptimeNotes;
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #buses: Map<string, Bus>;
  #snapshotSeq: number;
  /** A storm of events is no reason to write several at once. */
  #isSaving = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.state = parts.state;
    this.#snapshotSeq = parts.state.seq;
    this.#buses = new Map(parts.buses.map((bus) => [bus.id, bus]));
    this.relays = new Relays(
      parts.buses.map((bus) => this.#board(bus)),
      (input) => this.queue.tell(input),
    );
    this.meters = new Meters({
      meters: parts.meters ?? [],
      state: parts.state,
      clock: parts.clock,
      tell: (input) => this.queue.tell(input),
      onExchange: parts.onProgress,
      onTrouble: parts.onTrouble,
    });
    this.queue = new Queue({
      ...parts,
      dispatch: this.relays,
      onEvent: (event) => this.#committed(event),
      onTurn: parts.onProgress,
    });
    this.#notes = new UptimeNotes({ ...parts, tell: (input) => this.queue.tell(input) });
  }

  /** Records the house as configured, then wakes the relays. Rejects when the ledger cannot record it. */
  async start(): Promise<void> {
    const { household, bootId } = this.#parts;
    const answer = await this.queue.ask({ kind: 'configure', household, bootId });
    if (!answer.ok) throw new Error(`the hub cannot start: ${answer.refusal.detail}`);
    this.relays.start();
    this.meters.start();
    this.#notes.start();
    for (const bus of this.#buses.values()) this.#resumeOffs(bus);
  }

  /** A device that was adopted; before the start, or while the hub runs. */
  addBus(bus: Bus): void {
    this.#buses.set(bus.id, bus);
    this.relays.add(this.#board(bus));
  }

  removeBus(id: string): void {
    this.#buses.delete(id);
    this.relays.remove(id);
  }

  /** OFFs of before this start leave when their line is open, or known not to open: to be opening still is no failure. */
  #resumeOffs({ id, line }: Bus): void {
    let isDue = true;
    const resume = () => {
      const orders = isDue ? unfinishedOffs(this.state) : [];
      isDue = false;
      for (const order of orders) if (order.bus === id) this.relays.order(order);
    };
    if (line.isOpen) resume();
    else line.onStateChange(resume);
  }

  /** Every relay was read back, or given up as unknown. */
  get isReady(): boolean {
    if (!this.relays.isKnown) return false;
    return [...this.state.appliances.values()].every((a) => a.observed !== 'unknown' || a.fault !== null);
  }

  /** Called for each event once it is durable and applied. Returns what ends it. */
  onEvent(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nothing is decided or sent any more. Relays stay as they are: they are counted as they were found at the next start. */
  async close(): Promise<void> {
    this.relays.close();
    this.meters.close();
    this.#notes.close();
    this.queue.close();
    await this.#saveSnapshot();
  }

  #committed(event: Event): void {
    this.meters.stateChanged();
    for (const listener of this.#listeners) listener(event);
    if (event.seq - this.#snapshotSeq >= SNAPSHOT_EVERY && !this.#isSaving) void this.#saveSnapshot();
  }

  async #saveSnapshot(): Promise<void> {
    const { seq } = this.state;
    if (seq === this.#snapshotSeq) return;
    this.#snapshotSeq = seq;
    this.#isSaving = true;
    try {
      await this.#parts.ledger.saveSnapshot(seq, writeSnapshot(this.state));
    } catch (error) {
      this.#parts.onTrouble('a snapshot could not be saved; a restart replays more events', error);
    } finally {
      this.#isSaving = false;
    }
  }

  #board({ id, driver, wiring, named, line, switches, offWithoutProof = 'hold' }: Bus): BoardParts {
    const { clock, onTrouble, onProgress: onExchange } = this.#parts;
    const standing = (channel: number) => this.#standing(id, channel);
    return {
      bus: id,
      driver,
      ...(wiring === undefined ? {} : { wiring }),
      ...(named === undefined ? {} : { named }),
      line,
      switches,
      offWithoutProof,
      clock,
      standing,
      tell: (input) => this.queue.tell(input),
      lockAgainst: (appliance) => this.#lockAgainst(appliance),
      onExchange,
      onHealth: (lostBecause) => this.#parts.onBoard?.(id, lostBecause),
      onTrouble,
    };
  }

  #lockAgainst(id: string): LockTrouble | null {
    const a = this.state.appliances.get(id);
    const asker = a?.order.asker ?? null;
    if (a === undefined || asker === null) return null;
    return lockAgainst(this.state, a, a.order.isOn, asker, this.#parts.now().upMs);
  }

  #standing(bus: string, channel: number): Standing | null {
    const a = this.state.appliances.get(this.state.channels.get(channelKey(bus, channel)) ?? '');
    if (a === undefined) return null;
    const { generation, isOn, isSettled } = a.order;
    return { appliance: a.id, generation, isOn, isSettled, isConfirmedOff: isConfirmedOff(a) };
  }
}
