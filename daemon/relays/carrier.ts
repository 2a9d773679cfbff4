import { DriverError, type DriverErrorCode, type Terms } from '../../relay-drivers/driver.ts';
import type { LockTrouble } from '../core/locks/model.ts';
import type { Evidence, Reading } from '../core/model.ts';
import type { RelayOrder } from '../queue/ports.ts';
import { ask } from './ask.ts';
import { TIMES } from './limits.ts';
import type { BoardParts, Standing } from './port.ts';

/** An order on its way, or an OFF of S7 that no ledger row stands for yet (`order` null). */
interface Errand {
  readonly channel: number;
  readonly isOn: boolean;
  readonly order: RelayOrder | null;
  done: (isConfirmed: boolean) => void;
  failures: number;
  /** Its first byte left: an order that lost its lock after that is carried on. */
  hasLeft: boolean;
  /** The lock that it lost before: nothing was sent. */
  lapsedBy: LockTrouble | null;
  /** An OFF that was seen not to be obeyed: an acknowledgement says nothing any more. */
  needsRead: boolean;
  isRunning: boolean;
  cancelRetry: () => void;
}

/** What became of one try: obeyed, not obeyed (`reading` tells what was seen), not to be sent at all, or nobody can tell. */
type Outcome =
  | { readonly kind: 'unprovable' }
  | { readonly kind: 'obeyed'; readonly evidence: Evidence }
  | { readonly kind: 'not'; readonly reading: Reading }
  | { readonly kind: 'invalid' };

/** What ends the attempts at once; anything else is worth another. */
const ANSWERS: Partial<Record<DriverErrorCode, Outcome>> = {
  not_valid: { kind: 'invalid' },
  port_closed: { kind: 'not', reading: 'unknown' },
  no_read_back: { kind: 'unprovable' },
};

const UNSEEN: Outcome = { kind: 'not', reading: 'unknown' };

/** What stands for a reading where there is none. */
export function evidenceOf({ offWithoutProof }: Pick<BoardParts, 'offWithoutProof'>): 'assumed' | 'unproven' {
  return offWithoutProof === 'release' ? 'assumed' : 'unproven';
}

/**
 * Carries the orders of one board out: sends, repeats while it is valid, reads back, reports. Each try goes back
 * through the line's queue, so that an OFF never waits behind another order's retries.
 */
export class Carrier {
  readonly #parts: BoardParts;
  readonly #answered: (obeyed: { readonly isOn: boolean }) => void;
  readonly #errands = new Map<number, Errand>();
  #newOffs: Errand[] = [];
  #isClosed = false;

  /** `answered` hears of each order that the board obeyed: it is there, whatever its polls say. */
  constructor(parts: BoardParts, answered: (obeyed: { readonly isOn: boolean }) => void = () => undefined) {
    this.#parts = parts;
    this.#answered = answered;
  }

  order(order: RelayOrder): void {
    this.#start(order.channel, order.isOn, order, () => undefined);
  }

  /** S7. Resolves true once confirmed, false when an order of the ledger took its place. */
  emergencyOff(channel: number): Promise<boolean> {
    const present = this.#errands.get(channel);
    // An OFF that is on its way already is not replaced: when the emergency is over, it still has to be carried out.
    if (present === undefined || present.isOn) return new Promise((done) => this.#start(channel, false, null, done));
    return new Promise((done) => {
      const before = present.done;
      present.done = (isConfirmed) => {
        before(isConfirmed);
        done(isConfirmed);
      };
    });
  }

  /** An order for this channel is on its way, or put off. */
  isBusy(channel: number): boolean {
    return this.#errands.has(channel);
  }

  /** The board answers again: what was put off is tried now. */
  retryNow(): void {
    for (const errand of this.#errands.values()) {
      if (errand.failures === 0) continue;
      errand.cancelRetry();
      void this.#run(errand);
    }
  }

  dropEmergencies(): void {
    for (const errand of [...this.#errands.values()]) {
      if (errand.order !== null) continue;
      errand.cancelRetry();
      this.#errands.delete(errand.channel);
      errand.done(false);
    }
  }

  /** Nothing is sent any more, also not for a commit that was in flight. */
  close(): void {
    this.#isClosed = true;
    for (const errand of this.#errands.values()) errand.cancelRetry();
    this.#errands.clear();
  }

  #start(channel: number, isOn: boolean, order: RelayOrder | null, done: (isConfirmed: boolean) => void): void {
    if (this.#isClosed) return done(false);
    const errand: Errand = {
      channel,
      isOn,
      order,
      done,
      failures: 0,
      hasLeft: false,
      lapsedBy: null,
      needsRead: order?.needsRead === true,
      isRunning: false,
      cancelRetry: () => undefined,
    };
    const replaced = this.#errands.get(channel);
    this.#errands.set(channel, errand);
    replaced?.cancelRetry();
    replaced?.done(false);
    if (isOn) void this.#run(errand);
    else this.#offSoon(errand);
  }

  /** OFFs of one commit leave together, where the family can switch the whole board off in one exchange. */
  #offSoon(errand: Errand): void {
    if (this.#newOffs.push(errand) > 1) return;
    queueMicrotask(() => void this.#sendOffs(this.#newOffs.splice(0)));
  }

  async #sendOffs(offs: readonly Errand[]): Promise<void> {
    if (offs.length > 1 && this.#mayAllGoOff()) await this.#allOff(offs);
    for (const errand of offs) if (this.#isCurrent(errand)) void this.#run(errand);
  }

  /** One FC0F for all; its acknowledgement says nothing, so the board is read before it is believed. */
  async #allOff(offs: readonly Errand[]): Promise<void> {
    const { driver } = this.#parts;
    const sent = await ask(this.#parts, async () =>
      driver.allOff?.({ priority: 'off', stillValid: () => this.#mayAllGoOff() }),
    );
    if (sent instanceof DriverError) return;
    const coils = await ask(this.#parts, () => driver.readCoils({ priority: 'off', stillValid: () => true }));
    if (coils instanceof DriverError) return;
    for (const errand of offs)
      if (coils[errand.channel - 1] === false) this.#finish(errand, { kind: 'obeyed', evidence: 'read' });
  }

  /** Every channel that it covers is ordered off or confirmed off (design.md 6). */
  #mayAllGoOff(): boolean {
    const { driver, standing } = this.#parts;
    if (driver.allOff === undefined) return false;
    return Array.from({ length: driver.channels }, (_, i) => i + 1).every((channel) => {
      const errand = this.#errands.get(channel);
      if (errand !== undefined)
        return !errand.isOn && (errand.order === null || this.#isUnlocked(errand, errand.order));
      const bound = standing(channel);
      return bound !== null && (bound.isConfirmedOff || (!bound.isOn && this.#isFree(bound)));
    });
  }

  /** Ordered off, and nothing on its way: where a lock was in the way, this must not carry it out all the same. */
  #isFree({ appliance, isSettled }: Standing): boolean {
    return isSettled || (this.#parts.lockAgainst?.(appliance) ?? null) === null;
  }

  #isCurrent(errand: Errand): boolean {
    return this.#errands.get(errand.channel) === errand;
  }

  /** Asked when the bytes leave: not overtaken, not late, not settled by a reading meanwhile. */
  #isValid(errand: Errand): boolean {
    if (!this.#isCurrent(errand)) return false;
    const { order } = errand;
    if (order === null) return true;
    if (order.deadlineMs !== null && this.#parts.clock.nowMs() >= order.deadlineMs) return false;
    return this.#isStanding(order) && this.#isUnlocked(errand, order);
  }

  /** locks.md: looked at once more when the bytes leave. */
  #isUnlocked(errand: Errand, { appliance }: RelayOrder): boolean {
    errand.lapsedBy = errand.hasLeft ? null : (this.#parts.lockAgainst?.(appliance) ?? null);
    return errand.lapsedBy === null;
  }

  #isStanding(order: RelayOrder): boolean {
    const standing = this.#parts.standing(order.channel);
    return standing?.generation === order.generation && !standing.isSettled;
  }

  async #run(errand: Errand): Promise<void> {
    if (errand.isRunning) return;
    errand.isRunning = true;
    const outcome = await this.#attempts(errand);
    errand.isRunning = false;
    this.#finish(errand, outcome);
  }

  async #attempts(errand: Errand): Promise<Outcome> {
    for (let attempt = 1; attempt <= TIMES.attempts; attempt++) {
      const outcome = await this.#attempt(errand);
      if (outcome !== null) return outcome;
    }
    return this.#readBack(errand);
  }

  /** Null: worth another try. */
  async #attempt(errand: Errand): Promise<Outcome | null> {
    const { channel, isOn } = errand;
    const sent = await ask(this.#parts, () => this.#parts.driver.setCoil(channel, isOn, this.#terms(errand)));
    if (sent instanceof DriverError) return ANSWERS[sent.code] ?? null;
    if (sent === 'acknowledged' && (isOn || !errand.needsRead)) return { kind: 'obeyed', evidence: 'ack' };
    const seen = await this.#readBack(errand);
    if (seen.kind === 'unprovable') return this.#unproven(errand);
    return seen.kind === 'obeyed' ? seen : null;
  }

  /** It left once, and nobody will ever tell: an OFF is repeated, an ON never (S11). */
  async #unproven(errand: Errand): Promise<Outcome> {
    const { channel, isOn } = errand;
    for (let sent = 1; !isOn && sent < TIMES.unprovenOffs; sent++) {
      const again = await ask(this.#parts, () => this.#parts.driver.setCoil(channel, false, this.#terms(errand)));
      if (again instanceof DriverError) return ANSWERS[again.code] ?? UNSEEN;
    }
    return { kind: 'obeyed', evidence: evidenceOf(this.#parts) };
  }

  async #readBack(errand: Errand): Promise<Outcome> {
    const coils = await ask(this.#parts, () => this.#parts.driver.readCoils(this.#readTerms(errand)));
    if (coils instanceof DriverError) return ANSWERS[coils.code] ?? UNSEEN;
    const isOn = coils[errand.channel - 1] === true;
    return isOn === errand.isOn ? { kind: 'obeyed', evidence: 'read' } : { kind: 'not', reading: isOn ? 'on' : 'off' };
  }

  #terms(errand: Errand): Terms {
    return { ...this.#readTerms(errand), started: () => left(errand) };
  }

  /** A reading is no byte of the order: what was never sent may still lose its lock. */
  #readTerms(errand: Errand): Terms {
    return { priority: errand.isOn ? 'on' : 'off', stillValid: () => this.#isValid(errand) };
  }

  #finish(errand: Errand, outcome: Outcome): void {
    if (!this.#isCurrent(errand)) return;
    const { order, channel } = errand;
    if (outcome.kind === 'obeyed') {
      this.#errands.delete(channel);
      errand.done(true);
      if (order !== null) this.#reportObeyed(order, outcome.evidence);
      if (outcome.evidence === 'ack') this.#answered(errand);
      return;
    }
    if (outcome.kind === 'invalid' && order !== null && errand.lapsedBy !== null)
      return this.#lapsed(errand, order, errand.lapsedBy);
    const isOver = errand.isOn || (order !== null && !this.#isStanding(order));
    if (outcome.kind === 'not' && outcome.reading === 'on') errand.needsRead = true;
    if (isOver) this.#errands.delete(channel);
    else this.#putOff(errand);
    if (errand.isOn) this.#parts.driver.abandon?.(channel);
    if (order !== null && this.#isStanding(order))
      this.#reportFailed(order, outcome.kind === 'not' ? outcome.reading : 'unknown');
  }

  #lapsed({ channel, done }: Errand, { appliance, generation }: RelayOrder, lock: LockTrouble): void {
    this.#errands.delete(channel);
    done(false);
    this.#parts.tell({ kind: 'lapsed', appliance, generation, lock });
  }

  #reportObeyed({ appliance, generation, isOn }: RelayOrder, evidence: Evidence): void {
    this.#parts.tell({ kind: 'relay_confirmed', appliance, generation, isOn, evidence });
  }

  #reportFailed({ appliance, generation }: RelayOrder, reading: Reading): void {
    this.#parts.tell({ kind: 'relay_failed', appliance, generation, reading });
  }

  /** S7: an OFF is repeated until it is confirmed. */
  #putOff(errand: Errand): void {
    const delayMs = Math.min(TIMES.retryMs * 2 ** errand.failures, TIMES.retryAtMostMs);
    errand.failures += 1;
    errand.cancelRetry = this.#parts.clock.after(delayMs, () => void this.#run(errand));
  }
}

function left(errand: Errand): void {
  errand.hasLeft = true;
}
