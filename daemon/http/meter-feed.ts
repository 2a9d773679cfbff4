import type { Clock } from '../../relay-drivers/clock.ts';
import type { MeterView } from '../core/views.ts';
import { HTTP_LIMITS } from './limits.ts';

interface Place {
  /** The newest word that was not told yet. */
  due: MeterView | null;
  cancel: () => void;
}

/** Meters for the live feed: each at most once a second, the newest word last. No events, so nothing is kept of them. */
export class MeterFeed {
  readonly #clock: Clock;
  readonly #tell: (bytes: Buffer) => void;
  readonly #places = new Map<string, Place>();

  constructor(clock: Clock, tell: (bytes: Buffer) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  changed(meter: MeterView): void {
    const place = this.#places.get(meter.id);
    if (place !== undefined) place.due = meter;
    else this.#tellNow(meter);
  }

  close(): void {
    for (const { cancel } of this.#places.values()) cancel();
    this.#places.clear();
  }

  #tellNow(meter: MeterView): void {
    this.#tell(meterBytes(meter));
    const cancel = this.#clock.after(HTTP_LIMITS.liveMeterMs, () => this.#again(meter.id));
    this.#places.set(meter.id, { due: null, cancel });
  }

  #again(id: string): void {
    const due = this.#places.get(id)?.due ?? null;
    this.#places.delete(id);
    if (due !== null) this.#tellNow(due);
  }
}

export function meterBytes(meter: MeterView): Buffer {
  return Buffer.from(JSON.stringify({ type: 'meter', ...meter }));
}
