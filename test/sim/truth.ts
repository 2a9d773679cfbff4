import { pathOf, reservedMw } from '../../daemon/core/capacity.ts';
import type { Event } from '../../daemon/core/events.ts';
import { type Appliance, HOUSE } from '../../daemon/core/model.ts';
import { channelKey, type State } from '../../daemon/core/state.ts';
import { RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';
import { type BusSettings, unitOf } from '../../relay-drivers/registry.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { Broken } from './broken.ts';
import { type By, type Coil, type Ordered, whoseIs, whoseIsIt } from './coil.ts';
import type { Leases } from './leases.ts';
import { checkSheds, checkSums } from './loads.ts';
import type { PlugCommand } from './plug-commands.ts';
import type { PlugMove } from './plug-fleet.ts';
import type { Sent } from './plug-wire.ts';

/** What a plug said of itself may be on its way so long, or be asked for so late. */
const LIES_LAST_MS = 120_000;

export interface Watched {
  /** Committed state of the hub that lives, or of the last one. */
  readonly state: () => State;
  readonly isHubAlive: () => boolean;
  readonly isLedgerOk: () => boolean;
  readonly nowMs: () => number;
  /** A broker of its own may deliver what was given up; the hub's own cuts it off. */
  readonly mayCut: boolean;
  /** They have a word about what leaves, and about what closes by a command of the hub. */
  readonly leases: Pick<Leases, 'left' | 'closed'>;
}

const ON_DEADLINE_MS = 5000;

/**
 * Checkers that look at the simulated coils and at the durable ledger, not at what the hub believes. They share no rule
 * with the hub but the sums it must not pass.
 */
export class Truth {
  readonly #watched: Watched;
  readonly #coils = new Map<string, Coil>();
  readonly #units = new Map<string, BusSettings>();
  /** The latest order of each appliance that the hub knows to be durable. */
  readonly #ordered = new Map<string, Ordered>();
  /** The latest order of each appliance in the ledger: a hub that was killed meanwhile never knew, the next one does. */
  readonly #inLedger = new Map<string, Ordered>();
  /** Closed late, which cannot be helped: by a hub that is dead, or through a broker that cuts nobody. As if by a hand. */
  readonly late = { orphans: 0, givenUp: 0, crossed: 0 };
  /** Commands that somebody retained: without any, what moves a plug is the hub's doing or a hand's. */
  ghosts = 0;
  /** ONs that were recorded as failed. */
  readonly #givenUp = new Set<number>();
  #boot = 0;
  #durableSeq = 0;
  /** The sums follow from the state alone: checked once for each. */
  #summed: { readonly state: State | null; readonly seq: number } = { state: null, seq: 0 };

  constructor(watched: Watched, buses: readonly BusSettings[]) {
    this.#watched = watched;
    for (const bus of buses) this.#units.set(`${bus.path} ${unitOf(bus)}`, bus);
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  watch(bus: string, board: Board): void {
    this.expect(bus, board.channels);
    board.onTransition(({ channel, what, on, cause }) => {
      if (what === 'register') this.#moved(this.#coil(bus, channel), on, whoseIs(cause));
    });
  }

  /** Coils of which somebody else tells how they move. */
  expect(bus: string, channels: number, isPlug = false): void {
    for (let channel = 1; channel <= channels; channel++) {
      const flags = { isPlug, isClosed: false, byHand: false, touched: false, jammed: false, liesUntilMs: 0 };
      this.#coils.set(channelKey(bus, channel), { bus, channel, ...flags });
    }
  }

  /** S11: a contact that closes by a command does so while that may still be. */
  plugMoved({ bus, channel, isOn, cause, sent }: PlugMove): void {
    if (cause === 'write' && sent === null && this.ghosts === 0)
      throw new Broken('bug', `nobody knows which command moved ${bus}/${channel}`);
    const isLate = isOn && sent !== null && this.#isLate(sent);
    this.#moved(this.#coil(bus, channel), isOn, sent === null ? whoseIsIt(cause) : 'hub', isLate);
  }

  #isLate(sent: Sent): boolean {
    const isOrphan = sent.isOrphan || sent.boot !== this.#boot;
    // A hand was quicker than the repetition of an ON that was obeyed already, and the hub heard of the hand.
    if (this.#ordered.get(sent.appliance)?.cause === 'read_off') {
      this.late.crossed += 1;
      return true;
    }
    if (!isOrphan && !this.#givenUp.has(sent.generation)) return false;
    if (!isOrphan && this.#watched.mayCut)
      throw new Broken('S11', `${sent.appliance} closed by an ON that was given up`);
    this.late[isOrphan ? 'orphans' : 'givenUp'] += 1;
    return true;
  }

  jam(bus: string, channels: readonly number[]): void {
    for (const channel of channels) {
      const coil = this.#coil(bus, channel);
      coil.jammed ||= coil.isClosed;
    }
  }

  /** A plug says the opposite of what it does; or no longer. */
  lie(bus: string, channels: readonly number[], isLying: boolean): void {
    for (const channel of channels) {
      const coil = this.#coil(bus, channel);
      coil.liesUntilMs = isLying ? Number.POSITIVE_INFINITY : this.#watched.nowMs() + LIES_LAST_MS;
      coil.jammed ||= coil.isClosed;
    }
  }

  booted(): void {
    for (const [id, order] of this.#inLedger) this.#ordered.set(id, order);
    this.#boot += 1;
  }

  durable(events: readonly Event[]): void {
    for (const event of events) {
      if (event.seq !== this.#durableSeq + 1) throw new Broken('S3', `event ${event.seq} after ${this.#durableSeq}`);
      this.#durableSeq = event.seq;
      if (event.kind === 'ordered') this.#inLedger.set(event.appliance, this.#orderNow(event));
      if (event.kind === 'failed' && event.isOn) this.#givenUp.add(event.generation);
    }
  }

  /** S9: what nobody asked for was a hand on the board (or a jam), and it is taken over only where it fits. */
  applied(event: Event): void {
    if (event.seq > this.#durableSeq) throw new Broken('S3', `event ${event.seq} was applied before it was durable`);
    if (event.kind !== 'ordered') return;
    this.#ordered.set(event.appliance, this.#orderNow(event));
    const state = this.#watched.state();
    const a = state.appliances.get(event.appliance);
    if (!a?.relay) return;
    const coil = this.#coil(a.relay.bus, a.relay.channel);
    const isUnasked = event.cause === 'adopted' || event.cause === 'unasked';
    const isExplained = coil.touched || coil.jammed || this.#watched.nowMs() < coil.liesUntilMs;
    if (isUnasked && !isExplained) throw new Broken('S9', `${a.id} was ${event.cause}, but no hand was on it`);
    // What was read and is decided now may be older than a hand that came meanwhile: that one is still to be explained.
    const isOverruled = !event.isSettled && !(coil.isPlug && coil.isClosed);
    if (isOverruled || coil.isClosed === event.isOn) coil.touched = false;
    const over = pathOf(state, a.circuit).find(({ reservedMw: mw, limitMw }) => mw > limitMw);
    if (event.cause === 'adopted' && over !== undefined)
      throw new Broken('S9', `${a.id} was adopted over the limit of ${over.id}`);
  }

  #orderNow({ isOn, generation, cause, who, request }: Event & { kind: 'ordered' }): Ordered {
    const isAsked = cause === 'request' && who !== null;
    const asker = isAsked ? { principal: who.principal, source: who.source, claims: request?.claims ?? [] } : null;
    return { isOn, generation, cause, asker, atMs: this.#watched.nowMs(), boot: this.#boot };
  }

  /** S3 and S11, at the moment when the bytes leave. */
  writes(path: string, bytes: Uint8Array): void {
    for (const { request } of new RequestStream().push(bytes)) {
      const bus = this.#units.get(`${path} ${request.unit}`);
      if (bus === undefined)
        throw new Broken('S3', `bytes for unit ${request.unit} on ${path}, which nobody configured`);
      if (request.kind === 'write_coil') this.#writes(bus.id, request.address + 1, request.value !== 0);
      if (request.kind !== 'write_coils') continue;
      for (const [i, isOn] of request.bits.entries()) this.#writes(bus.id, i + 1, isOn);
    }
  }

  /** The same of what is sent to a plug. Returns what its contact is to be held against when it moves. */
  sends({ bus, channel, isOn }: PlugCommand): Sent | null {
    this.#writes(bus, channel, isOn);
    const a = this.#bound(bus, channel);
    const generation = this.#ordered.get(a?.id ?? '')?.generation ?? 0;
    return a === null ? null : { appliance: a.id, generation, isOn, boot: this.#boot, isOrphan: false };
  }

  #writes(bus: string, channel: number, isOn: boolean): void {
    const a = this.#bound(bus, channel);
    if (a === null) throw new Broken('S3', `${bus}/${channel} was written, and no appliance is bound to it`);
    const last = this.#ordered.get(a.id);
    // FC0F covers what is off already; while the ledger cannot commit, the hub's own OFFs leave ahead of what is on record.
    const isItsOrder = last?.isOn === isOn && !a.order.isSettled;
    if (isItsOrder) this.#watched.leases.left(a, last, isOn || this.#watched.isLedgerOk());
    if (!isOn) {
      if (last?.isOn === true && this.#watched.isLedgerOk())
        throw new Broken('S3', `OFF for ${a.id} that no durable decision ordered`);
      return;
    }
    if (last?.isOn !== true) throw new Broken('S3', `ON for ${a.id} that no durable decision ordered`);
    const lateMs = this.#watched.nowMs() - last.atMs;
    if (last.boot !== this.#boot || lateMs > ON_DEADLINE_MS)
      throw new Broken('S11', `ON for ${a.id} left ${lateMs} ms after its decision`);
  }

  #moved(coil: Coil, isOn: boolean, by: By, isLate = false): void {
    const isLying = this.#watched.nowMs() < coil.liesUntilMs;
    coil.isClosed = isOn;
    coil.byHand = isOn && (by === 'hand' || isLate);
    coil.touched ||= by === 'hand' || isLate || coil.jammed;
    if (!isOn) coil.jammed = false;
    else if (isLying) coil.jammed = true;
    if (isOn && by === 'hub' && !isLate) this.#closed(coil);
  }

  #closed({ bus, channel }: Coil): void {
    const a = this.#bound(bus, channel);
    if (a === null) return;
    this.#checkLimits(a);
    this.#watched.leases.closed(a);
  }

  /** S1 and S2 at the moment when a coil closes: everything that is closed in truth fits every circuit. */
  #checkLimits(closing: Appliance): void {
    const state = this.#watched.state();
    const closed = this.#drawing(state);
    for (const circuit of pathOf(state, closing.circuit)) {
      const below = closed.filter((a) => pathOf(state, a.circuit).some(({ id }) => id === circuit.id));
      const base = circuit.id === HOUSE ? state.household.baseLoadMw : 0;
      const sumMw = below.reduce((sum, a) => sum + a.ratedMw, base);
      if (sumMw > circuit.limitMw) {
        const names = below.map((a) => `${a.id} ${a.ratedMw}`).join(', ');
        throw new Broken(
          'S1',
          `${closing.id} closed: ${sumMw} mW on ${circuit.id}, limit ${circuit.limitMw} mW (${names})`,
        );
      }
    }
  }

  /** What draws power by the hub's doing. A hand on the board is another matter (S9): it counts once the hub took it over. */
  #drawing(state: State): Appliance[] {
    const declared = [...state.appliances.values()].filter((a) => a.relay === null && a.order.isOn);
    return [...declared, ...this.#closedCoils().map(({ a }) => a)];
  }

  /** Closed, bound to one of these, and by no hand. */
  closedOf(appliances: ReadonlySet<string>): string[] {
    return this.#closedCoils().flatMap(({ coil, a }) => (appliances.has(a.id) && !coil.touched ? a.id : []));
  }

  #closedCoils(): { coil: Coil; a: Appliance }[] {
    return [...this.#coils.values()].flatMap((coil) => {
      const a = coil.isClosed ? this.#bound(coil.bus, coil.channel) : null;
      if (a === null || a.retired !== null || this.#isExcused(coil, a)) return [];
      return [{ coil, a }];
    });
  }

  #isExcused(coil: Coil, a: Appliance): boolean {
    return coil.jammed || this.#watched.nowMs() < coil.liesUntilMs || (coil.byHand && !a.order.isOn);
  }

  /** After every step of the hub. S2: what is closed in truth is counted. S4: the totals are the exact sums. S1: it sheds. */
  counted(): void {
    const state = this.#watched.state();
    for (const { coil, a } of this.#closedCoils()) {
      if (reservedMw(a) < a.ratedMw)
        throw new Broken('S2', `${coil.bus}/${coil.channel} is closed, ${a.id} counts ${reservedMw(a)} mW`);
    }
    if (state === this.#summed.state && state.seq === this.#summed.seq) return;
    this.#summed = { state, seq: state.seq };
    checkSums(state);
    checkSheds(state);
  }

  /** When the faults are over and all is settled: the hub knows every coil, and every coil is as it was ordered. */
  settled(): string | null {
    for (const coil of this.#coils.values()) {
      const a = this.#bound(coil.bus, coil.channel);
      if (a === null) continue;
      if (!a.order.isSettled) return `${a.id}: its order is not settled`;
      if (a.observed !== (coil.isClosed ? 'on' : 'off'))
        return `${a.id} is believed ${a.observed}, its coil is ${coil.isClosed}`;
      if (a.order.isOn !== coil.isClosed) return `${a.id} is ordered ${a.order.isOn}, its coil is ${coil.isClosed}`;
    }
    return null;
  }

  #bound(bus: string, channel: number): Appliance | null {
    const state = this.#watched.state();
    return state.appliances.get(state.channels.get(channelKey(bus, channel)) ?? '') ?? null;
  }

  #coil(bus: string, channel: number): Coil {
    const coil = this.#coils.get(channelKey(bus, channel));
    if (coil === undefined) throw new RangeError(`there is no coil ${bus}/${channel}`);
    return coil;
  }
}
