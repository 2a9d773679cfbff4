interface Draw {
  readonly measuredMw: number | null;
  readonly standingMw: number | null;
}

const UNKNOWN: Draw = { measuredMw: null, standingMw: null };

/** What the managed appliances draw together: each as its meter says, else as is known of what is on. Kept as a sum. */
export class Draws {
  readonly #draws = new Map<string, Draw>();
  #sumMw = 0;

  get sumMw(): number {
    return this.#sumMw;
  }

  standingMw(source: string): number | null {
    return this.#draws.get(source)?.standingMw ?? null;
  }

  measured(source: string, measuredMw: number | null): void {
    this.#put(source, { ...(this.#draws.get(source) ?? UNKNOWN), measuredMw });
  }

  stands(source: string, standingMw: number | null): void {
    this.#put(source, { ...(this.#draws.get(source) ?? UNKNOWN), standingMw });
  }

  forget(source: string): void {
    this.#put(source, UNKNOWN);
    this.#draws.delete(source);
  }

  #put(source: string, draw: Draw): void {
    this.#sumMw += drawn(draw) - drawn(this.#draws.get(source) ?? UNKNOWN);
    this.#draws.set(source, draw);
  }
}

/** Of what nobody knows, nothing is said to be drawn: what it draws shows in the background of the house. */
function drawn({ measuredMw, standingMw }: Draw): number {
  return measuredMw ?? standingMw ?? 0;
}
