import type { Circuit } from '../core/model.ts';
import { Background, type Sample } from './background.ts';
import type { Metered, MetersParts } from './port.ts';

/** The meter of the house, or of a circuit: what it sees beyond the appliances becomes an input. */
export class CircuitMeter {
  readonly circuit: string;
  readonly #parts: Pick<MetersParts, 'clock' | 'state' | 'tell'>;
  readonly #settleMs: number;
  readonly #background: Background;
  readonly #measuredLessMw: () => number;
  readonly #timers = new Set<() => void>();
  #toldMw: number;

  /** `measuredLessMw`: by so much less than they count is what the appliances draw, as meters of their own say now. */
  constructor(
    circuit: string,
    { periodMs, staleAfterMs }: Metered,
    settleMs: number,
    parts: MetersParts,
    measuredLessMw: () => number,
  ) {
    this.circuit = circuit;
    this.#parts = parts;
    this.#settleMs = settleMs;
    this.#measuredLessMw = measuredLessMw;
    this.#toldMw = this.#present?.backgroundMw ?? 0;
    this.#background = new Background({
      periodMs,
      settleMs,
      staleAfterMs,
      heldMw: this.#toldMw,
      nowMs: parts.clock.nowMs(),
    });
  }

  /** What the appliances count changed, or may have. */
  recount(): void {
    const { reservedMw = 0, unmanagedMw = 0, heldMw = 0 } = this.#present ?? {};
    const managedMw = reservedMw - unmanagedMw - heldMw - this.#measuredLessMw();
    this.#background.manages(this.#parts.clock.nowMs(), managedMw);
  }

  measured(sample: Sample): void {
    this.#background.measured(sample);
    const cancel = this.#parts.clock.after(this.#settleMs, () => {
      this.#timers.delete(cancel);
      this.#judge(sample);
    });
    this.#timers.add(cancel);
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #judge(sample: Sample): void {
    const { circuit } = this;
    this.recount();
    const { backgroundMw, overMw } = this.#background.judge(sample, this.#present?.limitMw ?? Number.POSITIVE_INFINITY);
    if (backgroundMw !== this.#toldMw) this.#parts.tell({ kind: 'background', circuit, powerMw: backgroundMw });
    this.#toldMw = backgroundMw;
    if (overMw !== null) this.#parts.tell({ kind: 'overload', circuit, powerMw: overMw });
  }

  get #present(): Circuit | undefined {
    return this.#parts.state.circuits.get(this.circuit);
  }
}
