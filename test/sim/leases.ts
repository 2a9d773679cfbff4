import type { Event } from '../../daemon/core/events.ts';
import type { Answer, Input, LockOutcome } from '../../daemon/core/inputs.ts';
import { type Appliance, type Claim, HOUSE, type Household } from '../../daemon/core/model.ts';
import { Broken } from './broken.ts';
import type { Ordered } from './coil.ts';
import { type Lease, LeaseBook, ROUNDED_MS } from './lease-book.ts';

export type LockInput = Input & {
  kind: 'acquire_lock' | 'renew_lock' | 'release_lock' | 'downgrade_lock' | 'force_release_lock';
};

export interface LeasesParts {
  /** How long hubs lived (up-clock.ts). */
  readonly upMs: () => number;
  readonly appliances: () => Iterable<Appliance>;
  readonly household: () => Household;
  /** Which of these have a contact that is closed, and by no hand. */
  readonly closedOf: (appliances: ReadonlySet<string>) => string[];
}

export interface AskedLock {
  readonly input: LockInput;
  /** What was known to be held when it was asked: of a renewal or a downgrade. */
  readonly held: Lease | null;
  readonly atUpMs: number;
}

interface Asking {
  readonly appliance: string;
  readonly isOn: boolean;
  readonly principal: string;
  readonly source: string;
  readonly claims: readonly Claim[];
}

export interface AskedToggle {
  readonly input: Input & { kind: 'toggle' };
  /** Leases that were known to be over when it was asked with their tokens. */
  readonly over: readonly Lease[];
  /** Leases behind all of its claims; null where one of them is not known to be live. */
  readonly live: readonly Lease[] | null;
}

/** Nothing is known of these: they may have been carried out all the same. */
const UNKNOWN: ReadonlySet<string> = new Set(['ledger_unavailable', 'queue_full']);

/**
 * Checks the lock service by what callers were told, and by what moves. L1: tokens only grow. L2: no two that conflict
 * hold at once. L3: no lease ends early. L4: a toggle passes nobody else's lock, and with no dead token. L5: a lockout
 * is granted when all is off, and nothing closes under it.
 */
export class Leases {
  readonly counts = { leases: 0, waits: 0, locked: 0, renewed: 0, expired: 0, lockouts: 0 };
  readonly #parts: LeasesParts;
  readonly #book: LeaseBook;
  readonly #hasLeft = new Set<number>();
  /** Forced releases that were asked and not answered, by resource. */
  readonly #forcing = new Map<string, number>();
  readonly #forcedSeq = new Map<string, number>();

  constructor(parts: LeasesParts) {
    this.#parts = parts;
    this.#book = new LeaseBook(parts.upMs);
  }

  /** All that callers were ever told; the last ones first. */
  get known(): readonly Lease[] {
    return this.#book.latest;
  }

  asked(input: LockInput): AskedLock {
    const atUpMs = this.#parts.upMs();
    if (input.kind === 'acquire_lock') {
      if (input.wait !== null) this.counts.waits += 1;
      return { input, held: null, atUpMs };
    }
    const { resource } = input;
    if (input.kind === 'force_release_lock') {
      this.#forcing.set(resource, (this.#forcing.get(resource) ?? 0) + 1);
      for (const lease of this.#book.live(resource)) lease.isDoubtful = true;
      return { input, held: null, atUpMs };
    }
    const lease = this.#book.find(resource, input.token);
    const isMine = lease !== undefined && lease.principal === input.who.principal && this.#book.isLive(lease);
    const held = isMine && !lease.isDoubtful ? lease : null;
    const isByAdmin = input.kind === 'release_lock' && lease?.isLockout === true && input.who.role === 'admin';
    if (lease !== undefined && (isMine || isByAdmin) && input.kind !== 'renew_lock') lease.isDoubtful = true;
    return { input, held, atUpMs };
  }

  heard({ input, held, atUpMs }: AskedLock, answer: Answer): void {
    if (input.kind === 'force_release_lock') this.#forced(input.resource, answer);
    if (input.kind === 'renew_lock') this.#renewed(held, input.ttlMs, atUpMs, answer);
    if (!answer.ok) return;
    const seq = answer.decision.seq ?? 0;
    if (input.kind === 'release_lock' || input.kind === 'downgrade_lock')
      this.#book.end(input.resource, input.token, seq);
    const isCapped = input.kind !== 'acquire_lock' || input.wish.maxHoldMs !== null;
    for (const lock of answer.locks ?? []) this.#told(lock, seq, isCapped);
  }

  /** The hub is gone: what it was asked may have been carried out. */
  killed(): void {
    this.#forcing.clear();
  }

  recorded(event: Event): void {
    if (event.kind !== 'lock_expired') return;
    const lease = this.#book.find(event.resource, event.token);
    this.counts.expired += 1;
    if (lease === undefined) return;
    if (this.#book.isLive(lease) && !lease.isDoubtful)
      throw new Broken('L3', `${nameOf(lease)} expired ${lease.deadlineUpMs - this.#parts.upMs()} ms early`);
    this.#book.end(event.resource, event.token, event.seq);
  }

  toggleAsked(input: Input & { kind: 'toggle' }): AskedToggle {
    const named = (input.claims ?? []).map(({ resource, token }) =>
      resource === null ? undefined : this.#book.find(resource, token),
    );
    const isGood = (lease: Lease | undefined): lease is Lease =>
      lease !== undefined && lease.principal === input.who.principal && this.#book.isLive(lease) && !lease.isDoubtful;
    const live = named.length > 0 && named.every(isGood) ? named : null;
    return { input, over: named.filter((lease): lease is Lease => lease?.isOver === true), live };
  }

  toggleHeard({ input, over, live }: AskedToggle, answer: Answer): void {
    if (!answer.ok) {
      if (answer.refusal.code === 'locked') this.#deniedToggle(input, live, answer.refusal.lock?.resource ?? null);
      return;
    }
    const { seq } = answer.decision;
    if (seq === null) return;
    const [dead] = over;
    if (dead !== undefined && dead.overSeq < seq)
      throw new Broken(
        'L4',
        `${input.want} for ${input.appliance} was accepted with the dead token of ${nameOf(dead)}`,
      );
    const { principal, source } = input.who;
    const asking = { appliance: input.appliance, isOn: input.want === 'on', principal, source };
    const bar = this.#bar({ ...asking, claims: input.claims ?? [] });
    if (bar !== null && bar.seq < seq)
      throw new Broken('L4', `${input.want} for ${input.appliance} by ${principal} was accepted under ${nameOf(bar)}`);
  }

  /** locks.md: looked at once more when the bytes leave. What began to leave before is carried on. */
  left({ id: appliance }: Appliance, { generation, asker, isOn }: Ordered, isOnRecord: boolean): void {
    if (this.#hasLeft.has(generation)) return;
    this.#hasLeft.add(generation);
    if (asker === null || !isOnRecord) return;
    const bar = this.#bar({ appliance, isOn, ...asker });
    if (bar !== null) throw new Broken('L4', `bytes for ${appliance} by ${asker.principal} left under ${nameOf(bar)}`);
    for (const { resource, token } of asker.claims) {
      const lease = resource === null ? undefined : this.#book.find(resource, token);
      if (lease?.isOver === true) throw new Broken('L4', `bytes for ${appliance} left after ${nameOf(lease)} was over`);
    }
  }

  closed({ id }: Appliance): void {
    for (const resource of this.#above(id))
      for (const lease of this.#book.live(resource))
        if (lease.isLockout && !lease.isDoubtful) throw new Broken('L5', `${id} closed under ${nameOf(lease)}`);
  }

  #told(lock: LockOutcome, seq: number, isCapped: boolean): void {
    const { resource, token, principal, wish, state } = lock;
    const present = this.#book.find(resource, token);
    if (present !== undefined && present.principal !== principal)
      throw new Broken('L1', `${resource}: ${present.principal} and ${principal} have the token ${token}`);
    if (state !== 'held') return this.#book.token(resource, token, seq);
    const deadlineUpMs = lock.expiresInMs === null ? Number.POSITIVE_INFINITY : this.#parts.upMs() + lock.expiresInMs;
    if (present !== undefined) {
      present.deadlineUpMs = Math.max(present.deadlineUpMs, deadlineUpMs);
      return;
    }
    const isDoubtful = (this.#forcing.get(resource) ?? 0) > 0 || (this.#forcedSeq.get(resource) ?? 0) > seq;
    const { mode, isLockout } = wish;
    const flags = { isDoubtful, isCapped, isOver: false, overSeq: Number.POSITIVE_INFINITY };
    this.#granted({ resource, token, principal, mode, isLockout, seq, deadlineUpMs, ...flags });
  }

  #granted(lease: Lease): void {
    this.#book.token(lease.resource, lease.token, lease.seq);
    for (const other of this.#book.live(lease.resource)) {
      const isAlone = other.mode === 'exclusive' || lease.mode === 'exclusive' || other.principal === lease.principal;
      if (isAlone && !other.isDoubtful && other.seq < lease.seq)
        throw new Broken('L2', `${nameOf(lease)} was granted beside ${nameOf(other)}`);
    }
    this.counts.leases += 1;
    this.#book.add(lease);
    if (lease.isLockout) this.#lockedOut(lease);
  }

  #lockedOut(lease: Lease): void {
    this.counts.lockouts += 1;
    const below = [...this.#parts.appliances()].filter(({ id }) => this.#above(id).includes(lease.resource));
    const [closed] = this.#parts.closedOf(new Set(below.map(({ id }) => id)));
    const declared = below.find(({ relay, order }) => relay === null && order.isOn);
    const on = closed ?? declared?.id;
    if (on !== undefined) throw new Broken('L5', `${nameOf(lease)} was granted, and ${on} is on`);
  }

  #forced(resource: string, answer: Answer): void {
    this.#forcing.set(resource, (this.#forcing.get(resource) ?? 0) - 1);
    const seq = answer.ok ? (answer.decision.seq ?? 0) : 0;
    if (answer.ok) this.#forcedSeq.set(resource, Math.max(this.#forcedSeq.get(resource) ?? 0, seq));
  }

  /** For as long as was asked, from now on, where nothing caps it. */
  #renewed(held: Lease | null, ttlMs: number | null, atUpMs: number, answer: Answer): void {
    if (answer.ok) {
      this.counts.renewed += 1;
      const told = answer.locks?.find(({ token }) => token === held?.token);
      const wantedMs = ttlMs ?? told?.wish.ttlMs ?? 0;
      const toldMs = (told?.expiresInMs ?? 0) + this.#parts.upMs() - atUpMs + ROUNDED_MS;
      if (held?.isCapped === false && !held.isDoubtful && told?.state === 'held' && toldMs < wantedMs)
        throw new Broken('L3', `${nameOf(held)} was renewed for ${toldMs} ms of ${wantedMs}`);
    } else if (held !== null && !held.isLockout && !held.isDoubtful && !UNKNOWN.has(answer.refusal.code))
      throw new Broken('L3', `${nameOf(held)} could not be renewed in time: ${answer.refusal.code}`);
  }

  #deniedToggle(
    { appliance }: Input & { kind: 'toggle' },
    live: readonly Lease[] | null,
    resource: string | null,
  ): void {
    this.counts.locked += 1;
    const lease = live?.find((one) => one.resource === resource);
    if (lease !== undefined && !lease.isLockout && !lease.isDoubtful && this.#book.isLive(lease))
      throw new Broken('L3', `${nameOf(lease)} was shown for ${appliance} and refused`);
  }

  /** A lease that is known to be live and keeps this one out. */
  #bar({ appliance, isOn, principal, source, claims }: Asking): Lease | null {
    if (source === 'wall_switch' && !isOn) return null;
    for (const resource of this.#above(appliance))
      for (const lease of this.#book.live(resource)) {
        if (lease.isDoubtful || lease.mode !== 'exclusive') continue;
        const isShown = claims.some(
          (claim) => claim.token === lease.token && (claim.resource === null || claim.resource === resource),
        );
        if (lease.principal !== principal || !isShown || (lease.isLockout && isOn)) return lease;
      }
    return null;
  }

  #above(appliance: string): string[] {
    const a = [...this.#parts.appliances()].find(({ id }) => id === appliance);
    const { circuits } = this.#parts.household();
    const path: string[] = [];
    for (let id: string | null = a?.circuit ?? HOUSE; id !== null && id !== HOUSE; ) {
      path.push(`circuit:${id}`);
      id = circuits.find((circuit) => circuit.id === id)?.parent ?? null;
    }
    return [`appliance:${appliance}`, ...path, `circuit:${HOUSE}`, 'hub'];
  }
}

function nameOf({ resource, token, principal, mode, isLockout }: Lease): string {
  return `the ${isLockout ? 'lockout' : `${mode} lease`} ${token} of ${principal} on ${resource}`;
}
