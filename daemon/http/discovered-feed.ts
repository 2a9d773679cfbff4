import type { Clock } from '../../relay-drivers/clock.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { HubPort } from './port.ts';

/** The found devices for the live feed: the whole list, at most once a second, as it is when it is told. */
export class DiscoveredFeed {
  readonly #hub: Pick<HubPort, 'discovered'>;
  readonly #clock: Clock;
  readonly #tell: (bytes: Buffer) => void;
  /** Ends the wait since it was told last; null when there is none. */
  #cancel: (() => void) | null = null;
  #isDue = false;

  constructor(hub: Pick<HubPort, 'discovered'>, clock: Clock, tell: (bytes: Buffer) => void) {
    this.#hub = hub;
    this.#clock = clock;
    this.#tell = tell;
  }

  changed(): void {
    if (this.#cancel !== null) this.#isDue = true;
    else this.#tellNow();
  }

  bytes(): Buffer {
    return Buffer.from(JSON.stringify({ type: 'discovered', devices: this.#hub.discovered() }));
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tellNow(): void {
    this.#isDue = false;
    this.#cancel = this.#clock.after(HTTP_LIMITS.liveDiscoveredMs, () => this.#again());
    this.#tell(this.bytes());
  }

  #again(): void {
    this.#cancel = null;
    if (this.#isDue) this.#tellNow();
  }
}
