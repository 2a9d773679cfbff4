import type { Clock } from '../../relay-drivers/clock.ts';
import type { Event } from '../core/events.ts';
import type { Input } from '../core/inputs.ts';
import { rowOf } from '../core/locks/table.ts';
import type { Now } from '../core/model.ts';
import type { State } from '../core/state.ts';
import { Heap } from './heap.ts';

interface Parts {
  readonly state: State;
  readonly clock: Clock;
  readonly now: () => Now;
}

interface Due {
  readonly atUpMs: number;
  readonly kind: 'resource' | 'waiter';
  readonly id: string;
}

/** Ended in one commit: ten thousand that are due at once hold neither the event loop nor an OFF behind them. */
const TURN_AT_MOST = 250;
/** A queue that was full forgets what it was told: it is told again. */
const AGAIN_MS = 250;
/** So few entries are not worth a walk. */
const STALE_AT_MOST = 1000;
/** Node fires timers beyond this at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * One timer for the next deadline of a lease, a wait or a lock delay. Each is in the heap once, however often it is
 * renewed: what moved on is looked up in the state when its time comes, what came nearer leaves a stale entry behind.
 */
export class LeaseTimer {
  readonly #parts: Parts;
  /** Resolves when it was decided, or could not be. */
  readonly #ask: (input: Input) => Promise<unknown>;
  readonly #due = new Heap<Due>((one) => one.atUpMs);
  /** What is watched -> when it is looked at. */
  readonly #watched = new Map<string, number>();
  #armedUpMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;
  /** One question at a time; meanwhile nothing is armed. */
  #isAsking = false;
  #isClosed = false;

  constructor(parts: Parts, ask: (input: Input) => Promise<unknown>) {
    this.#parts = parts;
    this.#ask = ask;
  }

  /** After the event was applied. */
  hear(event: Event): void {
    switch (event.kind) {
      case 'configured':
        for (const { resource } of this.#parts.state.locks.values()) this.#watch(resource);
        return;
      case 'lock_queued':
        return this.#push({ atUpMs: event.waiter.deadlineUpMs, kind: 'waiter', id: event.waiter.id });
      case 'lock_acquired':
        for (const { resource } of event.grants) this.#watch(resource);
        if (event.pending !== null)
          this.#push({ atUpMs: event.pending.deadlineUpMs, kind: 'waiter', id: event.pending.id });
        return;
      case 'lock_renewed':
      case 'lock_expired':
      case 'lock_forced':
        return this.#watch(event.resource);
      default:
        return;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #watch(resource: string): void {
    const atUpMs = this.#deadlineOf(resource);
    if (atUpMs !== null) this.#push({ atUpMs, kind: 'resource', id: resource });
  }

  #deadlineOf(resource: string): number | null {
    const { holders, delay } = rowOf(this.#parts.state, resource);
    const deadlines = [...holders.map(({ deadlineUpMs }) => deadlineUpMs), delay?.untilUpMs ?? null];
    const first = Math.min(...deadlines.map((deadline) => deadline ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(first) ? first : null;
  }

  #push(due: Due): void {
    const { atUpMs } = due;
    if (atUpMs >= (this.#watched.get(keyOf(due)) ?? Number.POSITIVE_INFINITY)) return;
    this.#watched.set(keyOf(due), atUpMs);
    this.#due.push(due);
    if (this.#due.size > 2 * this.#watched.size + STALE_AT_MOST) this.#due.keepOnly((one) => this.#isWatched(one));
    if (atUpMs < this.#armedUpMs) this.#arm(atUpMs);
  }

  #isWatched(due: Due): boolean {
    return this.#watched.get(keyOf(due)) === due.atUpMs;
  }

  #arm(atUpMs: number): void {
    if (this.#isClosed || this.#isAsking) return;
    this.#cancel();
    this.#armedUpMs = atUpMs;
    const delayMs = Math.min(TIMER_MAX_MS, Math.max(0, atUpMs - this.#parts.now().upMs));
    this.#cancel = this.#parts.clock.after(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#armedUpMs = Number.POSITIVE_INFINITY;
    this.#isAsking = true;
    const again = () => this.#asked();
    void this.#askFor(this.#reached()).then(again, again);
  }

  #asked(): void {
    this.#isAsking = false;
    const next = this.#due.first;
    if (next !== undefined) this.#arm(next.atUpMs);
  }

  #reached(): Due[] {
    const { upMs } = this.#parts.now();
    const reached = this.#due.takeUntil(upMs, TURN_AT_MOST).filter((due) => this.#isWatched(due));
    for (const due of reached) this.#watched.delete(keyOf(due));
    return reached.flatMap((due) => this.#still(due, upMs));
  }

  async #askFor(ended: readonly Due[]): Promise<void> {
    const idsOf = (kind: Due['kind']) => [...new Set(ended.flatMap((due) => (due.kind === kind ? due.id : [])))];
    const [resources, waiters] = [idsOf('resource'), idsOf('waiter')];
    if (ended.length > 0) await this.#ask({ kind: 'locks_due', resources, waiters });
  }

  /** Still to end, and watched until its end is recorded; or moved on, and watched anew. */
  #still({ kind, id }: Due, upMs: number): Due[] {
    const { state } = this.#parts;
    const atUpMs = kind === 'waiter' ? state.lockWaiters.get(id)?.deadlineUpMs : this.#deadlineOf(id);
    if (atUpMs === undefined || atUpMs === null) return [];
    const isDue = atUpMs <= upMs;
    this.#push({ atUpMs: isDue ? upMs + AGAIN_MS : atUpMs, kind, id });
    return isDue ? [{ atUpMs, kind, id }] : [];
  }
}

function keyOf({ kind, id }: Due): string {
  return `${kind} ${id}`;
}
