import type { Clock } from '../../relay-drivers/clock.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { NO_PLUG_FAULTS } from '../../relay-drivers/simulator/plug-faults.ts';
import type { Transition } from '../../relay-drivers/simulator/relay-bank.ts';
import { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';
import { BEYOND } from './beyond.ts';
import type { Dice } from './dice.ts';
import type { House } from './house.ts';
import { type PlugHome, twinOf } from './plug-homes.ts';
import { type BrokerEnd, PlugWire, type Sent } from './plug-wire.ts';

/** A plug of the home with all that can happen to it. */
export interface LivePlug {
  readonly home: PlugHome;
  readonly twin: SimulatedPlug;
  readonly wire: PlugWire;
}

/** A contact moved. `sent`: by this command of a hub; null: by a hand, a stranger, its power, or no command at all. */
export interface PlugMove {
  readonly bus: string;
  readonly channel: number;
  readonly isOn: boolean;
  readonly cause: Transition['cause'];
  readonly sent: Sent | null;
}

/** How long a broker may believe in a device that is gone: its keep-alive, and half of it. */
const UNNOTICED_AT_MOST_MS = 20_000;

/** A broker that keeps what is retained and not the wills leaves devices there that are not (VOLTSAFE_SIM_NO_WILLS=1). */
const TELLS_WILLS = process.env['VOLTSAFE_SIM_NO_WILLS'] !== '1';

/** The plugs of a home, and their broker: in the hub and gone with it, or on a machine of its own. */
export class Fleet {
  readonly broker = new MemoryBroker();
  readonly plugs: ReadonlyMap<string, LivePlug>;
  readonly isEmbedded: boolean;
  readonly #dice: Dice;
  #leaving: Sent | null = null;

  constructor(
    { plugs, appliances, isBrokerEmbedded }: House,
    clock: Clock,
    dice: Dice,
    moved: (move: PlugMove) => void,
  ) {
    this.#dice = dice;
    this.isEmbedded = isBrokerEmbedded;
    const loadOf = (bus: string, channel: number) =>
      (appliances.find(({ relay }) => relay?.bus === bus && relay.channel === channel)?.ratedMw ?? 0) / 1000;
    this.plugs = new Map(plugs.map((home) => [home.id, this.#plug(home, clock, loadOf, moved)]));
    this.broker.watch(({ topic, from }) => {
      const sent = from === 'hub' ? this.#leaving : null;
      for (const { wire } of this.plugs.values()) wire.routed(topic, sent);
    });
    if (this.isEmbedded) this.broker.stop();
    for (const { twin } of this.plugs.values()) twin.start();
  }

  port(): MqttPort {
    return this.broker.port('hub');
  }

  /** What the hub sends next is this. */
  leaves(sent: Sent | null): void {
    this.#leaving = sent;
  }

  hubStarted(): void {
    if (this.isEmbedded) this.#start();
  }

  hubDied(how: BrokerEnd): void {
    for (const { home, wire } of this.plugs.values()) {
      wire.orphan();
      if (!home.canBeAsked && !BEYOND) wire.up.resume();
    }
    if (this.isEmbedded) this.stop(how);
  }

  stop(how: BrokerEnd): void {
    for (const { wire } of this.plugs.values()) {
      wire.brokerEnd = how;
      if (how === 'in_order') wire.orphan();
    }
    this.broker.stop();
  }

  /** Of an external broker. */
  start(): void {
    if (!this.isEmbedded) this.#start();
  }

  get all(): readonly LivePlug[] {
    return [...this.plugs.values()];
  }

  /** Every fault ends; what a stalled connection held comes now. */
  calm(): void {
    for (const { twin, wire } of this.plugs.values()) {
      twin.setFaults(NO_PLUG_FAULTS);
      for (const way of [wire.down, wire.up]) {
        way.delayMs = 0;
        way.resume();
      }
    }
    this.start();
  }

  close(): void {
    for (const { twin } of this.plugs.values()) twin.close();
  }

  /** Nobody is connected to a broker that starts: the wills of those who were are told, or devices would seem to be there. */
  #start(): void {
    this.broker.start();
    if (!TELLS_WILLS) return;
    for (const { wire } of this.plugs.values()) {
      const will = wire.takeWill();
      if (will !== null)
        this.broker.publish('broker', will.topic, new TextEncoder().encode(will.payload), will.isRetained ?? false);
    }
  }

  #plug(
    home: PlugHome,
    clock: Clock,
    loadOf: (bus: string, channel: number) => number,
    moved: (move: PlugMove) => void,
  ): LivePlug {
    const { id: name, channels, powerOn } = home;
    const { random } = this.#dice;
    const unnoticedMs = () => (this.#dice.chance(0.5) ? 0 : this.#dice.int(0, UNNOTICED_AT_MOST_MS));
    const wire = new PlugWire({ name, broker: this.broker, clock, unnoticedMs });
    wire.down.delayMs = this.#dice.pick([0, 0, 0, 5, 40]);
    wire.up.delayMs = wire.down.delayMs;
    const loadsW = Array.from({ length: channels }, (_, index) => loadOf(name, index + 1));
    const settings = { name, channels, powerOn, loadsW, flavour: twinOf(home) };
    const twin = new SimulatedPlug(settings, { connect: wire.connect, clock, random });
    twin.onTransition(({ channel, what, on: isOn, cause }) => {
      if (what === 'register')
        moved({ bus: name, channel, isOn, cause, sent: cause === 'write' ? wire.obeying : null });
    });
    return { home, twin, wire };
  }
}
