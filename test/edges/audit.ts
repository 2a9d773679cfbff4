import { isDeepStrictEqual } from 'node:util';
import type { Client, Decision } from './client.ts';
import type { Told } from './crowd.ts';

/** Thrown by the checkers: what was found, in one line. */
export class Found extends Error {}

/** So many decisions that are known already are read again each time: history must not change. */
const OVERLAP = 20;

/** The audit trail as it was read so far, and everything that callers were told. */
export class Audit {
  readonly decisions: Decision[] = [];
  readonly counts = {
    answers: 0,
    granted: 0,
    unchanged: 0,
    refused: 0,
    superseded: 0,
    repeated: 0,
    unreachable: 0,
    unavailable: 0,
  };
  readonly #byKey = new Map<string, Told>();
  readonly #refusals = new Map<string, number>();
  #told: Told[] = [];
  #checkedSeq = 0;

  get lastSeq(): number {
    return this.decisions.length;
  }

  hear(told: Told): void {
    this.counts.answers += 1;
    if (this.#isRepeated(told)) return;
    this.#told.push(told);
  }

  /** Reads on. No seq is missing, and what was there is there. */
  async read(api: Client): Promise<readonly Decision[]> {
    const known = Math.max(0, this.lastSeq - OVERLAP);
    for (const decision of await api.decisions(known)) this.#add(decision);
    return this.decisions;
  }

  /** From the first line on. */
  async readAll(api: Client): Promise<void> {
    const all = await api.decisions();
    if (all.length < this.lastSeq) throw new Found(`${this.lastSeq} decisions were read, now there are ${all.length}`);
    for (const decision of all) this.#add(decision);
  }

  /** Every answer since the last time stands in the ledger with what it said, and every ON fitted when it was ordered. */
  check(): void {
    for (const { kind, is_on, reserved_w, limit_w, seq, appliance, reason } of this.#unchecked()) {
      if (kind === 'ordered' && is_on && reserved_w > limit_w)
        throw new Found(`decision ${seq}, ${appliance} on (${reason}): ${reserved_w} W of ${limit_w} W are reserved`);
    }
    for (const told of this.#told.splice(0)) this.#checkOne(told);
    for (const [name, count] of this.#refusals) {
      const found = this.decisions.filter((decision) => decision.code !== null && nameOf(decision) === name).length;
      if (found < count) throw new Found(`told ${count} times, in the ledger ${found} times: ${name}`);
    }
    this.#refusals.clear();
  }

  #unchecked(): readonly Decision[] {
    const since = this.decisions.slice(this.#checkedSeq);
    this.#checkedSeq = this.lastSeq;
    return since;
  }

  #add(decision: Decision): void {
    const known = this.decisions[decision.seq - 1];
    if (known === undefined && decision.seq !== this.lastSeq + 1)
      throw new Found(`decision ${decision.seq} comes after ${this.lastSeq}`);
    if (known !== undefined && !isDeepStrictEqual(known, decision))
      throw new Found(`decision ${decision.seq} was ${JSON.stringify(known)}, is ${JSON.stringify(decision)}`);
    this.decisions[decision.seq - 1] = decision;
  }

  /** S5: the same key, the same answer, byte by byte; 503 promises nothing. */
  #isRepeated(told: Told): boolean {
    const { key, reply } = told;
    if (key === null || reply.status === 503) return false;
    const first = this.#byKey.get(key);
    if (first === undefined) this.#byKey.set(key, told);
    else if (first.reply.text !== reply.text)
      throw new Found(`key ${key} was answered ${first.reply.text} and then ${reply.text}`);
    if (first !== undefined) this.counts.repeated += 1;
    return first !== undefined;
  }

  #checkOne(told: Told): void {
    const { status, text, body } = told.reply;
    switch (`${status} ${body.code ?? ''}`) {
      case '200 ':
        return this.#checkDone(told);
      case '403 capacity_exceeded':
        return this.#checkRefused(told);
      case '409 superseded':
        this.counts.superseded += 1;
        if (told.isOn) return;
        break;
      case '502 relay_unreachable':
        this.counts.unreachable += 1;
        if (this.#hasFailed(told)) return;
        break;
      case '503 ledger_unavailable':
        this.counts.unavailable += 1;
        return;
    }
    throw new Found(`${asText(told)} was answered ${status} ${text}, after ${this.#trailOf(told.appliance)}`);
  }

  #checkDone(told: Told): void {
    const { changed, appliance, decision } = told.reply.body;
    this.counts[changed ? 'granted' : 'unchanged'] += 1;
    if (appliance.id !== told.appliance || appliance.is_on !== told.isOn)
      throw new Found(`${asText(told)} was answered ${told.reply.text}`);
    if (decision.seq === null) return; // an OFF while the disk was stuck (S7)
    const found = this.decisions[decision.seq - 1];
    const expected = { at: decision.at, actor: told.actor, appliance: told.appliance, is_on: told.isOn };
    const outcome = changed ? 'granted' : 'unchanged';
    const isThere = found !== undefined && isDeepStrictEqual(found, { ...found, ...expected, outcome });
    if (!isThere)
      throw new Found(`${asText(told)} was answered ${told.reply.text}; the ledger has ${JSON.stringify(found)}`);
  }

  /** What the ledger has of an appliance, to be read by whoever looks into a failure. */
  #trailOf(id: string): string {
    const trail = this.decisions.filter(({ appliance, kind }) => appliance === id || kind === 'configured');
    const lines = trail.map(({ seq, kind, actor, is_on, reason }) => `${seq} ${kind} ${is_on} (${actor}, ${reason})`);
    return lines.slice(-15).join('; ');
  }

  /**
   * The order that this caller waited for is on record as failed: frames were lost, or the hub died with an ON, which
   * is never sent late (S11), and the caller asked again with its key.
   */
  #hasFailed({ actor, appliance, isOn }: Told): boolean {
    const trail = this.decisions.filter((decision) => decision.appliance === appliance && decision.is_on === isOn);
    return trail.some(({ kind, code }, i) => {
      if (code !== 'relay_unreachable') return false;
      if (kind === 'refused') return trail[i]?.actor === actor;
      const order = trail.findLastIndex((decision, j) => j < i && decision.kind === 'ordered');
      return trail.slice(Math.max(0, order), i).some((decision) => decision.actor === actor);
    });
  }

  /** A refusal names no seq: it is found by who asked, and by its figures. */
  #checkRefused(told: Told): void {
    this.counts.refused += 1;
    if (!told.isOn) throw new Found(`an OFF was refused: ${told.reply.text}`);
    const { actor, appliance, reply } = told;
    const name = nameOf({ actor, appliance, reason: reply.body.detail ?? null });
    this.#refusals.set(name, (this.#refusals.get(name) ?? 0) + 1);
  }
}

function nameOf({ actor, appliance, reason }: Pick<Decision, 'actor' | 'appliance' | 'reason'>): string {
  return `${actor}, ${appliance}: ${reason}`;
}

function asText({ actor, appliance, isOn, key }: Told): string {
  return `${actor}: ${appliance} ${isOn ? 'on' : 'off'}${key === null ? '' : ` (${key})`}`;
}
