import type { Answer, Input } from '../core/inputs.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';
import { newWaitId } from './secrets.ts';

export type Acquire = Input & { kind: 'acquire_lock' };

/** Why a client that waits is answered before its lock is decided. */
type Ended = 'gone' | 'stopping';

interface Bounds {
  readonly ofOne: number;
  readonly all: number;
}

/** Clients that hang until a lock is theirs. Bounded; who goes away takes its wait along. */
export class LockWaits {
  readonly #hub: HubPort;
  readonly #bounds: Bounds;
  /** Of one principal. */
  readonly #counts = new Map<string, number>();
  readonly #giveUps = new Set<(why: Ended) => void>();
  #isStopping = false;

  constructor(hub: HubPort, bounds: Bounds) {
    this.#hub = hub;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#giveUps.size;
  }

  /** Answers all that wait, and nobody waits any more. */
  stop(): void {
    this.#isStopping = true;
    for (const giveUp of this.#giveUps) giveUp('stopping');
  }

  /** Throws what the client is told when it is not the hub's word. What the hub says all the same goes to `late`. */
  async ask(input: Acquire, waitMs: number, gone: AbortSignal, late: (answer: Answer) => void): Promise<Answer> {
    const { principal } = input.who;
    this.#demandRoom(principal);
    const id = newWaitId();
    const asked = this.#hub.ask(waitMs === 0 ? input : { ...input, wait: { id, ms: waitMs } });
    const { promise: ended, resolve: giveUp } = Promise.withResolvers<Ended>();
    void ended.then(() => {
      this.#hub.cancelWait(id);
      void asked.then(late);
    });
    const answer = await this.#counted(principal, giveUp, gone, Promise.race([asked, ended]));
    if (typeof answer !== 'string') return answer;
    throw answer === 'gone' ? GONE : STOPPING;
  }

  #demandRoom(principal: string): void {
    if (this.#isStopping) throw STOPPING;
    const { ofOne, all } = this.#bounds;
    if ((this.#counts.get(principal) ?? 0) >= ofOne)
      throw new Problem('rate_limited', `At most ${ofOne} requests of one token wait at once.`, { retryAfterS: 1 });
    if (this.size >= all) throw new Problem('queue_full', `At most ${all} requests wait for locks at once.`);
  }

  async #counted<T>(principal: string, giveUp: (why: Ended) => void, gone: AbortSignal, first: Promise<T>): Promise<T> {
    const leave = () => giveUp('gone');
    this.#giveUps.add(giveUp);
    this.#count(principal, 1);
    gone.addEventListener('abort', leave);
    if (gone.aborted) leave();
    try {
      return await first;
    } finally {
      gone.removeEventListener('abort', leave);
      this.#count(principal, -1);
      this.#giveUps.delete(giveUp);
    }
  }

  #count(principal: string, by: number): void {
    const next = (this.#counts.get(principal) ?? 0) + by;
    if (next > 0) this.#counts.set(principal, next);
    else this.#counts.delete(principal);
  }
}

/** Nobody reads it. */
const GONE = new Problem('conflict', 'The client went away while it waited.');
export const STOPPING = new Problem('stopping', 'The hub stops; ask again when it is back.');
