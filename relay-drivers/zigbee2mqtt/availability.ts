import type { PlugWord } from '../plugs/protocol.ts';
import { field, parseJson } from '../plugs/words/json.ts';

/** `{"state":"online"}`, or as plain text from older versions. */
export function availabilityIn(payload: Uint8Array, text: string | null): boolean | null {
  const state = field(parseJson(payload), 'state') ?? text;
  return state === 'online' ? true : state === 'offline' ? false : null;
}

/** A device is there while the bridge is, and was not said to be gone: without the option `availability` nobody says more. */
export class Availability {
  #bridge: boolean | null = null;
  #device: boolean | null = null;

  get isBridgeOnline(): boolean | null {
    return this.#bridge;
  }

  bridge(isOnline: boolean): PlugWord[] {
    this.#bridge = isOnline;
    return this.#told();
  }

  device(isOnline: boolean): PlugWord[] {
    this.#device = isOnline;
    return this.#told();
  }

  /** Nothing is known of a device before its bridge is. */
  #told(): PlugWord[] {
    if (this.#bridge === null) return [];
    return [{ kind: 'presence', isOnline: this.#bridge && this.#device !== false }];
  }
}
