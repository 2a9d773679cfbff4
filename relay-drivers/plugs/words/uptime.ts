import type { PlugWord } from '../protocol.ts';
import type { Json } from './json.ts';

/** A device that has been up for a shorter time than before has started anew in between. */
export class Uptime {
  #lastS = 0;

  /** It is away, and all it was is forgotten anyway: that it started meanwhile is no news. */
  forget(): void {
    this.#lastS = 0;
  }

  told(uptimeS: Json | undefined): PlugWord[] {
    if (typeof uptimeS !== 'number' || !(uptimeS >= 0)) return [];
    const isLess = uptimeS < this.#lastS;
    this.#lastS = uptimeS;
    return isLess ? [{ kind: 'restarted' }] : [];
  }
}
