import type { Clock } from '../clock.ts';
import { Lane } from './lane.ts';
import type { ConnectPlug, PlugClient } from './plug-client.ts';
import type { Said } from './plug-twin.ts';
import type { Random } from './spoil.ts';

const FIRST_PAUSE_MS = 1000;
/** Real ones take up to a minute. What is measured after an outage is to be the hub's time (5 s, issue 4), not theirs. */
const LONGEST_PAUSE_MS = 3000;

export interface PlugLinkParts {
  readonly connect: ConnectPlug;
  readonly clock: Clock;
  readonly random: Random;
  readonly will: () => Said;
  /** Connected: to subscribe, and to say what is said first. */
  readonly onUp: () => void;
  readonly onMessage: (topic: string, payload: string) => void;
  /** Gone, without our doing. */
  readonly onLost: () => void;
}

/** Keeps a plug connected: after a loss it tries again, each time a little later, never all plugs at once. */
export class PlugLink {
  readonly #parts: PlugLinkParts;
  /** What is said late. */
  readonly #lane: Lane;
  #late = 0;
  #client: PlugClient | null = null;
  #isUp = false;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelRetry: (() => void) | null = null;

  constructor(parts: PlugLinkParts) {
    this.#parts = parts;
    this.#lane = new Lane(parts.clock);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Does nothing where a connection stands or is under way. */
  open(): void {
    if (this.#client !== null) return;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const client = this.#parts.connect(this.#parts.will());
    this.#client = client;
    client.onUp(() => this.#up(client));
    client.onLost(() => this.#lost(client));
    client.onMessage((topic, payload) => {
      if (this.#client === client) this.#parts.onMessage(topic, payload);
    });
  }

  /** No further attempt is made. */
  close(isGraceful: boolean): void {
    const client = this.#client;
    this.#forget();
    client?.end(isGraceful);
  }

  subscribe(filter: string): void {
    this.#client?.subscribe(filter);
  }

  /** In the order it was said, also where the delay becomes less. */
  publish(said: Said, delayMs: number): void {
    if (!this.#isUp) return;
    if (delayMs <= 0 && this.#late === 0) return this.#client?.publish(said);
    this.#late += 1;
    this.#lane.at(this.#parts.clock.nowMs() + delayMs, () => {
      this.#late -= 1;
      this.#client?.publish(said);
    });
  }

  #up(client: PlugClient): void {
    if (this.#client !== client) return;
    this.#isUp = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#parts.onUp();
  }

  #lost(client: PlugClient): void {
    if (this.#client !== client) return;
    this.#forget();
    const { clock, random } = this.#parts;
    this.#cancelRetry = clock.after(this.#pauseMs * (0.5 + random() / 2), () => this.open());
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#parts.onLost();
  }

  #forget(): void {
    this.#client = null;
    this.#isUp = false;
    this.#late = 0;
    this.#lane.clear();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }
}
