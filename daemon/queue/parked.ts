import type { Clock } from '../../relay-drivers/clock.ts';
import { applianceOf } from '../core/audit.ts';
import type { Event } from '../core/events.ts';
import type { Entry } from './lanes.ts';

/** Events that tell what an appliance's relay is, or that it is gone. */
const NEWS: ReadonlySet<Event['kind']> = new Set(['confirmed', 'failed', 'observed', 'retired', 'appliance_removed']);

function isNews(event: Event): boolean {
  return NEWS.has(event.kind) || (event.kind === 'ordered' && event.isSettled);
}

interface Parked {
  readonly entry: Entry;
  readonly expired: () => void;
  readonly cancel: () => void;
}

/** Entries that cannot go on before something is heard of an appliance's relay. Bounded by the callers that hold them. */
export class Parking {
  readonly #clock: Clock;
  readonly #parked = new Map<string, Parked[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `expired` is called when nothing was heard for `forMs`. */
  park(appliance: string, entry: Entry, forMs: number, expired: () => void): void {
    const cancel = this.#clock.after(forMs, () => {
      this.#remove(appliance, entry);
      expired();
    });
    this.#parked.set(appliance, [...(this.#parked.get(appliance) ?? []), { entry, expired, cancel }]);
  }

  /** What goes on now that this was heard, oldest first. */
  release(event: Event): readonly Parked[] {
    const appliance = isNews(event) ? applianceOf(event) : null;
    const parked = appliance === null ? undefined : this.#parked.get(appliance);
    if (appliance === null || parked === undefined) return [];
    this.#parked.delete(appliance);
    for (const { cancel } of parked) cancel();
    return parked;
  }

  /** All that waits for an appliance goes on now. */
  takeAll(appliance: string): readonly Entry[] {
    const parked = this.#parked.get(appliance) ?? [];
    this.#parked.delete(appliance);
    for (const { cancel } of parked) cancel();
    return parked.map(({ entry }) => entry);
  }

  #remove(appliance: string, entry: Entry): void {
    const rest = (this.#parked.get(appliance) ?? []).filter((parked) => parked.entry !== entry);
    if (rest.length === 0) this.#parked.delete(appliance);
    else this.#parked.set(appliance, rest);
  }
}
