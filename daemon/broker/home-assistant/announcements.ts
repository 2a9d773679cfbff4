import { createHash } from 'node:crypto';
import { type Clock, pause } from '../../../relay-drivers/clock.ts';
import type { Broker } from '../port.ts';
import { type Former, formerOf, takingBack } from './former.ts';
import { MAX_DUE, MAX_PAYLOAD_BYTES, RETRY_MS, SLICE, SLICE_PAUSE_MS } from './limits.ts';
import { applianceOf, discoveryTopic, HUB, objectId } from './names.ts';
import { appliancePayload, hubPayload } from './payloads.ts';
import type { HomeAssistantSettings, HomePort } from './port.ts';

interface AnnouncementsParts {
  readonly broker: Pick<Broker, 'publish' | 'state'>;
  readonly home: HomePort;
  readonly settings: HomeAssistantSettings;
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: unknown) => void;
  /** False: not yet, or not any more. */
  readonly maySpeak: () => boolean;
  /** All is announced that could be. */
  readonly onDone: () => void;
}

/** Announced by an earlier run, or to be announced again: whatever stands there now is not known to be right. */
const OUTDATED = '';

/** Brings what the broker keeps to what the hub has, one message after the other. */
export class Announcements {
  readonly #parts: AnnouncementsParts;
  /** What the broker keeps of ours: appliance (or HUB) -> hash of the payload. 20,000 payloads would be 40 MB. */
  readonly #kept = new Map<string, string>();
  /** To be looked at, in this order. */
  readonly #due = new Set<string>();
  #former: Former | null = null;
  #isWorking = false;
  #retry: (() => void) | null = null;
  #retryMs: number = RETRY_MS.first;

  constructor(parts: AnnouncementsParts) {
    this.#parts = parts;
  }

  /** All is said again, the hub first: its appliances hang on it there. */
  lookAtAll(): void {
    this.stopWaiting();
    for (const id of this.#kept.keys()) this.#kept.set(id, OUTDATED);
    const { settings, home } = this.#parts;
    const before = [...this.#due];
    this.#due.clear();
    for (const id of settings.enabled ? [HUB, ...home.applianceIds()] : []) this.#due.add(id);
    for (const id of before) this.#due.add(id);
    void this.#work();
  }

  look(id: string): void {
    this.#due.add(id);
    void this.#work();
  }

  get isWorking(): boolean {
    return this.#isWorking;
  }

  /** What the broker keeps: left by an earlier run, or by somebody else. */
  found(topic: string, payload: Uint8Array): void {
    const { settings, home } = this.#parts;
    const { id: hubId } = home.hub();
    const id = applianceOf(settings.prefix, hubId, topic);
    if (id === null || this.#kept.has(id) || this.#due.size >= MAX_DUE) return;
    if (id !== HUB && this.#facts(id) !== null) return;
    const former = formerOf(hubId, payload);
    if (former === null) return;
    if (id === HUB) this.#former = former;
    this.#kept.set(id, OUTDATED);
    this.look(id);
  }

  /** What the broker would not have is not waited for any longer. */
  stopWaiting(): void {
    this.#retry?.();
    this.#retry = null;
    this.#retryMs = RETRY_MS.first;
  }

  /** In slices: the loop belongs to the relays. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    let count = 0;
    // What is added meanwhile is reached too.
    for (const id of this.#due) {
      if (this.#retry !== null || !this.#parts.maySpeak()) break;
      this.#due.delete(id);
      if (!(await this.#bringUpToDate(id))) break;
      count += 1;
      if (count % SLICE === 0) await pause(this.#parts.clock, SLICE_PAUSE_MS);
    }
    this.#isWorking = false;
    if (this.#due.size === 0 || this.#retry !== null) this.#parts.onDone();
  }

  /** False: the broker would not have it; it is tried again, with the next connection or in a while. */
  async #bringUpToDate(id: string): Promise<boolean> {
    const text = this.#textOf(id);
    const hash = text === null ? null : hashOf(text);
    if (hash === null ? !this.#kept.has(id) : this.#kept.get(id) === hash) return true;
    try {
      await this.#publish(id, text ?? '');
    } catch (error) {
      this.#tryLater(id, error);
      return false;
    }
    this.#retryMs = RETRY_MS.first;
    if (hash === null) this.#kept.delete(id);
    else this.#kept.set(id, hash);
    if (id === HUB) this.#former = null;
    return true;
  }

  #publish(id: string, text: string): Promise<void> {
    const { broker, home, settings } = this.#parts;
    const topic = discoveryTopic(settings.prefix, objectId(home.hub().id, id));
    return broker.publish(topic, text, { qos: 1, retain: true });
  }

  #tryLater(id: string, error: unknown): void {
    this.#due.add(id);
    if (!this.#parts.maySpeak()) return;
    this.#parts.onTrouble(`Home Assistant was not told of ${id || 'the hub'}; trying again`, error);
    this.#retry = this.#parts.clock.after(this.#retryMs, () => {
      this.#retry = null;
      void this.#work();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }

  /** What to announce; null: nothing, and what was announced is taken back. */
  #textOf(id: string): string | null {
    const { home, settings, onTrouble } = this.#parts;
    const facts = this.#facts(id);
    if (!settings.enabled || (id !== HUB && facts === null)) return null;
    const hub = home.hub();
    const payload = facts === null ? takingBack(hubPayload(hub), this.#former) : appliancePayload(hub, facts);
    const text = JSON.stringify(payload);
    if (Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES) return text;
    onTrouble(`Home Assistant is not told of ${id || 'the hub'}: it would take ${text.length} characters`, null);
    return null;
  }

  #facts(id: string) {
    return id === HUB || !this.#parts.settings.enabled ? null : this.#parts.home.appliance(id);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
