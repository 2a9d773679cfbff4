import type { Event } from '../../daemon/core/events.ts';
import type { Answer, Input } from '../../daemon/core/inputs.ts';
import type { Who } from '../../daemon/core/model.ts';
import type { Dispatch, Ledger, RelayOrder } from '../../daemon/queue/ports.ts';
import { Queue } from '../../daemon/queue/queue.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { ANNA, Home, type Load, told } from './home.ts';

interface Commit {
  readonly events: readonly Event[];
  readonly land: () => void;
  readonly fail: (reason?: Error) => void;
}

/** A ledger in memory whose commits are in our hand: held, they end when we say so. */
export class HandLedger implements Ledger {
  readonly durable: Event[] = [];
  /** The sizes of all batches, in events. */
  readonly batches: number[] = [];
  readonly inFlight: Commit[] = [];
  #isHeld = false;
  #isFull = false;

  append(events: readonly Event[]): Promise<void> {
    this.batches.push(events.length);
    if (this.#isFull) return Promise.reject(new Error('the disk is full'));
    if (!this.#isHeld) return Promise.resolve(this.#keep(events));
    return new Promise((resolve, reject) => {
      const over = (end: () => void) => () => {
        this.inFlight.splice(this.inFlight.indexOf(commit), 1);
        end();
      };
      const land = over(() => resolve(this.#keep(events)));
      const commit: Commit = {
        events,
        land,
        fail: (reason = new Error('the disk is gone')) => over(() => reject(reason))(),
      };
      this.inFlight.push(commit);
    });
  }

  /** From now on each commit waits for `land` or `fail`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const commit of [...this.inFlight]) commit.land();
  }

  set isFull(isFull: boolean) {
    this.#isFull = isFull;
  }

  /** The one commit in flight. */
  get commit(): Commit {
    const [commit] = this.inFlight;
    if (commit === undefined) throw new Error('no commit is in flight');
    return commit;
  }

  get told(): string[] {
    return this.durable.map(told);
  }

  #keep(events: readonly Event[]): void {
    this.durable.push(...events);
  }
}

/** Relays that only write down what they are told; a test answers for them. */
export class QuietRelays implements Dispatch {
  readonly orders: RelayOrder[] = [];
  readonly emergencies: { readonly place: string; readonly end: (isConfirmed: boolean) => void }[] = [];
  looks = 0;
  reliefs = 0;

  order(order: RelayOrder): void {
    this.orders.push(order);
  }

  emergencyOff(bus: string, channel: number): Promise<boolean> {
    return new Promise((end) => this.emergencies.push({ place: `${bus}/${channel}`, end }));
  }

  /** As the supervisor does: what went ahead unconfirmed is dropped. */
  emergencyIsOver(): void {
    this.reliefs += 1;
    for (const { end } of this.emergencies) end(false);
  }

  bindingsChanged(): void {
    this.looks += 1;
  }

  /** `lamp on`, `lamp off`, ... in the order in which they left. */
  get sent(): string[] {
    return this.orders.map(({ appliance, isOn }) => `${appliance} ${isOn ? 'on' : 'off'}`);
  }

  get ahead(): string[] {
    return this.emergencies.map(({ place }) => place);
  }
}

/** What an asker has heard by now. */
export interface Asked {
  answer: Answer | null;
  readonly promise: Promise<Answer>;
}

/** The real queue between a ledger in our hand and relays that we answer for. */
export class Desk {
  readonly clock = new VirtualClock();
  readonly ledger = new HandLedger();
  readonly relays = new QuietRelays();
  readonly troubles: string[] = [];
  readonly heard: string[] = [];
  readonly home: Home;
  readonly queue: Queue;
  turns = 0;
  /** So much of the clock is no uptime. */
  stalledMs = 0;

  constructor(home: Home) {
    this.home = home;
    this.queue = new Queue({
      state: home.state,
      ledger: this.ledger,
      dispatch: this.relays,
      clock: this.clock,
      now: () => ({ upMs: home.upMs + this.clock.nowMs() - this.stalledMs, wallMs: this.clock.wallMs() }),
      onEvent: (event) => this.heard.push(told(event)),
      onTrouble: (what) => this.troubles.push(what),
      onTurn: () => {
        this.turns += 1;
      },
    });
  }

  ask(input: Input): Asked {
    const asked: Asked = { answer: null, promise: this.queue.ask(input) };
    void asked.promise.then((answer) => {
      asked.answer = answer;
    });
    return asked;
  }

  toggle(appliance: string, want: 'on' | 'off' | 'flip', more: { who?: Who; key?: string; hash?: string } = {}): Asked {
    return this.ask({ kind: 'toggle', appliance, want, who: ANNA, ...more });
  }

  /** The relay acknowledges its standing order, as committed. */
  obeys(...ids: readonly string[]): void {
    for (const appliance of ids) {
      const { generation, isOn } = this.home.appliance(appliance).order;
      this.queue.tell({ kind: 'relay_confirmed', appliance, generation, isOn, evidence: 'ack' });
    }
  }

  fails(appliance: string, reading: 'on' | 'off' | 'unknown'): void {
    this.queue.tell({ kind: 'relay_failed', appliance, generation: this.home.generation(appliance), reading });
  }

  /** Everything that can happen without time passing has happened. */
  settle(): Promise<void> {
    return this.clock.settle();
  }
}

export function deskOf(loads: Readonly<Record<string, Load>>, on: readonly string[] = []): Desk {
  return new Desk(new Home().add(loads).switchedOn(...on));
}

/** What somebody heard, in a word or two. */
export function word({ answer }: Asked): string {
  if (answer === null) return 'nothing yet';
  if (!answer.ok) return answer.refusal.code;
  const unrecorded = answer.decision.seq === null ? ', unrecorded' : '';
  return (answer.changed ? 'done' : 'no change') + unrecorded;
}

/** How many heard what: `{ capacity_exceeded: 50 }`. */
export function count(asked: readonly Asked[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of asked) counts[word(one)] = (counts[word(one)] ?? 0) + 1;
  return counts;
}
