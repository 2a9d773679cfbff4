import type { Clock } from '../../relay-drivers/clock.ts';
import type { ConnectPlug, PlugClient } from '../../relay-drivers/simulator/plug-client.ts';
import type { Said } from '../../relay-drivers/simulator/plug-twin.ts';
import type { MemoryBroker } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MemoryClient } from '../../relay-drivers/transport/memory-mqtt-client.ts';
import { TcpWay } from './tcp-way.ts';

/** A command of a hub, as it left. */
export interface Sent {
  readonly appliance: string;
  readonly generation: number;
  readonly isOn: boolean;
  /** Of the hub that sent it. */
  readonly boot: number;
  /** That hub died, or its broker did, and the system delivered what it had been given. */
  isOrphan: boolean;
}

export interface PlugWireParts {
  readonly name: string;
  readonly broker: MemoryBroker;
  readonly clock: Clock;
  /** How long the broker takes to notice that it went without a word; 0: at once. */
  readonly unnoticedMs: () => number;
}

interface Link {
  readonly client: MemoryClient;
  readonly will: Said;
  /** What the broker gave to this connection and it did not hand on yet; null: not a hub's command. */
  readonly owed: (Sent | null)[];
  tellLost: (why: string) => void;
  isOver: boolean;
}

/** How the broker ended: `abruptly`, nobody tells the devices; otherwise the system delivers what is under way, then a FIN. */
export type BrokerEnd = 'abruptly' | 'in_order';

/** A plug's way to a broker, over TCP: stalls and delays of each direction, resets, deaths that nobody notices. */
export class PlugWire {
  readonly down: TcpWay;
  readonly up: TcpWay;
  brokerEnd: BrokerEnd = 'in_order';
  readonly #parts: PlugWireParts;
  #link: Link | null = null;
  #obeying: Sent | null = null;
  #lastWill: Said | null = null;

  constructor(parts: PlugWireParts) {
    this.#parts = parts;
    this.down = new TcpWay(parts.clock);
    this.up = new TcpWay(parts.clock);
  }

  /** The command that the plug is obeying right now; null: none of a hub. */
  get obeying(): Sent | null {
    return this.#obeying;
  }

  /** The last will of a connection that ended with its broker: told when that starts again. */
  takeWill(): Said | null {
    const will = this.#lastWill;
    this.#lastWill = null;
    return will;
  }

  /** A message passes the broker, before anybody gets it. */
  routed(topic: string, sent: Sent | null): void {
    if (this.#link?.client.takes(topic)) this.#link.owed.push(sent);
  }

  /** What is under way from a hub that is no more. */
  orphan(): void {
    for (const sent of this.#pending) sent.isOrphan = true;
  }

  readonly connect: ConnectPlug = (will) => {
    const link = this.#open(will);
    let hear: (topic: string, payload: string) => void = () => undefined;
    const taken = (topic: string, payload: string, isRetained: boolean) => {
      const sent = isRetained ? null : (link.owed.shift() ?? null);
      if (sent !== null) this.#pending.add(sent);
      if (!link.isOver) this.down.put(() => this.#arrive(link, sent, () => hear(topic, payload)));
    };
    return {
      onUp: (listener) => this.#isUp(link, listener),
      onLost: (listener) => {
        link.tellLost = listener;
      },
      onMessage: (listener) => {
        hear = listener;
      },
      subscribe: (filter) => this.up.put(() => void link.client.subscribe(filter, taken)),
      publish: ({ topic, payload, isRetained = false }) =>
        this.up.put(() => link.client.publish(topic, payload, { retain: isRetained })),
      end: (isGraceful) => this.#end(link, isGraceful),
    } satisfies PlugClient;
  };

  readonly #pending = new Set<Sent>();

  #open(will: Said): Link {
    const { topic, payload, isRetained = false } = will;
    const { broker, name, clock } = this.#parts;
    this.down.clear();
    this.up.clear();
    this.#pending.clear();
    const client = broker.client(name, { will: { topic, payload, isRetained }, clock });
    const link: Link = { client, will, owed: [], tellLost: () => undefined, isOver: false };
    this.#link = link;
    client.onLost((why) => this.#lost(link, why));
    return link;
  }

  #isUp(link: Link, listener: () => void): void {
    queueMicrotask(() =>
      this.down.put(() => {
        if (!link.isOver && link.client.isConnected) listener();
      }),
    );
  }

  #arrive(link: Link, sent: Sent | null, hear: () => void): void {
    if (sent !== null) this.#pending.delete(sent);
    if (link.isOver) return;
    this.#obeying = sent;
    hear();
    this.#obeying = null;
  }

  #lost(link: Link, why: string): void {
    if (why === 'the broker stopped') this.#lastWill = link.will;
    if (link.isOver) return;
    const tell = () => {
      if (link.isOver) return;
      link.isOver = true;
      link.tellLost(why);
    };
    this.up.clear();
    const isReset = why === 'the broker cut it';
    if (isReset || this.brokerEnd === 'abruptly') {
      this.down.clear();
      this.#pending.clear();
    }
    const unnoticedMs = isReset || this.brokerEnd === 'in_order' ? 0 : this.#parts.unnoticedMs();
    if (unnoticedMs === 0) this.down.put(tell);
    else this.#parts.clock.after(unnoticedMs, () => this.down.put(tell));
  }

  /** Its own doing, or its power's. */
  #end(link: Link, isGraceful: boolean): void {
    link.isOver = true;
    this.down.clear();
    this.up.clear();
    this.#pending.clear();
    const unnoticedMs = isGraceful ? 0 : this.#parts.unnoticedMs();
    if (unnoticedMs === 0) link.client.close(isGraceful);
    else this.#parts.clock.after(unnoticedMs, () => link.client.close(false));
  }
}
