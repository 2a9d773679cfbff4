import type { Input } from '../../daemon/core/inputs.ts';
import type { RelayOrder } from '../../daemon/queue/ports.ts';
import type { BoardParts, OffWithoutProof, Standing, SwitchBinding } from '../../daemon/relays/port.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { ScriptedBoard, type ScriptedOptions } from './scripted-board.ts';

export interface RigOptions extends ScriptedOptions {
  readonly switches?: ReadonlyMap<number, SwitchBinding>;
  readonly offWithoutProof?: OffWithoutProof;
}

/** What a supervisor needs around it: a scripted board, standing orders that a test lays down, and ears. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly board: ScriptedBoard;
  /** What the queue was told, in a few words each. */
  readonly told: string[] = [];
  readonly inputs: Input[] = [];
  readonly troubles: string[] = [];
  readonly parts: BoardParts;
  readonly #standings = new Map<number, Standing>();
  exchanges = 0;
  #generation = 0;

  constructor(options: RigOptions = {}) {
    this.board = new ScriptedBoard(this.clock, options);
    this.parts = {
      bus: 'main',
      driver: this.board,
      line: this.board,
      clock: this.clock,
      switches: options.switches ?? new Map(),
      offWithoutProof: options.offWithoutProof ?? 'hold',
      standing: (channel) => this.#standings.get(channel) ?? null,
      tell: (input) => this.#hear(input),
      onExchange: () => {
        this.exchanges += 1;
      },
      onTrouble: (what) => this.troubles.push(what),
    };
  }

  /** The ledger has it so: a channel with an appliance, ordered on or off. */
  stands(channel: number, how: 'on' | 'off' | 'turning on' | 'turning off'): Standing {
    this.#generation += 1;
    const isSettled = how === 'on' || how === 'off';
    const isOn = how === 'on' || how === 'turning on';
    const standing = {
      appliance: `a${channel}`,
      generation: this.#generation,
      isOn,
      isSettled,
      isConfirmedOff: how === 'off',
    };
    this.#standings.set(channel, standing);
    return standing;
  }

  /** A durable order, and its channel as the ledger then has it. */
  order(channel: number, isOn: boolean, change: Partial<RelayOrder> = {}): RelayOrder {
    const { appliance, generation } = this.stands(channel, isOn ? 'turning on' : 'turning off');
    const deadlineMs = isOn ? this.clock.nowMs() + 5000 : null;
    return { appliance, bus: 'main', channel, isOn, generation, deadlineMs, needsRead: false, ...change };
  }

  settled(channel: number): void {
    const before = this.#standings.get(channel);
    if (before !== undefined)
      this.#standings.set(channel, { ...before, isSettled: true, isConfirmedOff: !before.isOn });
  }

  gone(channel: number): void {
    this.#standings.delete(channel);
  }

  /** The committed state follows what it was told, as the queue would make it. */
  #hear(input: Input): void {
    this.inputs.push(input);
    this.told.push(say(input));
    if (input.kind === 'relay_confirmed') this.settled(Number(input.appliance.slice(1)));
  }
}

function say(input: Input): string {
  switch (input.kind) {
    case 'relay_confirmed':
      return `${input.appliance} ${input.isOn ? 'on' : 'off'} by ${input.evidence}`;
    case 'relay_failed':
      return `${input.appliance} failed, ${input.reading}`;
    case 'readings':
      return `${input.evidence ?? 'read'} ${input.readings.map(({ appliance, isOn }) => `${appliance}=${isOn ? 'on' : 'off'}`).join(' ')}`;
    case 'bus_lost':
      return `lost: ${input.reason}`;
    case 'toggle':
      return `${input.who.principal} wants ${input.appliance} ${input.want}`;
    default:
      return input.kind;
  }
}
