import { TOPIC_LIMITS } from './limits.ts';

interface Group<T, W> {
  underWay: number;
  /** Asked as one when one of those is answered: never before what came earlier, and never forgotten (S7). */
  next: { wish: W; readonly tickets: T[] } | null;
}

/** OFFs are never refused, however many: of one client for one appliance few are asked at a time, the rest as one. */
export class Offs<T, W> {
  readonly #ask: (wish: W, tickets: readonly T[]) => Promise<void>;
  readonly #groups = new Map<string, Group<T, W>>();

  constructor(ask: (wish: W, tickets: readonly T[]) => Promise<void>) {
    this.#ask = ask;
  }

  ask(key: string, wish: W, ticket: T): void {
    const group = this.#groups.get(key) ?? { underWay: 0, next: null };
    this.#groups.set(key, group);
    if (group.underWay < TOPIC_LIMITS.offsUnderWay) return void this.#begin(key, group, wish, [ticket]);
    group.next ??= { wish, tickets: [] };
    group.next.wish = wish;
    if (group.next.tickets.length < TOPIC_LIMITS.offsJoined) group.next.tickets.push(ticket);
  }

  async #begin(key: string, group: Group<T, W>, wish: W, tickets: readonly T[]): Promise<void> {
    group.underWay += 1;
    await this.#ask(wish, tickets);
    group.underWay -= 1;
    const { next } = group;
    group.next = null;
    if (next !== null) void this.#begin(key, group, next.wish, next.tickets);
    else if (group.underWay === 0) this.#groups.delete(key);
  }
}
