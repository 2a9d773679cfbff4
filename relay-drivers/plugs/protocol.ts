import type { MeterReading } from '../meter.ts';
import type { MqttMessage } from '../transport/mqtt.ts';

/**
 * The contract between the hub and a family of devices on MQTT. A family knows topics and payloads; it has no clock and
 * does no I/O. What it remembers (an overlay of partial messages) is bounded. It never throws on what comes from the wire.
 */

export interface Outgoing {
  readonly topic: string;
  readonly payload: string;
}

/** What a message says. Channels count from 1. */
export type PlugWord =
  /** Its last will, or its birth: taken from retained messages, too. */
  | { readonly kind: 'presence'; readonly isOnline: boolean }
  /** What a relay is. Of a retained message it counts only where the device cannot be asked, and lives (life.ts). */
  | { readonly kind: 'relay'; readonly channel: number; readonly isOn: boolean }
  /** A measurement, never of a message that tells no power: partial payloads are no 0 W. */
  | { readonly kind: 'power'; readonly channel: number; readonly reading: MeterReading }
  /** The answer to a numbered question (`command`, `queries`). */
  | { readonly kind: 'answer'; readonly question: number; readonly isOk: boolean; readonly detail: string | null }
  /** It is there, and said no more than that: the answer to `knocks`. Never of a retained message. */
  | { readonly kind: 'here' }
  /** It started anew: all it was is forgotten. */
  | { readonly kind: 'restarted' }
  /** It switched off by itself, and says why: overpower, overheated. */
  | { readonly kind: 'trouble'; readonly channel: number | null; readonly what: string };

/** One device, as its settings describe it. */
export interface PlugProtocol {
  readonly channels: number;
  /** Topics that it speaks on. */
  readonly filters: readonly string[];
  hear(message: MqttMessage): readonly PlugWord[];
  /** Switches one channel. `question` numbers it where the family numbers its answers. */
  command(channel: number, isOn: boolean, question: number): Outgoing;
  /** True: every command is answered by its number, and that answer (not a state) is what acknowledges it. */
  readonly numbersAnswers: boolean;
  /** Makes it tell each relay, and power where it can. Empty: it cannot be asked, and tells each change by itself. */
  queries(question: number): readonly Outgoing[];
  /**
   * Makes a device that cannot be asked for its states say that it is there, for the `count`-th time since nobody knows.
   * Absent: nothing does, and what the broker keeps of it counts when it says something by itself.
   */
  knocks?(count: number): readonly Outgoing[];
  /** It tells power at least so often (asked with `queries` or not). Null: it has no meter. */
  readonly powerEveryMs: number | null;
  /** How long an answer to a command or a query may take. */
  readonly timeoutMs: number;
}

/** A device that was found, ready to be adopted. */
export interface FoundPlug {
  /** Stable over restarts and unlike any other's, `[a-z0-9][a-z0-9_-]{0,63}`: `tasmota-00000049a3bc`. It becomes the id of the bus. */
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  readonly model: string | null;
  /** One entry per relay; names where the device has them. */
  readonly channels: readonly { readonly name: string | null }[];
  readonly measuresPower: boolean;
  /** The fields of a `buses` entry beside `id` and `driver`, as the family's schema takes them. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type Sighting =
  | { readonly kind: 'found'; readonly plug: FoundPlug }
  /** It is not there any more (removed from its bridge, its discovery cleared). */
  | { readonly kind: 'gone'; readonly id: string }
  /** More is to be asked before it can be told what it is. Never a command to a relay. */
  | { readonly kind: 'ask'; readonly outgoing: Outgoing };

/** How devices of a family are found. Pure; remembers a bounded number of devices; never throws on what it hears. */
export interface PlugFinder {
  readonly filters: readonly string[];
  /** Sent when the broker is reached, so that devices tell of themselves. Never a command to a relay. */
  readonly calls: readonly Outgoing[];
  hear(message: MqttMessage): readonly Sighting[];
}
