import type { Clock } from '../../../relay-drivers/clock.ts';
import { applianceOf } from '../../core/audit.ts';
import type { Event } from '../../core/events.ts';
import { TOPIC_LIMITS } from './limits.ts';
import type { TopicNames } from './names.ts';
import type { Outbox } from './outbox.ts';
import type { TopicsPort } from './port.ts';
import { Throttle } from './throttle.ts';

export interface StatesParts {
  readonly port: TopicsPort;
  readonly names: TopicNames;
  readonly clock: Clock;
  readonly outbox: Outbox;
}

interface LastRefusal {
  readonly code: string;
  readonly detail: string;
  readonly at: string;
}

/** How things stand, retained: each appliance's state, and the load of the house. */
export class States {
  readonly #parts: StatesParts;
  readonly #refusals = new Map<string, LastRefusal>();
  readonly #power: Throttle;
  readonly #load: Throttle;
  readonly #ends: readonly (() => void)[];
  /** Appliances that events told of just now. */
  #told: Set<string> | null = null;

  constructor(parts: StatesParts) {
    const { port, clock } = parts;
    this.#parts = parts;
    this.#power = new Throttle(clock, TOPIC_LIMITS.powerEveryMs, (id) => this.say(id));
    this.#load = new Throttle(clock, TOPIC_LIMITS.loadEveryMs, () => this.#sayLoad());
    this.#ends = [
      port.subscribe(({ event }) => this.#hear(event)),
      port.onMeter(({ measures }) => this.#measured(measures)),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#power.close();
    this.#load.close();
  }

  /** `isForced`: whether or not it is what the broker has. */
  all(isForced = false): void {
    for (const { id } of this.#parts.port.appliances()) this.say(id, isForced);
    this.#sayLoad(isForced);
  }

  say(id: string, isForced = false): void {
    const { outbox, names } = this.#parts;
    outbox.retain(names.state(id), () => this.#stateOf(id), isForced);
  }

  /** For whoever believes that it was switched, and was refused. */
  again(id: string): void {
    if (this.#parts.port.appliance(id) !== null) this.say(id, true);
  }

  /** The broker keeps something of this appliance: is there one? */
  found(id: string): void {
    if (this.#parts.port.appliance(id) === null) this.say(id, true);
  }

  /** A request came to nothing, and no event tells of it. */
  refused(id: string, { code, detail }: { readonly code: string; readonly detail: string }, wallMs: number): void {
    if (this.#parts.port.appliance(id) === null) return;
    this.#refusals.set(id, { code, detail, at: new Date(wallMs).toISOString() });
  }

  #hear(event: Event): void {
    this.#remember(event);
    if (this.#told === null) {
      this.#told = new Set();
      // After this turn: who asked is answered in it, and hears the result before the state.
      this.#parts.clock.after(0, () => this.#sayTold());
    }
    const id = applianceOf(event);
    if (id !== null) this.#told.add(id);
  }

  #remember(event: Event): void {
    switch (event.kind) {
      case 'refused':
        return this.refused(event.appliance, event.refusal, event.wallMs);
      case 'ordered':
        if (event.cause === 'request') this.#refusals.delete(event.appliance);
        return;
      case 'unchanged':
      case 'appliance_removed':
        this.#refusals.delete(event.appliance);
        return;
      default:
        return;
    }
  }

  #sayTold(): void {
    const told = this.#told ?? [];
    this.#told = null;
    for (const id of told) this.say(id);
    this.#sayLoad();
  }

  #measured(measures: string): void {
    const [what, id = ''] = measures.split(':');
    if (what === 'appliance') this.#power.ask(id);
    else this.#load.ask('load');
  }

  #sayLoad(isForced = false): void {
    const { outbox, names, port } = this.#parts;
    outbox.retain(names.load, () => JSON.stringify(port.load()), isForced);
  }

  /** Nothing of an appliance that is gone. */
  #stateOf(id: string): string {
    const { port } = this.#parts;
    const a = port.appliance(id);
    if (a === null) return '';
    const { is_on, relay_state, fault, power_w, updated_at } = a;
    const refusal = this.#refusals.get(id) ?? null;
    return JSON.stringify({ is_on, relay_state, fault, power_w, energy_wh: port.energyWh(id), refusal, updated_at });
  }
}
