import type { Answer, Input } from '../../daemon/core/inputs.ts';
import { Broken } from './broken.ts';

interface Asked {
  readonly input: Input & { kind: 'toggle' };
  readonly lifetime: number;
  answer: Answer | null;
}

/** Only a limit may refuse an ON; an OFF is refused by nothing but a lock, or a relay that does not answer. */
const OFF_CODES: ReadonlySet<string> = new Set([
  'relay_unreachable',
  'ledger_unavailable',
  'idempotency_key_reused',
  'locked',
  'not_found',
]);

/** Checks what callers are told: S3 and S10 (durable first), S5 (same key, same answer), S7 (OFF), S8 (refusals on record). */
export class Answers {
  readonly #durableSeq: () => number;
  readonly #asked: Asked[] = [];
  readonly #byKey = new Map<string, { answer: Answer; hash: string }>();
  readonly counts = { granted: 0, refused: 0, unreachable: 0, unavailable: 0, superseded: 0, replayed: 0 };
  lifetime = 0;

  constructor(durableSeq: () => number) {
    this.#durableSeq = durableSeq;
  }

  asked(input: Input & { kind: 'toggle' }): Asked {
    const asked: Asked = { input, lifetime: this.lifetime, answer: null };
    this.#asked.push(asked);
    return asked;
  }

  heard(asked: Asked, answer: Answer): void {
    if (asked.lifetime !== this.lifetime) return;
    asked.answer = answer;
    this.#checkDurable(answer);
    if (asked.input.want === 'off' && !answer.ok && !OFF_CODES.has(answer.refusal.code)) {
      throw new Broken('S7', `an OFF was refused: ${answer.refusal.code}`);
    }
    this.#checkReplay(asked.input, answer);
    this.#count(answer);
  }

  /** Everybody whose hub is still there got an answer. */
  unanswered(): number {
    return this.#asked.filter((asked) => asked.lifetime === this.lifetime && asked.answer === null).length;
  }

  #checkDurable(answer: Answer): void {
    const seq = answer.decision?.seq ?? 0;
    if (seq > this.#durableSeq())
      throw new Broken('S3', `answered with event ${seq}, durable are ${this.#durableSeq()}`);
    if (!answer.ok && answer.refusal.code === 'capacity_exceeded' && answer.decision === null) {
      throw new Broken('S8', 'a refusal is not on record');
    }
  }

  /** 503 promises nothing; anything else stands for 24 h. */
  #checkReplay({ who, key, hash }: Input & { kind: 'toggle' }, answer: Answer): void {
    const isPromise = answer.ok
      ? answer.decision.seq !== null
      : answer.decision !== null && answer.refusal.code !== 'ledger_unavailable';
    if (key === undefined || hash === undefined || !isPromise) return;
    const id = `${who.principal} ${key}`;
    const first = this.#byKey.get(id);
    if (first === undefined) this.#byKey.set(id, { answer, hash });
    else if (first.hash === hash) {
      this.counts.replayed += 1;
      if (JSON.stringify(first.answer) !== JSON.stringify(answer)) {
        throw new Broken('S5', `key ${key}: first ${JSON.stringify(first.answer)}, then ${JSON.stringify(answer)}`);
      }
    }
  }

  #count(answer: Answer): void {
    if (answer.ok) this.counts.granted += 1;
    else if (answer.refusal.code === 'capacity_exceeded') this.counts.refused += 1;
    else if (answer.refusal.code === 'relay_unreachable') this.counts.unreachable += 1;
    else if (answer.refusal.code === 'superseded') this.counts.superseded += 1;
    else this.counts.unavailable += 1;
  }
}
