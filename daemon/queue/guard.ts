import type { Clock } from '../../relay-drivers/clock.ts';
import type { Now } from '../core/model.ts';
import type { State } from '../core/state.ts';
import { SentAhead } from './ahead.ts';
import { answerAll, type Batch, type Decided, grantedOn, TOO_SLOW } from './batch.ts';
import type { Entry, Lanes } from './lanes.ts';
import { LIMITS } from './limits.ts';
import type { Dispatch } from './ports.ts';

export type LedgerHealth = 'ok' | 'stalled' | 'failed';

interface Parts {
  readonly state: State;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly now: () => Now;
  readonly lanes: Lanes;
}

/** What holds while the ledger cannot commit (S7): OFFs go out ahead, everything else is refused with 503. */
export class Guard {
  readonly #parts: Parts;
  /** ONs whose callers were told 503 while their commit hung: taken back should it succeed after all. */
  readonly #abandoned = new Set<Decided>();
  #ahead: SentAhead | null = null;
  #health: LedgerHealth = 'ok';
  #retryAtMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get health(): LedgerHealth {
    return this.#health;
  }

  /** Nothing can be decided now; a failed ledger is tried again after a pause. */
  get isDown(): boolean {
    return this.#health === 'stalled' || (this.#health === 'failed' && this.#parts.clock.nowMs() < this.#retryAtMs);
  }

  /** A commit that hangs may land yet: what can wait for it does. */
  mayWait(entry: Entry): boolean {
    return this.#health === 'stalled' && mayWait(entry);
  }

  wasAbandoned(decided: Decided): boolean {
    return this.#abandoned.delete(decided);
  }

  stalled(batch: Batch): void {
    const ahead = this.#startAhead('stalled', batch.draft);
    for (const decided of batch.decided) {
      if (grantedOn(decided) !== null) this.#abandon(decided);
      else ahead.sendDecided(decided);
    }
    this.#refuseWaiting(mayWait);
    this.sendAhead();
  }

  /** Nothing of the batch is durable. What is for safety waits for the next try, what is not is told 503. */
  failed(batch: Batch, isSafety: (decided: Decided) => boolean): void {
    this.#abandoned.clear();
    this.#retryAtMs = this.#parts.clock.nowMs() + LIMITS.ledgerRetryMs;
    this.#startAhead('failed', this.#parts.state);
    const again = batch.decided.filter(isSafety);
    this.#parts.lanes.putBackSafety(again.map(({ entry }) => entry));
    for (const decided of batch.decided) if (!again.includes(decided)) answerAll(decided.entry, TOO_SLOW);
    this.#refuseWaiting();
    this.sendAhead();
  }

  recovered(): void {
    if (this.#health === 'ok') return;
    this.#health = 'ok';
    this.#ahead = null;
    this.#parts.dispatch.emergencyIsOver();
  }

  /** Called for each safety input that comes while the ledger is down. */
  sendAhead(): void {
    for (const refused of this.#ahead?.send(this.#parts.lanes.safety()) ?? []) this.#parts.lanes.drop(refused);
  }

  #startAhead(health: LedgerHealth, state: State): SentAhead {
    this.#health = health;
    this.#ahead = new SentAhead(state, this.#parts);
    return this.#ahead;
  }

  #abandon(decided: Decided): void {
    this.#abandoned.add(decided);
    answerAll(decided.entry, TOO_SLOW);
  }

  #refuseWaiting(mayStay: (entry: Entry) => boolean = () => false): void {
    const staying: Entry[] = [];
    for (let waiting = this.#parts.lanes.takeFifo(); waiting.length > 0; waiting = this.#parts.lanes.takeFifo()) {
      for (const entry of waiting)
        if (mayStay(entry)) staying.push(entry);
        else answerAll(entry, TOO_SLOW);
    }
    this.#parts.lanes.putBack(staying);
  }
}

/** A renewal that came in time is in time, however long the disk takes (locks.md). */
function mayWait({ input }: Entry): boolean {
  return input.kind === 'renew_lock';
}
