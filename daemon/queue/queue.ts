import type { Clock } from '../../relay-drivers/clock.ts';
import { apply } from '../core/apply.ts';
import { isConfirmedOff } from '../core/capacity.ts';
import type { Reply } from '../core/decision.ts';
import type { Event } from '../core/events.ts';
import type { Answer, Input } from '../core/inputs.ts';
import { UNREACHABLE } from '../core/kept.ts';
import { lockAgainst } from '../core/locks/permit.ts';
import type { Now } from '../core/model.ts';
import { standing } from '../core/show.ts';
import type { State } from '../core/state.ts';
import { answerAll, type Batch, type Decided, decideBatch, grantedOn, TOO_SLOW } from './batch.ts';
import { Guard, type LedgerHealth } from './guard.ts';
import { type Caller, type Entry, isHeard, Lanes, markOvertaken, type Recorded } from './lanes.ts';
import { LeaseTimer } from './lease-timer.ts';
import { aged, CANCELLED, LeaseWaiters, ownWaitOf } from './lease-waiters.ts';
import { LIMITS } from './limits.ts';
import { ordersOf } from './orders.ts';
import { Parking } from './parked.ts';
import type { Dispatch, Ledger } from './ports.ts';
import { Waiters } from './waiters.ts';

export interface QueueParts {
  /** Committed state; the queue alone changes it. */
  readonly state: State;
  readonly ledger: Ledger;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly now: () => Now;
  /** Called for each event in order, once it is durable and applied. */
  readonly onEvent: (event: Event) => void;
  /** A fault of ours, or of the ledger: for the log. */
  readonly onTrouble: (what: string, error: unknown) => void;
  /** A batch was concluded: progress that feeds the watchdog. */
  readonly onTurn: () => void;
}

const QUEUE_FULL: Answer = {
  ok: false,
  refusal: { code: 'queue_full', detail: 'Too many requests are waiting; try again in a moment.' },
  decision: null,
};
const BROKEN: Answer = {
  ok: false,
  refusal: { code: 'internal', detail: 'This request could not be decided; nothing was changed.' },
  decision: null,
};

/**
 * The mutex. One batch is in flight at a time; while its fsync runs, the next inputs gather. Nothing is sent to a relay
 * and nobody is answered before the events are durable (S3), but for the OFFs of S7 (guard.ts).
 */
export class Queue {
  readonly #parts: QueueParts;
  readonly #lanes = new Lanes();
  readonly #guard: Guard;
  readonly #waiters: Waiters;
  readonly #leases: LeaseWaiters;
  readonly #leaseTimer: LeaseTimer;
  /** ONs that wait for the word of a relay before they can be decided. */
  readonly #deferred: Parking;
  /** Decided, but their callers hear of it when the relay was read. */
  readonly #unread: Parking;
  #inFlight: Batch | null = null;
  #isPumpDue = false;
  #isClosed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#guard = new Guard({ ...parts, lanes: this.#lanes });
    this.#waiters = new Waiters(parts.clock, () => parts.state);
    this.#leases = new LeaseWaiters(parts, (waiter) => this.#addLeaving(waiter));
    this.#leaseTimer = new LeaseTimer(parts, (input) => this.ask(input));
    this.#deferred = new Parking(parts.clock);
    this.#unread = new Parking(parts.clock);
  }

  get health(): LedgerHealth {
    return this.#guard.health;
  }

  get waiting(): number {
    return this.#lanes.waiting;
  }

  /**
   * Resolves when the input is decided, durable and (a toggle) confirmed by the relay, or refused. Never rejects.
   * `decided` is called before, once it is durable and waits for the relay.
   */
  ask(input: Input, decided?: (recorded: Recorded) => void): Promise<Answer> {
    return new Promise((answer) => this.#add(this.#entry(input, [{ answer, decided }])));
  }

  /** For those who need no answer: relays, meters, the hub itself. */
  tell(input: Input): void {
    if (input.kind === 'cancel_wait') this.#leave(input.waiter);
    else this.#add(this.#entry(input, []));
  }

  /** Not decided yet, it never is; while its commit is in flight nobody knows yet which wait it came to be. */
  #leave(waiter: string): void {
    const undecided = this.#lanes.takeAcquire(waiter);
    if (undecided !== undefined) answerAll(undecided, CANCELLED);
    else this.#leases.leave(waiter, this.#inFlight !== null);
  }

  #addLeaving(waiter: string): void {
    this.#add(this.#entry({ kind: 'cancel_wait', waiter }, []));
  }

  #entry(input: Input, callers: Caller[]): Entry {
    return { input, callers, askedUpMs: this.#parts.now().upMs, isSentAhead: false };
  }

  /** One turn of the queue, even an empty one: how an idle hub shows that it lives. */
  probe(): void {
    queueMicrotask(() => {
      if (this.#inFlight === null) this.#parts.onTurn();
    });
  }

  /** Decides nothing more; what waits is answered 503. */
  close(): void {
    this.#isClosed = true;
    this.#leaseTimer.close();
    for (const entry of [...this.#lanes.takeSafety(), ...this.#lanes.takeFifo()]) answerAll(entry, TOO_SLOW);
  }

  #add(entry: Entry): void {
    if (this.#isClosed) return answerAll(entry, TOO_SLOW);
    if (entry.input.kind === 'toggle' && this.#isGranted(entry.input)) this.#overtake(entry.input.appliance);
    if (this.#isSafety(entry.input)) this.#lanes.addSafety(entry);
    else if (this.#guard.isDown && !this.#guard.mayWait(entry)) return answerAll(entry, TOO_SLOW);
    else if (!this.#lanes.addFifo(entry)) return answerAll(entry, QUEUE_FULL);
    this.#guard.sendAhead();
    this.#pumpSoon();
  }

  /** An OFF that no lock bars: one that is refused overtakes nobody. */
  #isGranted(input: Input & { kind: 'toggle' }): boolean {
    const a = input.want === 'off' ? this.#parts.state.appliances.get(input.appliance) : undefined;
    if (a === undefined) return false;
    const { claims = [], who } = input;
    const { principal, source } = who;
    return lockAgainst(this.#parts.state, a, false, { principal, source, claims }, this.#parts.now().upMs) === null;
  }

  /** ONs that wait behind a relay are told so at once; those in the queue when their turn comes. */
  #overtake(appliance: string): void {
    this.#lanes.overtake(appliance);
    const waiting = this.#deferred.takeAll(appliance);
    for (const entry of waiting) markOvertaken(entry, appliance);
    this.#lanes.putBack(waiting);
  }

  #isSafety(input: Input): boolean {
    if (input.kind !== 'toggle') return isHeard(input);
    if (input.want !== 'flip') return input.want === 'off';
    const a = this.#parts.state.appliances.get(input.appliance);
    return a !== undefined && !isConfirmedOff(a);
  }

  /** Once per turn of the event loop, so that what arrives together is committed together. */
  #pumpSoon(): void {
    if (this.#isPumpDue || this.#inFlight !== null) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#inFlight === null && !this.#lanes.isEmpty && !this.#guard.isDown && !this.#isClosed) {
      const entries = renewalsFirst([...this.#lanes.takeSafety(), ...this.#lanes.takeFifo()]);
      const now = { ...this.#parts.now(), clockMs: this.#parts.clock.nowMs() };
      const batch = decideBatch(this.#parts.state, entries, now, (entry, error) => this.#broken(entry, error));
      if (batch.events.length === 0) this.#conclude(batch);
      else void this.#commit(batch);
    }
  }

  #broken(entry: Entry, error: unknown): void {
    this.#parts.onTrouble(`input ${entry.input.kind} could not be decided`, error);
    answerAll(entry, BROKEN);
  }

  async #commit(batch: Batch): Promise<void> {
    this.#inFlight = batch;
    const cancel = this.#parts.clock.after(LIMITS.commitStallMs, () => this.#stalled(batch));
    const error = await this.#parts.ledger.append(batch.events).then(
      () => null,
      (reason: unknown) => ({ reason }),
    );
    cancel();
    this.#inFlight = null;
    if (error === null) {
      this.#guard.recovered();
      this.#conclude(batch);
    } else this.#failed(batch, error.reason);
    this.#leases.turned();
    // A turn later: who was just answered and asks again is in the next batch, not in the one after it.
    this.#pumpSoon();
  }

  #stalled(batch: Batch): void {
    this.#parts.onTrouble(`a commit takes longer than ${LIMITS.commitStallMs} ms`, null);
    this.#guard.stalled(batch);
  }

  #failed(batch: Batch, reason: unknown): void {
    this.#parts.onTrouble('a commit failed', reason);
    this.#guard.failed(batch, ({ entry }) => this.#isSafety(entry.input));
    this.#parts.clock.after(LIMITS.ledgerRetryMs, () => this.#pumpSoon());
  }

  /** Durable: callers wait for what is theirs, the state follows, the relays are told. */
  #conclude(batch: Batch): void {
    this.#parts.onTurn();
    const ageMs = this.#parts.now().upMs - (batch.events[0]?.upMs ?? Number.POSITIVE_INFINITY);
    for (const decided of batch.decided) this.#reply(decided, Math.max(0, ageMs));
    for (const event of batch.events) this.#applied(event);
    this.#dispatch(batch);
    const bound = new Set(batch.events.flatMap(busBoundBy));
    if (bound.size > 0) this.#parts.dispatch.bindingsChanged([...bound]);
    for (const { followUps } of batch.decided) for (const input of followUps) this.tell(input);
  }

  /** `ageMs`: so long ago it was decided. */
  #reply({ entry, reply }: Decided, ageMs: number): void {
    switch (reply.kind) {
      case 'answered':
        return answerAll(entry, aged(reply.answer, ageMs));
      case 'awaiting':
        return this.#waiters.await(reply, entry.callers.splice(0));
      case 'queued':
        return this.#leases.await(reply.waiter, ownWaitOf(entry.input), entry.callers.splice(0));
      case 'deferred':
        return this.#deferred.park(reply.appliance, entry, LIMITS.answerMs, () =>
          this.#unheard(entry, reply.appliance),
        );
      case 'reading':
        return this.#unread.park(reply.appliance, entry, LIMITS.firstReadingMs, () => this.#readOrNot(entry, reply));
    }
  }

  #applied(event: Event): void {
    apply(this.#parts.state, event);
    this.#parts.onEvent(event);
    this.#waiters.hear(event);
    this.#leases.hear(event);
    this.#leaseTimer.hear(event);
    this.#lanes.putBack(this.#deferred.release(event).map(({ entry }) => entry));
    for (const { expired } of this.#unread.release(event)) expired();
  }

  #dispatch(batch: Batch): void {
    const takenBack = new Set(batch.decided.flatMap((decided) => this.#takeBack(decided) ?? []));
    for (const order of ordersOf(this.#parts.state, batch)) {
      if (!takenBack.has(order.generation)) this.#parts.dispatch.order(order);
    }
  }

  #unheard(entry: Entry, appliance: string): void {
    const shown = standing(this.#parts.state, appliance);
    answerAll(entry, {
      ok: false,
      refusal: UNREACHABLE,
      decision: null,
      ...(shown === null ? {} : { standing: shown }),
    });
  }

  #readOrNot(entry: Entry, { appliance, seq, atWallMs }: Reply & { kind: 'reading' }): void {
    const decision = { seq, atWallMs };
    answerAll(entry, { ok: true, changed: true, decision, standing: standing(this.#parts.state, appliance) });
  }

  /** Its caller was told 503 while the commit hung: an ON that nobody expects is not carried out. */
  #takeBack(decided: Decided): number | null {
    const granted = this.#guard.wasAbandoned(decided) ? grantedOn(decided) : null;
    if (granted !== null) this.tell({ kind: 'withdraw', ...granted });
    return granted?.generation ?? null;
  }
}

/** An OFF that came later overtakes what waits: it must not find the lease ended that a renewal asked for in time. */
function renewalsFirst(entries: readonly Entry[]): Entry[] {
  const isRenewal = ({ input }: Entry) => input.kind === 'renew_lock';
  return [...entries.filter(isRenewal), ...entries.filter((entry) => !isRenewal(entry))];
}

function busBoundBy(event: Event): string[] {
  if (event.kind !== 'appliance_added' && event.kind !== 'appliance_changed') return [];
  return event.settings.relay === null ? [] : [event.settings.relay.bus];
}
