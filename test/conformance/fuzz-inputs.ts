import type { Random } from '../../relay-drivers/simulator/spoil.ts';

/** Longer than any reply, and longer than what one exchange keeps would be no news to a codec. */
const MAX_RANDOM_BYTES = 96;
const MAX_CHANGES = 4;

/** Right frames as they are never sent: spoiled, cut, put together, and bytes out of the air. */
export class FuzzInputs {
  readonly #random: Random;
  readonly #goldens: readonly Uint8Array[];

  constructor(goldens: readonly Uint8Array[], random: Random) {
    this.#goldens = goldens;
    this.#random = random;
  }

  next(): Uint8Array {
    const kind = this.#below(8);
    if (kind === 0) return this.#noise();
    if (kind === 1) return joined(this.#noise(), this.#golden(), this.#noise());
    if (kind === 2) return joined(this.#cut(this.#golden()), this.#cut(this.#golden()));
    const changed = this.#golden().slice();
    for (let count = 1 + this.#below(MAX_CHANGES); count > 0; count -= 1) this.#change(changed);
    return kind === 3 ? this.#cut(changed) : changed;
  }

  #noise(): Uint8Array {
    return Uint8Array.from({ length: this.#below(MAX_RANDOM_BYTES) }, () => this.#below(256));
  }

  #golden(): Uint8Array {
    return this.#goldens[this.#below(this.#goldens.length)] ?? this.#noise();
  }

  #cut(bytes: Uint8Array): Uint8Array {
    const from = this.#below(bytes.length);
    return bytes.slice(from, from + this.#below(bytes.length - from + 1));
  }

  /** A byte of any value, one bit, or a digit for a digit. */
  #change(bytes: Uint8Array): void {
    const at = this.#below(bytes.length);
    const byte = bytes[at] ?? 0;
    const how = this.#below(3);
    if (how === 0) bytes[at] = this.#below(256);
    else if (how === 1) bytes[at] = byte ^ (1 << this.#below(8));
    else bytes[at] = 0x30 + this.#below(10);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
