import type { LineStates } from '../../daemon/relays/port.ts';
import type { Clock } from '../../relay-drivers/clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import {
  DriverError,
  type DriverErrorCode,
  type Proof,
  type RelayDriver,
  type Terms,
} from '../../relay-drivers/driver.ts';

type Op = 'write' | 'all_off' | 'read' | 'inputs' | 'prepare';
/** `deaf`: acknowledged, and nothing moved. `mute_but_obeyed`: it moved, the answer was lost. `broken`: the driver has a bug. */
type Turn = DriverErrorCode | 'ok' | 'deaf' | 'mute_but_obeyed' | 'broken';

const EXCHANGE_MS = 24;

export interface ScriptedOptions {
  readonly channels?: number;
  readonly canAllOff?: boolean;
  readonly needsPreparing?: boolean;
  /** It tells by itself what its relays are, and need not be asked often. */
  readonly reports?: boolean;
}

/** As often as a plug is asked. */
export const PACE = { pollMs: 60_000, lostPollMs: 10_000 };

/** A board and its driver in one, whose every answer a test can script; what left for the board is written down. */
export class ScriptedBoard implements RelayDriver, LineStates {
  readonly channels: number;
  readonly coils: boolean[];
  readonly levels: boolean[];
  /** What left, in order: `on 3`, `off 3`, `all off`, `read`, `inputs`, `prepare`. */
  readonly left: string[] = [];
  /** Priorities of what left. */
  readonly priorities: string[] = [];
  readonly readInputs = (terms: Terms) => this.#exchange('inputs', 'inputs', terms, () => [...this.levels]);
  readonly allOff?: (terms: Terms) => Promise<void>;
  readonly prepare?: (terms: Terms) => Promise<void>;
  readonly onReport?: (listener: (channel: number, isOn: boolean) => void) => void;
  readonly pace?: typeof PACE;
  /** Channels whose ON was given up. */
  readonly abandoned: number[] = [];
  /** What each exchange does for which no turn is scripted. */
  always: Turn = 'ok';
  isOpen = true;
  /** `mute`: it acknowledges no write. `blind`: nor can it be asked. */
  kind: 'talks' | 'mute' | 'blind' = 'talks';
  readonly #clock: Clock;
  readonly #turns = new Map<Op, Turn[]>();
  readonly #listeners: Parameters<LineStates['onStateChange']>[0][] = [];
  readonly #reporters: ((channel: number, isOn: boolean) => void)[] = [];
  #gate: Promise<void> | null = null;

  constructor(clock: Clock, options: ScriptedOptions = {}) {
    this.#clock = clock;
    this.channels = options.channels ?? 8;
    this.coils = Array.from({ length: this.channels }, () => false);
    this.levels = Array.from({ length: this.channels }, () => false);
    if (options.canAllOff === true)
      this.allOff = (terms) => this.#exchange('all_off', 'all off', terms, () => void this.coils.fill(false));
    if (options.reports === true) {
      this.onReport = (listener) => void this.#reporters.push(listener);
      this.pace = PACE;
    }
    if (options.needsPreparing === true)
      this.prepare = (terms) => this.#exchange('prepare', 'prepare', terms, () => undefined);
  }

  setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    return this.#exchange('write', `${isOn ? 'on' : 'off'} ${channel}`, terms, () => {
      this.coils[channel - 1] = isOn;
      return this.kind === 'talks' ? 'acknowledged' : 'sent';
    });
  }

  async readCoils(terms: Terms): Promise<boolean[]> {
    if (this.kind === 'blind') throw new DriverError('no_read_back', 'scripted');
    return this.#exchange('read', 'read', terms, () => [...this.coils]);
  }

  abandon(channel: number): void {
    this.abandoned.push(channel);
  }

  /** A hand on its button; it says so. */
  press(channel: number, isOn: boolean): void {
    this.coils[channel - 1] = isOn;
    for (const listener of this.#reporters) listener(channel, isOn);
  }

  onStateChange(listener: Parameters<LineStates['onStateChange']>[0]): void {
    this.#listeners.push(listener);
  }

  /** The next turns of one kind of exchange; then it does as `always`. */
  turns(op: Op, ...turns: readonly Turn[]): void {
    this.#turns.set(op, [...(this.#turns.get(op) ?? []), ...turns]);
  }

  /** The line is busy with something else: nothing leaves before the returned function is called. */
  occupy(): () => void {
    let free: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      free = resolve;
    });
    return () => {
      this.#gate = null;
      free();
    };
  }

  close(reason = 'the cable is out'): void {
    this.isOpen = false;
    for (const listener of this.#listeners) listener({ isOpen: false, reason });
  }

  open(): void {
    this.isOpen = true;
    for (const listener of this.#listeners) listener({ isOpen: true });
  }

  /** Like a line: asked when the bytes are about to leave, not when the exchange was wished for. */
  async #exchange<T>(op: Op, name: string, terms: Terms, run: () => T): Promise<T> {
    await this.#gate;
    if (!this.isOpen) throw new DriverError('port_closed', 'no port');
    if (!terms.stillValid()) throw new DriverError('not_valid', name);
    terms.started?.();
    this.left.push(name);
    this.priorities.push(terms.priority);
    return this.#turn(this.#turns.get(op)?.shift() ?? this.always, run);
  }

  async #turn<T>(turn: Turn, run: () => T): Promise<T> {
    const kept = [...this.coils];
    const moved = turn === 'ok' || turn === 'deaf' || turn === 'mute_but_obeyed' ? run() : null;
    if (turn === 'deaf') for (const [i, isOn] of kept.entries()) this.coils[i] = isOn;
    await pause(this.#clock, EXCHANGE_MS);
    if (turn === 'broken') throw new TypeError('a bug in the driver');
    if (turn === 'mute_but_obeyed') throw new DriverError('timeout', 'no answer');
    if (moved === null) throw new DriverError(turn as DriverErrorCode, 'scripted');
    return moved;
  }
}
