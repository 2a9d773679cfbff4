import type { PlugWord } from '../protocol.ts';

/**
 * Relay states of a device that cannot be asked, and whose states the broker keeps. A kept state may be that of a device
 * that is gone (wire-formats C4): it waits until the device is known to be there.
 */
export class KeptStates {
  #isOnline = false;
  /** Index 0 is channel 1. */
  #waiting: (boolean | undefined)[] = [];

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** The device's status; what waited for it, where that is still so. */
  presence(isOnline: boolean, isRetained: boolean): PlugWord[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isOnline = isOnline;
    // At its birth a device tells each state anew: what was kept is of the life before.
    return isOnline && isRetained ? relays(waiting) : [];
  }

  state(channel: number, isOn: boolean, isRetained: boolean): PlugWord[] {
    if (!isRetained || this.#isOnline) return [{ kind: 'relay', channel, isOn }];
    this.#waiting[channel - 1] = isOn;
    return [];
  }
}

function relays(states: readonly (boolean | undefined)[]): PlugWord[] {
  return Array.from(states).flatMap((isOn, index): PlugWord[] =>
    isOn === undefined ? [] : [{ kind: 'relay', channel: index + 1, isOn }],
  );
}
