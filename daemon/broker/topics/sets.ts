import { createHash } from 'node:crypto';
import type { Clock } from '../../../relay-drivers/clock.ts';
import type { Input } from '../../core/inputs.ts';
import type { Publisher, Request } from '../port.ts';
import { Allowance } from './allowance.ts';
import { TOPIC_LIMITS } from './limits.ts';
import type { TopicNames } from './names.ts';
import { Offs } from './offs.ts';
import type { Outbox } from './outbox.ts';
import { readSet, type Wish } from './payload.ts';
import type { TopicsPort } from './port.ts';
import { decided, type Rejection, type Result, rejected, settled } from './results.ts';
import type { States } from './states.ts';
import type { Troubles } from './troubles.ts';

export interface SetsParts {
  readonly port: TopicsPort;
  readonly names: TopicNames;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly states: States;
  readonly troubles: Troubles;
}

/** One `set`, and where its answers go. */
interface Ticket {
  readonly appliance: string;
  readonly from: Publisher;
  readonly requestId: string | null;
  /** On which it came: on another nobody waits for its answer. */
  readonly connection: number;
}

/** What others ask of the hub over MQTT: to switch an appliance. */
export class Sets {
  readonly #parts: SetsParts;
  readonly #allowance: Allowance;
  readonly #refusals: Allowance;
  readonly #offs = new Offs<Ticket, Wish>((wish, tickets) => this.#ask(wish, tickets));

  constructor(parts: SetsParts) {
    this.#parts = parts;
    this.#allowance = new Allowance(parts.clock, TOPIC_LIMITS.setsBurst, TOPIC_LIMITS.setsPerS);
    this.#refusals = new Allowance(parts.clock, TOPIC_LIMITS.refusalsBurst, TOPIC_LIMITS.refusalsPerS);
  }

  hear({ topic, payload, isRetained, from }: Request): void {
    // Nothing is asked: so a retained one is cleared.
    if (payload.length === 0) return;
    const { names, outbox, troubles } = this.#parts;
    const appliance = names.idOf(topic);
    if (appliance === null) return troubles.tell('topic', `${from.name} asks on MQTT for what can be no appliance`);
    const read = readSet(payload);
    const requestId = read.isValid ? read.wish.requestId : read.requestId;
    const ticket = { appliance, from, requestId, connection: outbox.connection };
    if (isRetained) return this.#retained(ticket, topic);
    const wish = read.isValid && from.role === 'integration' ? read.wish : null;
    // S7: an OFF is never too much.
    if (wish?.want === 'off') return this.#offs.ask(offKey(from, appliance, wish), wish, ticket);
    const waitMs = this.#allowance.take(from.principal);
    if (waitMs > 0) return this.#tooMuch(ticket, waitMs);
    if (from.role !== 'integration') return this.#reject(ticket, FORBIDDEN);
    if (!read.isValid) return this.#reject(ticket, { code: 'invalid_request', detail: read.detail });
    void this.#ask(read.wish, [ticket]);
  }

  /** It would come again with every start, and switch something that nobody asked for then. */
  #retained(ticket: Ticket, topic: string): void {
    const { port, outbox, troubles } = this.#parts;
    const isNew = this.#refusals.take(ticket.from.principal) === 0;
    if (isNew || port.appliance(ticket.appliance) !== null) outbox.retain(topic, () => '', true);
    if (isNew) this.#reject(ticket, RETAINED);
    const { name } = ticket.from;
    troubles.tell(
      `retained ${ticket.from.principal}`,
      `${name} publishes commands to be kept (retained); they are ignored: switch that off there`,
    );
  }

  #tooMuch(ticket: Ticket, waitMs: number): void {
    const { troubles, states, clock } = this.#parts;
    const { principal, name, role } = ticket.from;
    troubles.tell(`flood ${principal}`, `${name} asks too much on MQTT; only its OFFs are heard`);
    if (this.#refusals.take(principal) > 0) return;
    const why = { code: 'rate_limited', detail: TOO_MUCH, retry_after_ms: waitMs } as const;
    if (role === 'integration') states.refused(ticket.appliance, why, clock.wallMs());
    this.#reject(ticket, why);
  }

  #reject(ticket: Ticket, why: Rejection): void {
    this.#tell([ticket], (requestId) => rejected(requestId, why, this.#parts.port.load()));
    this.#parts.states.again(ticket.appliance);
  }

  async #ask(wish: Wish, tickets: readonly Ticket[]): Promise<void> {
    const [first] = tickets;
    if (first === undefined) return;
    const { port } = this.#parts;
    let isTold = false;
    const answer = await port.ask(inputOf(first, wish), (what) => {
      isTold = true;
      this.#tell(tickets, (requestId) => decided(requestId, what, port.load()));
    });
    this.#tell(tickets, (requestId) => settled(requestId, answer, isTold, port.load()));
    if (!answer.ok) this.#refused(first.appliance, answer, isTold);
  }

  /** Whoever showed it switched already shows the truth again; what stands in no event is told here. */
  #refused(appliance: string, { refusal, decision }: { refusal: Rejected; decision: unknown }, isTold: boolean): void {
    const { states, clock } = this.#parts;
    if (!isTold && decision === null) states.refused(appliance, refusal, clock.wallMs());
    states.again(appliance);
  }

  #tell(tickets: readonly Ticket[], make: (requestId: string | null) => Result | readonly Result[]): void {
    const { outbox, names } = this.#parts;
    for (const { appliance, requestId, connection } of tickets) {
      for (const result of [make(requestId)].flat()) {
        outbox.result(connection, names.result(appliance), JSON.stringify(result));
      }
    }
  }
}

interface Rejected {
  readonly code: string;
  readonly detail: string;
}

const FORBIDDEN: Rejection = {
  code: 'forbidden',
  detail: 'Only users with the role integration may switch; "voltsafe mqtt-user add --role integration" makes one.',
};
const RETAINED: Rejection = {
  code: 'invalid_request',
  detail: 'A set is never retained: it was ignored and cleared. Publish it without the retain flag.',
};
const TOO_MUCH = 'Too many requests; only OFF is heard meanwhile.';

/** One that shows tokens may be refused for them; those that show none must not be with it. */
function offKey({ principal }: Publisher, appliance: string, { claims }: Wish): string {
  return `${principal} ${appliance}${claims.length === 0 ? '' : ' fenced'}`;
}

function inputOf({ appliance, from }: Ticket, { want, key, claims }: Wish): Input {
  const { principal, name } = from;
  const kept = key === null ? {} : { key, hash: hashOf(appliance, want === 'on') };
  const who = { principal, name, role: 'operator', source: 'mqtt' } as const;
  return { kind: 'toggle', appliance, want, who, claims, ...kept };
}

/** What an idempotency key stands for is what it stands for over HTTP: the appliance and what it is to be. */
function hashOf(id: string, isOn: boolean): string {
  return createHash('sha256').update(`POST\n${id}\n{"is_on":${isOn}}`).digest('hex');
}
