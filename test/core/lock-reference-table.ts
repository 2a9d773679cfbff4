import type { LockWish } from '../../daemon/core/locks/model.ts';

/** The rows of the reference (lock-reference.ts): who holds what, and what is told of it. */

export interface RefHolder {
  readonly token: number;
  readonly principal: string;
  readonly mode: 'exclusive' | 'shared';
  readonly ttlMs: number | null;
  readonly endsMs: number | null;
  readonly since: number;
  readonly heard: number;
  readonly delayMs: number;
  readonly maxHoldMs: number | null;
  readonly isLockout: boolean;
  readonly isPending: boolean;
  readonly key: string | null;
}

export interface RefRow {
  readonly resource: string;
  token: number;
  holders: RefHolder[];
  delay: { tokens: number[]; untilMs: number } | null;
}

export interface RefWait {
  readonly id: string;
  readonly wish: LockWish;
  readonly principal: string;
  readonly endsMs: number;
  readonly key: string | null;
  /** A lockout that has its turn. */
  readonly pending: { readonly resource: string; readonly token: number } | null;
}

export interface RefKept {
  readonly hash: string;
  readonly atMs: number;
  wait: string | null;
  grants: { readonly resource: string; readonly token: number; ended: string | null }[];
}

export interface RefAsk {
  readonly wish: LockWish;
  readonly principal: string;
  readonly isAdmin: boolean;
  readonly wait: { readonly id: string; readonly ms: number } | null;
  readonly key: string | null;
  readonly hash: string;
}

/** What the leases need to know of relays. */
export interface RefRelays {
  isUnderWay(resource: string, token: number): boolean;
  /** Null: nothing there is obeyed by the hub. */
  isAllOff(resource: string): boolean | null;
  forceOff(resource: string): void;
}

const SILENT_MS = 48 * 3_600_000;

const KEPT_MS = 48 * 3_600_000;

export class RefTable {
  nowMs = 0;
  askedMs = 0;
  rows: RefRow[] = [];
  /** Oldest first. */
  waits: RefWait[] = [];
  readonly kept = new Map<string, RefKept>();
  /** `x#1 ann`: whose leases are over. */
  readonly over = new Map<string, string>();

  row(resource: string, isMade = true): RefRow {
    const found = this.rows.find((one) => one.resource === resource);
    if (found !== undefined) return found;
    const row: RefRow = { resource, token: 0, holders: [], delay: null };
    if (isMade) this.rows.push(row);
    return row;
  }

  nextDueMs(): number {
    const times = this.rows.flatMap(({ holders, delay }) => [
      ...holders.map(({ endsMs }) => endsMs ?? Number.POSITIVE_INFINITY),
      delay?.untilMs ?? Number.POSITIVE_INFINITY,
    ]);
    return Math.min(...times, ...this.waits.map(({ endsMs }) => endsMs));
  }

  queueOf(resource: string): RefWait[] {
    return this.waits.filter(({ pending, wish }) => pending === null && wish.resources.includes(resource));
  }

  change(resource: string, token: number, change: Partial<RefHolder>): void {
    const row = this.row(resource);
    row.holders = row.holders.map((holder) => (holder.token === token ? { ...holder, ...change } : holder));
  }

  burn(resource: string, token: number, how: string, untilMs: number | null): void {
    const row = this.row(resource);
    row.token += 1;
    const { tokens = [], untilMs: before = 0 } = row.delay ?? {};
    if (untilMs !== null) row.delay = { tokens: [...tokens, token], untilMs: Math.max(before, untilMs) };
    this.end(resource, token, how);
  }

  end(resource: string, token: number, how: string): void {
    const row = this.row(resource);
    const holder = row.holders.find((one) => one.token === token);
    row.holders = row.holders.filter((one) => one.token !== token);
    if (holder !== undefined) this.over.set(`${resource}#${token}`, holder.principal);
    if (holder === undefined || holder.key === null) return;
    const kept = this.kept.get(`${holder.principal} ${holder.key}`);
    if (kept?.atMs !== holder.since) return;
    for (const grant of kept.grants) if (grant.resource === resource) grant.ended = how;
  }

  /** Null: anybody's. */
  wasIts(resource: string, token: number, principal: string | null): boolean {
    const holder = this.over.get(`${resource}#${token}`);
    return holder !== undefined && (principal === null || holder === principal);
  }

  revived(holder: RefHolder): RefHolder {
    const { endsMs, ttlMs, maxHoldMs, since, heard } = holder;
    if (endsMs === null || ttlMs === null) return holder;
    const longest = maxHoldMs === null ? heard + SILENT_MS : since + maxHoldMs;
    return { ...holder, endsMs: Math.max(endsMs, Math.min(this.nowMs + ttlMs, longest)) };
  }

  held(resources: readonly string[], principal: string): string {
    const own = resources.flatMap((resource) =>
      this.row(resource, false)
        .holders.filter((holder) => holder.principal === principal)
        .map(({ token }) => this.told(resource, token, null)),
    );
    return own.join(' ');
  }

  told(resource: string, token: number, ended: string | null): string {
    const holder = this.row(resource, false).holders.find((one) => one.token === token);
    if (holder === undefined) return `${resource}#${token} ${ended ?? 'downgraded'}`;
    const left = holder.endsMs === null ? 'locked out' : Math.max(0, holder.endsMs - this.nowMs);
    return `${resource}#${token} ${left}`;
  }

  forgetKey({ principal, key }: RefWait): void {
    if (key !== null) this.kept.delete(`${principal} ${key}`);
  }

  keep(principal: string, key: string, kept: RefKept): void {
    this.kept.set(`${principal} ${key}`, kept);
  }

  keptFor({ principal, key }: RefAsk): RefKept | null {
    const kept = key === null ? undefined : this.kept.get(`${principal} ${key}`);
    return kept !== undefined && this.nowMs - kept.atMs < KEPT_MS ? kept : null;
  }
}
