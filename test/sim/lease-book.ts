import { Broken } from './broken.ts';

/** A lease as its holder knows it. */
export interface Lease {
  readonly resource: string;
  readonly token: number;
  readonly principal: string;
  readonly mode: 'exclusive' | 'shared';
  readonly isLockout: boolean;
  /** Of the answer that granted it. */
  readonly seq: number;
  /** It may not be held for as long as its holder likes. */
  readonly isCapped: boolean;
  /** By what its holder was told last, from then on; infinite: a lockout. */
  deadlineUpMs: number;
  /** Somebody asked for what may have ended it. */
  isDoubtful: boolean;
  /** It is known to have ended. */
  isOver: boolean;
  overSeq: number;
}

interface Told {
  readonly seq: number;
  readonly token: number;
}

const KNOWN_AT_MOST = 30;
/** Uptime is counted in whole milliseconds, each start anew. */
export const ROUNDED_MS = 2;

/** What callers were told of leases, and their tokens (L1). */
export class LeaseBook {
  readonly #upMs: () => number;
  readonly #leases = new Map<string, Map<number, Lease>>();
  readonly #tokens = new Map<string, Told[]>();
  readonly #latest: Lease[] = [];

  constructor(upMs: () => number) {
    this.#upMs = upMs;
  }

  get latest(): readonly Lease[] {
    return this.#latest;
  }

  add(lease: Lease): void {
    const all = this.#leases.get(lease.resource) ?? new Map<number, Lease>();
    this.#leases.set(lease.resource, all.set(lease.token, lease));
    this.#latest.unshift(lease);
    this.#latest.splice(KNOWN_AT_MOST);
  }

  find(resource: string, token: number): Lease | undefined {
    return this.#leases.get(resource)?.get(token);
  }

  /** Those that are not known to be over, and whose time is not up: some of them in doubt. */
  live(resource: string): Lease[] {
    return [...(this.#leases.get(resource)?.values() ?? [])].filter((lease) => this.isLive(lease));
  }

  isLive({ isOver, deadlineUpMs }: Lease): boolean {
    return !isOver && this.#upMs() < deadlineUpMs - ROUNDED_MS;
  }

  end(resource: string, token: number, seq: number): void {
    const lease = this.find(resource, token);
    if (lease === undefined || lease.isOver) return;
    lease.isOver = true;
    lease.overSeq = seq;
  }

  /** Each new one is beyond all that were given before it: by the ledger's order, for answers may overtake each other. */
  token(resource: string, token: number, seq: number): void {
    const all = this.#tokens.get(resource) ?? [];
    if (all.some((one) => one.token === token)) return;
    const wrong = all.find((one) => (one.seq < seq ? one.token > token : one.token < token));
    if (wrong !== undefined)
      throw new Broken('L1', `${resource}: token ${token} at ${seq}, token ${wrong.token} at ${wrong.seq}`);
    this.#tokens.set(resource, [...all, { seq, token }]);
  }
}
