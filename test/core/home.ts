import { apply } from '../../daemon/core/apply.ts';
import { decide } from '../../daemon/core/decide.ts';
import type { Decision, Reply } from '../../daemon/core/decision.ts';
import type { Event } from '../../daemon/core/events.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { Appliance, ApplianceSettings, Claim, Evidence, Household, Now, Who } from '../../daemon/core/model.ts';
import { showAppliance } from '../../daemon/core/show.ts';
import { draftOf, emptyState, type State } from '../../daemon/core/state.ts';
import type { ApplianceView } from '../../daemon/core/views.ts';

export const ANNA: Who = { principal: 'anna', name: 'Anna', role: 'admin', source: 'http' };
export const BEN: Who = { principal: 'ben', name: 'Ben', role: 'operator', source: 'panel' };

/** 5000 W, a meter and two boards of eight channels, unless a test says otherwise. */
export function household(change: Partial<Household> = {}): Household {
  const limitMw = change.limitMw ?? 5_000_000;
  return {
    hubId: 'test',
    hubName: 'Test',
    limitMw,
    nearLimitMw: Math.floor(limitMw * 0.8),
    baseLoadMw: 0,
    circuits: [],
    buses: ['main', 'attic'].map((id) => ({ id, channels: 8, isSimulated: id === 'attic' })),
    metered: ['house'],
    ...change,
  };
}

export interface Load extends Partial<Omit<ApplianceSettings, 'id' | 'ratedMw' | 'relay'>> {
  readonly w: number;
  /** On `main`; `attic/3` for the other board, null for a load without hardware. Left out: the next free one. */
  readonly channel?: number | string | null;
}

export function settingsOf(id: string, { w, channel = null, ...more }: Load): ApplianceSettings {
  const [bus = 'main', place = ''] = typeof channel === 'string' ? channel.split('/') : ['main', String(channel)];
  return {
    id,
    name: id,
    room: null,
    icon: null,
    ratedMw: Math.round(w * 1000),
    circuit: 'house',
    priority: 50,
    isProtected: false,
    relay: channel === null ? null : { bus, channel: Number(place) },
    onPowerLoss: 'stay_off',
    ...more,
  };
}

/**
 * A core without a queue: each input is decided on a draft, and its events are applied to the committed state, as the
 * queue does once they are durable.
 */
export class Home {
  readonly state: State = emptyState();
  readonly history: Event[] = [];
  upMs = 0;
  #boots = 0;
  #house: Partial<Household> = {};

  constructor(house: Partial<Household> = {}) {
    this.restart(house);
  }

  get now(): Now {
    return { upMs: this.upMs, wallMs: Date.UTC(2026, 0, 1) + this.upMs };
  }

  decide(input: Input): Decision {
    const decision = decide(draftOf(this.state), input, this.now);
    for (const event of decision.events) {
      apply(this.state, event);
      this.history.push(event);
    }
    return decision;
  }

  restart(house: Partial<Household> = {}): Decision {
    this.#boots += 1;
    this.#house = { ...this.#house, ...house };
    return this.decide({ kind: 'configure', household: household(this.#house), bootId: `boot-${this.#boots}` });
  }

  /** Declares appliances; a load with a channel is read off at once, unless `unread`. */
  add(loads: Readonly<Record<string, Load>>, read: 'unread' | 'reads off' = 'reads off'): this {
    for (const [id, load] of Object.entries(loads)) {
      const settings = settingsOf(id, { channel: this.#freeChannel(), ...load });
      const { reply } = this.decide({ kind: 'add_appliance', settings, who: ANNA });
      if (reply.kind === 'answered' && !reply.answer.ok) throw new RangeError(reply.answer.refusal.detail);
      if (read === 'reads off' && load.channel !== null) this.reads({ [id]: false });
    }
    return this;
  }

  toggle(
    appliance: string,
    want: 'on' | 'off' | 'flip',
    more: { who?: Who; key?: string; hash?: string; claims?: readonly Claim[] } = {},
  ): Decision {
    return this.decide({ kind: 'toggle', appliance, want, who: ANNA, ...more });
  }

  /** One poll of the board of these appliances, started now. */
  reads(isOn: Readonly<Record<string, boolean>>): Decision {
    const ids = Object.keys(isOn);
    const readings = ids.map((id) => ({ appliance: id, generation: this.generation(id), isOn: isOn[id] === true }));
    return this.decide({ kind: 'readings', bus: this.appliance(ids[0] ?? '').relay?.bus ?? '', readings });
  }

  /** The relay acknowledges its standing order. */
  obeys(appliance: string, evidence: Evidence = 'ack'): Decision {
    const { generation, isOn } = this.appliance(appliance).order;
    return this.decide({ kind: 'relay_confirmed', appliance, generation, isOn, evidence });
  }

  /** A round of a board that cannot be read back: the relay is taken for what it was ordered to be. */
  assumes(appliance: string, evidence: 'assumed' | 'unproven'): Decision {
    const { relay, order } = this.appliance(appliance);
    const reading = { appliance, generation: order.generation, isOn: order.isOn };
    return this.decide({ kind: 'readings', bus: relay?.bus ?? '', evidence, readings: [reading] });
  }

  fails(appliance: string, reading: 'on' | 'off' | 'unknown'): Decision {
    return this.decide({ kind: 'relay_failed', appliance, generation: this.generation(appliance), reading });
  }

  /** Switches on and lets the relays obey. */
  switchedOn(...ids: readonly string[]): this {
    for (const id of ids) {
      this.toggle(id, 'on');
      this.obeys(id);
    }
    return this;
  }

  appliance(id: string): Appliance {
    const a = this.state.appliances.get(id);
    if (a === undefined) throw new RangeError(`there is no appliance ${id}`);
    return a;
  }

  view(id: string): ApplianceView {
    return showAppliance(this.state, this.appliance(id));
  }

  generation(id: string): number {
    return this.appliance(id).order.generation;
  }

  #freeChannel(): number {
    const channels = [1, 2, 3, 4, 5, 6, 7, 8];
    return channels.find((channel) => this.state.channels.get(`main/${channel}`) === undefined) ?? 9;
  }

  /** What a circuit counts, in watts. */
  reservedW(circuit = 'house'): number {
    return (this.state.circuits.get(circuit)?.reservedMw ?? Number.NaN) / 1000;
  }
}

/** An event in a few words, for tables: `ordered lamp on request`. */
export function told(event: Event): string {
  switch (event.kind) {
    case 'ordered':
      return `ordered ${event.appliance} ${onOff(event.isOn)} ${event.cause}${event.isSettled ? ', settled' : ''}`;
    case 'confirmed':
      return `confirmed ${event.appliance} ${onOff(event.isOn)} ${event.evidence}`;
    case 'failed':
      return `failed ${event.appliance} ${onOff(event.isOn)} ${event.fault}`;
    case 'refused':
      return `refused ${event.appliance} ${event.refusal.code}`;
    case 'observed':
      return `observed ${event.appliance} ${event.reading}${event.fault === null ? '' : ` ${event.fault}`}`;
    case 'unchanged':
      return `unchanged ${event.appliance} ${onOff(event.request.isOn)}${event.joins === null ? '' : ' joins'}`;
    case 'background_measured':
      return `background ${event.circuit} ${event.powerMw / 1000}`;
    case 'peak_measured':
      return `peak ${event.appliance} ${event.peakMw / 1000}`;
    default:
      return 'appliance' in event ? `${event.kind} ${event.appliance}` : event.kind;
  }
}

export function events(decision: Decision): string[] {
  return decision.events.map(told);
}

/** What the caller hears, in one or two words. */
export function answered(reply: Reply): string {
  if (reply.kind === 'awaiting') return reply.changed ? 'awaits the relay' : 'joins';
  if (reply.kind === 'deferred') return 'waits to be decided';
  if (reply.kind === 'reading') return 'waits for a reading';
  if (reply.kind === 'queued') return 'waits for the lock';
  if (!reply.answer.ok) return reply.answer.refusal.code;
  return reply.answer.changed ? 'done' : 'no change';
}

function onOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}
