import type { Answer, Input } from '../core/inputs.ts';
import type { Claim } from '../core/model.ts';
import { LIMITS } from './limits.ts';

/** The decision of a toggle is durable; the relay still has to obey. */
export interface Recorded {
  readonly seq: number;
  readonly atWallMs: number;
  readonly changed: boolean;
}

/** Who waits for an answer, and may want to hear of the decision before. */
export interface Caller {
  readonly answer: (answer: Answer) => void;
  readonly decided?: ((recorded: Recorded) => void) | undefined;
}

/** One input that waits to be decided, with whoever waits for the answer. */
export interface Entry {
  input: Input;
  readonly callers: Caller[];
  /** When it came in; what was asked before a deadline is in time, however long a disk takes. */
  readonly askedUpMs: number;
  /** S7: what it switches off has left already, though it is not recorded yet. */
  isSentAhead: boolean;
}

/**
 * What waits for the mutex. The safety lane goes first; it is coalesced instead of bounded, so that neither a flood
 * starves an ON nor a full queue refuses an OFF. The rest is first in, first out, and bounded.
 */
export class Lanes {
  readonly #safety = new Map<string, Entry>();
  #fifo: Entry[] = [];
  #serial = 0;

  get waiting(): number {
    return this.#fifo.length;
  }

  get isEmpty(): boolean {
    return this.#fifo.length === 0 && this.#safety.size === 0;
  }

  /** False when the lane is full. */
  addFifo(entry: Entry): boolean {
    if (this.#fifo.length >= LIMITS.waiting) return false;
    this.#fifo.push(entry);
    return true;
  }

  /** An OFF goes ahead of ONs that came before it: what was asked last is what counts. */
  overtake(appliance: string): void {
    for (const entry of this.#fifo) markOvertaken(entry, appliance);
  }

  /** Takes out what was not decided yet; whoever asked is gone. */
  takeAcquire(waiter: string): Entry | undefined {
    const at = this.#fifo.findIndex(({ input }) => input.kind === 'acquire_lock' && input.wait?.id === waiter);
    return at < 0 ? undefined : this.#fifo.splice(at, 1)[0];
  }

  /** Back to where they came from, before all that came later. */
  putBack(entries: readonly Entry[]): void {
    this.#fifo = [...entries, ...this.#fifo];
  }

  /** Safety inputs whose commit failed: before all that came later, which replaces them where it is newer. */
  putBackSafety(entries: readonly Entry[]): void {
    const newer = this.takeSafety();
    for (const entry of [...entries, ...newer]) this.addSafety(entry);
  }

  addSafety(entry: Entry): void {
    const key = coalescingKey(entry.input) ?? `#${this.#serial++}`;
    const present = this.#safety.get(key);
    if (present !== undefined && entry.input.kind === 'toggle') {
      present.callers.push(...entry.callers);
      // S7: whoever comes later gets an attempt of its own.
      present.isSentAhead = false;
      return;
    }
    if (present !== undefined && isLess(entry.input, present.input)) return;
    // What a relay says replaces what it said before, but does not overtake what came in between.
    this.#safety.delete(key);
    this.#safety.set(key, entry);
  }

  drop(entry: Entry): void {
    for (const [key, present] of this.#safety) if (present === entry) this.#safety.delete(key);
  }

  safety(): Entry[] {
    return [...this.#safety.values()];
  }

  takeSafety(): Entry[] {
    const entries = this.safety();
    this.#safety.clear();
    return entries;
  }

  takeFifo(): Entry[] {
    return this.#fifo.splice(0, LIMITS.batch);
  }
}

export function markOvertaken(entry: Entry, appliance: string): void {
  const { input } = entry;
  if (input.kind === 'toggle' && input.appliance === appliance && input.want !== 'off')
    entry.input = { ...input, isOvertaken: true };
}

/** The hub asks these of itself; they can wait for their turn. */
const UNHURRIED = new Set<Input['kind']>(['configure', 'locks_due', 'note_uptime']);

/** What relays and meters say, and whoever waited and is gone. */
export function isHeard(input: Input): boolean {
  return !('who' in input) && !UNHURRIED.has(input.kind);
}

/** A peak is not lost to what came after it; a sample that matters because it is low comes again. */
function isLess(input: Input, present: Input): boolean {
  return input.kind === 'measured' && present.kind === 'measured' && input.powerMw < present.powerMw;
}

/** A stale token must not pass, nor fall, with a live one. */
function claimed(claims: readonly Claim[] = []): string {
  return claims.length === 0 ? '' : JSON.stringify(claims);
}

function coalescingKey(input: Input): string | null {
  switch (input.kind) {
    case 'toggle':
      return input.want === 'flip'
        ? null
        : ['off', input.appliance, input.who.principal, input.key, input.hash, claimed(input.claims)].join(' ');
    case 'relay_confirmed':
    case 'relay_failed':
    case 'measured':
      return `${input.kind} ${input.appliance}`;
    case 'background':
    case 'overload':
      return `${input.kind} ${input.circuit}`;
    case 'readings':
      // A device that tells each channel by itself must not push away what it told of another.
      return `readings ${input.bus} ${input.channel ?? ''}`;
    case 'bus_lost':
      return `${input.kind} ${input.bus}`;
    default:
      return null;
  }
}
