import type { LockWish } from '../../daemon/core/locks/model.ts';
import type { RefAsk, RefHolder, RefKept, RefRelays, RefRow, RefWait } from './lock-reference-table.ts';
import { RefTable } from './lock-reference-table.ts';

/**
 * The lock service once more, as one would explain it to somebody: arrays, loops, no regard for speed, nothing of the
 * hub's own code. The model-based test holds the hub against it.
 */

export class Reference extends RefTable {
  readonly revoked = new Set<string>();
  readonly relays: RefRelays;
  /** What waiters came to, since it was last looked at. */
  woken: string[] = [];

  constructor(relays: RefRelays) {
    super();
    this.relays = relays;
  }

  acquire(ask: RefAsk): string {
    const { wish, principal, key } = ask;
    const kept = this.keptFor(ask);
    if (kept !== null) return this.#replay(ask, kept);
    this.expire(wish.resources);
    const refusal = this.#refusal(ask);
    if (refusal !== null) return refusal;
    const isFirst = !this.waits.some(
      (wait) => wait.pending === null && wait.wish.resources.some((resource) => wish.resources.includes(resource)),
    );
    if (isFirst && this.#isFree(wish, principal)) {
      const id = ask.wait?.id ?? 'lockout';
      this.#grant({ id, wish, principal, endsMs: this.nowMs + (ask.wait?.ms ?? 15_000), key, pending: null }, ask.hash);
      const isWaiting = this.waits.some((wait) => wait.id === id);
      return isWaiting ? `waits as ${id}` : this.held(wish.resources, principal);
    }
    if (ask.wait === null) return 'lock_held';
    const { id, ms } = ask.wait;
    for (const resource of wish.resources) this.row(resource);
    this.waits.push({ id, wish, principal, endsMs: this.nowMs + ms, key, pending: null });
    if (key !== null) this.keep(principal, key, { hash: ask.hash, atMs: this.nowMs, wait: id, grants: [] });
    return `waits as ${id}`;
  }

  renew(resource: string, token: number, principal: string, ttl: number | null): string {
    const holder = this.#own(resource, token, principal);
    if (holder === null || holder.ttlMs === null || holder.endsMs === null) return 'conflict';
    const ttlMs = ttl ?? holder.ttlMs;
    const longest = holder.maxHoldMs === null ? Number.POSITIVE_INFINITY : holder.since + holder.maxHoldMs;
    const endsMs = Math.max(holder.endsMs, Math.min(this.nowMs + ttlMs, longest));
    this.change(resource, token, { ttlMs, endsMs, heard: this.nowMs });
    return this.held([resource], principal);
  }

  release(resource: string, token: number, principal: string, isAdmin: boolean, reason: string | null): string {
    this.expire([resource]);
    const row = this.rows.find((one) => one.resource === resource);
    const holder = row?.holders.find((one) => one.token === token);
    if (row === undefined || holder === undefined)
      return this.wasIts(resource, token, isAdmin && reason !== null ? null : principal) ? 'already done' : 'conflict';
    if (holder.principal !== principal && !(holder.isLockout && isAdmin && reason !== null)) return 'conflict';
    if (holder.isPending) this.#endWaitOf(resource, token, 'cancelled');
    this.end(resource, token, 'released');
    this.wake([resource]);
    return 'done';
  }

  downgrade(resource: string, token: number, principal: string): string {
    const holder = this.#own(resource, token, principal);
    if (holder === null || holder.isLockout || holder.mode === 'shared') return 'conflict';
    const row = this.row(resource);
    row.token += 1;
    this.change(resource, token, { token: row.token, mode: 'shared' });
    this.wake([resource]);
    return this.held([resource], principal);
  }

  force(resource: string, isAdmin: boolean): string {
    if (!isAdmin) return 'forbidden';
    this.expire([resource]);
    const { holders } = this.row(resource, false);
    if (holders.length === 0) return 'conflict';
    const delayed = this.#delayAfter(resource, holders);
    for (const { token, isPending } of holders) {
      if (isPending) this.#endWaitOf(resource, token, 'cancelled');
      this.burn(resource, token, 'forced', delayed);
    }
    this.wake([resource]);
    return 'done';
  }

  /** Its access ends: what it waits for, then what it has; a lockout that is granted stays. */
  revoke(principal: string): void {
    this.revoked.add(principal);
    for (const wait of this.waits.filter((one) => one.principal === principal))
      if (this.waits.includes(wait)) this.#endWait(wait, 'forbidden');
    const isIts = (holder: RefHolder) => holder.principal === principal;
    const resources = this.rows.filter(({ holders }) => holders.some(isIts)).map(({ resource }) => resource);
    this.expire(resources);
    for (const resource of resources) {
      const ended = this.row(resource).holders.filter((holder) => isIts(holder) && !holder.isLockout);
      const delayed = this.#delayAfter(resource, ended);
      for (const { token } of ended) this.burn(resource, token, 'forced', delayed);
    }
    this.wake(resources);
  }

  cancel(id: string): void {
    const wait = this.waits.find((one) => one.id === id);
    if (wait !== undefined) this.#endWait(wait, 'cancelled');
  }

  /** Uses of these find what has ended. */
  expire(resources: readonly string[]): void {
    for (const resource of resources)
      for (const holder of [...this.row(resource, false).holders])
        if (holder.endsMs !== null && this.askedMs >= holder.endsMs) {
          this.burn(resource, holder.token, 'expired', this.#delayAfter(resource, [holder]));
          this.wake([resource]);
        }
  }

  /** A prompt timer, for all that is due. */
  due(): void {
    this.expire(this.rows.map(({ resource }) => resource).sort());
    for (const wait of this.waits.filter(({ endsMs }) => endsMs <= this.nowMs))
      if (this.waits.includes(wait)) this.#endWait(wait, 'timeout');
  }

  restart(): void {
    for (const wait of this.waits) this.forgetKey(wait);
    this.waits = [];
    for (const row of this.rows) {
      row.token += 1;
      row.delay = null;
      row.holders = row.holders.filter(({ isPending }) => !isPending).map((holder) => this.revived(holder));
    }
  }

  /** After each thing that happened: what relays said may be what a lockout or a delay waits for. */
  settle(): void {
    for (let isMoved = true; isMoved; ) {
      isMoved = false;
      for (const row of this.rows) {
        const pending = row.holders.find(({ isPending }) => isPending);
        if (pending !== undefined && this.relays.isAllOff(row.resource) === true) {
          this.#confirm(row.resource, pending.token);
          isMoved = true;
        }
        if (row.delay !== null && !this.#isDelayed(row)) {
          row.delay = null;
          this.wake([row.resource]);
          isMoved = true;
        }
      }
    }
  }

  /** Whoever is first everywhere it waits, and is welcome, and finds all of it free, has it. */
  wake(resources: readonly string[]): void {
    const touched = new Set(resources);
    const next = () => this.waits.find((wait) => this.#isFirstSomewhere(wait, touched) && this.#isReady(wait));
    for (let wait = next(); wait !== undefined; wait = next()) {
      for (const resource of wait.wish.resources) touched.add(resource);
      if (this.#isWelcome(wait)) this.#grant(wait, null);
      else {
        this.#drop(wait);
        this.woken.push(`${wait.id} ${this.nowMs < wait.endsMs ? 'forbidden' : 'timeout'}`);
      }
    }
  }

  #isFirstSomewhere(wait: RefWait, touched: ReadonlySet<string>): boolean {
    return (
      wait.pending === null && wait.wish.resources.some((name) => touched.has(name) && this.queueOf(name)[0] === wait)
    );
  }

  #isReady(wait: RefWait): boolean {
    if (!this.#isWelcome(wait)) return true;
    const isNext = wait.wish.resources.every((name) => this.queueOf(name)[0] === wait);
    return isNext && this.#isFree(wait.wish, wait.principal);
  }

  #isWelcome({ endsMs, principal }: RefWait): boolean {
    return this.nowMs < endsMs && !this.revoked.has(principal);
  }

  #isFree({ resources, mode }: LockWish, principal: string): boolean {
    return resources.every((resource) => {
      const row = this.row(resource, false);
      if (row.holders.some((holder) => holder.principal === principal)) return false;
      if (mode === 'shared') return !row.holders.some((holder) => holder.mode === 'exclusive');
      // A delay is looked at after each thing that happened: until then it stands.
      return row.holders.length === 0 && !(row.delay !== null && this.nowMs < row.delay.untilMs);
    });
  }

  #isDelayed({ resource, delay }: RefRow): boolean {
    if (delay === null || this.nowMs >= delay.untilMs) return false;
    return delay.tokens.some((token) => this.relays.isUnderWay(resource, token));
  }

  #delayAfter(resource: string, ended: readonly RefHolder[]): number | null {
    const busy = ended.filter(({ token, delayMs }) => delayMs > 0 && this.relays.isUnderWay(resource, token));
    return busy.length === 0 ? null : this.nowMs + Math.max(...busy.map(({ delayMs }) => delayMs));
  }

  #grant(wait: RefWait, hash: string | null): void {
    const { wish, principal, key } = wait;
    const isQueued = this.waits.includes(wait);
    this.#remove(wait);
    const grants = wish.resources.map((resource) => this.#give(resource, wait));
    const [first] = grants;
    if (key !== null) {
      const known = hash ?? this.kept.get(`${principal} ${key}`)?.hash ?? '';
      this.keep(principal, key, { hash: known, atMs: this.nowMs, wait: wish.isLockout ? wait.id : null, grants });
    }
    if (wish.isLockout && first !== undefined) this.#beginLockout({ ...wait, pending: first });
    else if (isQueued) {
      const names = grants.map(({ resource, token }) => `${resource}#${token}`);
      this.woken.push(`${wait.id} gets ${names.join(' ')}`);
    }
  }

  #give(resource: string, { wish, principal, key }: RefWait): RefKept['grants'][number] {
    const row = this.row(resource);
    row.token += 1;
    const { mode, ttlMs, delayMs, maxHoldMs, isLockout } = wish;
    const times = { since: this.nowMs, heard: this.nowMs, endsMs: ttlMs === null ? null : this.nowMs + ttlMs };
    const terms = { mode, ttlMs, delayMs, maxHoldMs, isLockout, isPending: isLockout };
    row.holders = [...row.holders, { token: row.token, principal, ...terms, ...times, key }];
    if (mode === 'exclusive') row.delay = null;
    return { resource, token: row.token, ended: null };
  }

  #beginLockout(wait: RefWait): void {
    const { resource, token } = wait.pending ?? { resource: '', token: 0 };
    this.waits.push(wait);
    this.relays.forceOff(resource);
    if (this.relays.isAllOff(resource) === true) this.#confirm(resource, token);
  }

  #confirm(resource: string, token: number): void {
    this.change(resource, token, { isPending: false });
    const wait = this.waits.find(({ pending }) => pending?.resource === resource && pending.token === token);
    if (wait !== undefined) this.#remove(wait);
    this.woken.push(`${resource}#${token} confirmed`);
  }

  #endWaitOf(resource: string, token: number, why: string): void {
    const wait = this.waits.find(({ pending }) => pending?.resource === resource && pending.token === token);
    if (wait === undefined) return;
    this.#drop(wait);
    this.woken.push(`${wait.id} ${why}`);
  }

  #endWait(wait: RefWait, why: string): void {
    this.#drop(wait);
    this.woken.push(`${wait.id} ${why}`);
    if (wait.pending !== null) this.end(wait.pending.resource, wait.pending.token, 'released');
    this.wake(wait.wish.resources);
  }

  /** Its key may be used again. */
  #drop(wait: RefWait): void {
    this.#remove(wait);
    this.forgetKey(wait);
  }

  #remove(wait: RefWait): void {
    this.waits = this.waits.filter((other) => other !== wait);
  }

  #replay({ hash }: RefAsk, kept: RefKept): string {
    if (kept.hash !== hash) return 'idempotency_key_reused';
    if (kept.wait !== null && this.waits.some(({ id }) => id === kept.wait)) return `waits as ${kept.wait}`;
    this.expire(kept.grants.map(({ resource }) => resource));
    return kept.grants.map(({ resource, token, ended }) => this.told(resource, token, ended)).join(' ');
  }

  #refusal({ wish, principal, isAdmin }: RefAsk): string | null {
    const { resources, mode, isLockout, ttlMs, maxHoldMs } = wish;
    if (isLockout && (mode === 'shared' || resources.length !== 1)) return 'invalid_request';
    if (ttlMs !== null && maxHoldMs !== null && maxHoldMs < ttlMs) return 'invalid_request';
    if (this.revoked.has(principal) || (isLockout && !isAdmin)) return 'forbidden';
    if (isLockout && this.relays.isAllOff(resources[0] ?? '') === null) return 'not_found';
    const isHeld = resources.some((name) => this.row(name, false).holders.some((one) => one.principal === principal));
    return isHeld ? 'already_held' : null;
  }

  #own(resource: string, token: number, principal: string): RefHolder | null {
    this.expire([resource]);
    const { holders } = this.row(resource, false);
    return holders.find((one) => one.token === token && one.principal === principal && !one.isPending) ?? null;
  }
}
