import type { Clock } from '../../../relay-drivers/clock.ts';
import { BROKER_LIMITS } from '../limits.ts';
import { Journal } from './journal.ts';
import { userOfSession } from './login.ts';
import { filtersRecord, type JournalRecord, keptRecord, queuedRecord, replay } from './records.ts';
import { Retained } from './retained.ts';
import { type Session, type SessionChange, Sessions } from './sessions.ts';

export interface MemoryParts {
  readonly dataDir: string;
  readonly clock: Clock;
  isKnown(user: string): boolean;
  isOnline(sessionKey: string): boolean;
  onTrouble(what: string, error: unknown): void;
}

/**
 * What the broker keeps, and its way to the disk: what is new within seconds; what only changed, and what is on its way to
 * clients that are there, once a minute at most; nothing while nothing changes. An SD card wears out.
 */
export class Memory {
  readonly retained: Retained;
  readonly sessions: Sessions;
  readonly #parts: MemoryParts;
  readonly #journal: Journal;
  readonly #soon = new Set<string>();
  readonly #seldom = new Set<string>();
  /** Messages of queues that are on the disk. */
  readonly #written = new Map<string, Set<string>>();
  #isQuiet = true;
  #mustRewrite = false;
  #rewrittenBytes = 0;
  #cancelSoon: (() => void) | null = null;
  #cancelSeldom: (() => void) | null = null;
  #seldomNotBeforeMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: MemoryParts) {
    this.#parts = parts;
    this.#journal = new Journal(parts.dataDir);
    this.retained = new Retained(({ topic, user }, change) => {
      if (user !== null) this.#note(`t${topic}`, change !== 'changed');
    });
    this.sessions = new Sessions({
      isOnline: parts.isOnline,
      onChange: (key, change) => this.#sessionChanged(key, change),
    });
  }

  static async load(parts: MemoryParts): Promise<Memory> {
    const memory = new Memory(parts);
    await memory.#load();
    return memory;
  }

  /** Writes all that is not written, and lets go of the file. */
  async close(): Promise<void> {
    this.#cancelSoon?.();
    this.#cancelSeldom?.();
    this.#isQuiet = true;
    this.#write([...new Set([...this.#soon, ...this.#seldom])]);
    await this.#writing;
    await this.#journal.close();
  }

  async #load(): Promise<void> {
    const { records, damagedLines } = await this.#journal.read();
    const { kept, sessions, damagedRecords } = replay(records);
    for (const { topic, payload, qos, user } of kept.values())
      if (this.#parts.isKnown(user)) this.retained.keep(topic, payload, qos, user);
    for (const [key, { filters, queued }] of sessions) {
      if (!this.#parts.isKnown(userOfSession(key))) continue;
      for (const [filter, qos] of Object.entries(filters)) this.sessions.subscribe(key, filter, qos);
      for (const message of queued.values()) this.sessions.enqueue(key, message);
      this.#written.set(key, new Set(queued.keys()));
    }
    this.#isQuiet = false;
    if (damagedLines + damagedRecords > 0) this.#heal(damagedLines + damagedRecords);
  }

  #heal(damaged: number): void {
    const what = 'the journal of the MQTT broker was damaged; the rest of it is used';
    this.#parts.onTrouble(what, new Error(`${damaged} lines could not be read`));
    this.#mustRewrite = true;
    this.#write([]);
  }

  #sessionChanged(key: string, change: SessionChange): void {
    if (change === 'gone') this.#note(`g${key}`, true);
    else if (change === 'subscriptions') this.#note(`s${key}`, true);
    else this.#note(`q${key}`, !this.#parts.isOnline(key));
  }

  #note(item: string, isSoon: boolean): void {
    if (this.#isQuiet) return;
    (isSoon ? this.#soon : this.#seldom).add(item);
    if (isSoon) this.#cancelSoon ??= this.#parts.clock.after(BROKER_LIMITS.journalSoonMs, () => this.#writeSoon());
    else this.#cancelSeldom ??= this.#parts.clock.after(this.#seldomInMs(), () => this.#writeSeldom());
  }

  #seldomInMs(): number {
    return Math.max(BROKER_LIMITS.journalSoonMs, this.#seldomNotBeforeMs - this.#parts.clock.nowMs());
  }

  #writeSoon(): void {
    this.#cancelSoon = null;
    const items = [...this.#soon];
    this.#soon.clear();
    // As it is by then.
    for (const item of items) this.#seldom.delete(item);
    this.#write(items);
  }

  #writeSeldom(): void {
    this.#cancelSeldom = null;
    const items = [...this.#seldom];
    this.#seldom.clear();
    const startMs = this.#parts.clock.nowMs();
    this.#seldomNotBeforeMs = startMs + BROKER_LIMITS.journalSeldomMs;
    this.#write(items, (bytes) => {
      const restMs = (bytes * 1000) / BROKER_LIMITS.journalBytesPerS;
      this.#seldomNotBeforeMs = Math.max(this.#seldomNotBeforeMs, startMs + restMs);
    });
  }

  #write(items: readonly string[], done: (bytes: number) => void = () => {}): void {
    if (items.length === 0 && !this.#mustRewrite) return;
    this.#writing = this.#writing.then(async () => done(await this.#toDisk(items)));
  }

  /** As things stand when its turn comes. Returns how many bytes were appended. */
  async #toDisk(items: readonly string[]): Promise<number> {
    const beforeBytes = this.#journal.bytes;
    try {
      if (!this.#mustRewrite) await this.#journal.append(items.flatMap((item) => this.#recordsOf(item)));
      const appendedBytes = this.#journal.bytes - beforeBytes;
      const wasteBytes = this.#journal.bytes - this.#rewrittenBytes * 2;
      if (this.#mustRewrite || wasteBytes > BROKER_LIMITS.journalWasteBytes) await this.#rewrite();
      return appendedBytes;
    } catch (error) {
      // Half a line may have been written: the next write begins anew.
      this.#mustRewrite = true;
      this.#parts.onTrouble('the journal of the MQTT broker cannot be written', error);
      return 0;
    }
  }

  async #rewrite(): Promise<void> {
    await this.#journal.rewrite(this.#all());
    this.#rewrittenBytes = this.#journal.bytes;
    this.#mustRewrite = false;
  }

  #all(): JournalRecord[] {
    const kept = [...this.retained.all()].flatMap(keptRecord);
    this.#written.clear();
    return [...kept, ...[...this.sessions.all()].flatMap((one) => [filtersRecord(one), ...this.#queueRecords(one)])];
  }

  #recordsOf(item: string): JournalRecord[] {
    const [kind, name] = [item.slice(0, 1), item.slice(1)];
    if (kind === 't') return this.#keptRecords(name);
    const session = this.sessions.get(name);
    if (kind === 'g') {
      this.#written.delete(name);
      // It may have been opened again since: then it begins anew, whole.
      const again = session === undefined ? [] : [filtersRecord(session), ...this.#queueRecords(session)];
      return [{ session: name, gone: true }, ...again];
    }
    if (session === undefined) return [];
    return kind === 's' ? [filtersRecord(session)] : this.#queueRecords(session);
  }

  #keptRecords(topic: string): JournalRecord[] {
    const kept = this.retained.get(topic);
    if (kept === undefined) return [{ topic, gone: true }];
    return keptRecord(kept);
  }

  /** What came to the queue and what left it, since it was written last. What came and went in between is never written. */
  #queueRecords({ key, queue }: Session): JournalRecord[] {
    const before = this.#written.get(key) ?? new Set<string>();
    const done = [...before].filter((id) => !queue.has(id)).map((id) => ({ session: key, done: id }));
    const added = [...queue].filter(([id]) => !before.has(id)).map(([id, message]) => queuedRecord(key, id, message));
    this.#written.set(key, new Set(queue.keys()));
    return [...done, ...added];
  }
}
