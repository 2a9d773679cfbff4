import type { Clock } from '../../relay-drivers/clock.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import type { ConnectPlug, PlugClient } from '../../relay-drivers/simulator/plug-client.ts';
import { mqttPlug } from '../../relay-drivers/simulator/plug-mqtt.ts';
import type { Random } from '../../relay-drivers/simulator/spoil.ts';
import type { BrokerOf } from './plug-broker.ts';
import type { NamedPlug } from './simulated-plugs.ts';

/** Plugs that have power from the start and a broker once somebody says where it is. */
export class PlugFleet {
  readonly plugs: readonly SimulatedPlug[];
  /** What each channel was made to draw, plug by plug. */
  readonly loadsW: readonly number[];
  readonly #ways = new Map<string, ConnectPlug>();

  constructor(settings: readonly NamedPlug[], clock: Clock, random: Random) {
    this.loadsW = settings.flatMap(({ channels, loadsW = [] }) =>
      Array.from({ length: channels }, (_, index) => loadsW[index] ?? 0),
    );
    this.plugs = settings.map((plug) => {
      const connect: ConnectPlug = (will) => this.#ways.get(plug.name)?.(will) ?? NOWHERE;
      return new SimulatedPlug(plug, { connect, clock, random });
    });
    for (const plug of this.plugs) plug.start();
  }

  /** They leave the broker that they have, as if their cable was pulled, and connect to this one. */
  async connect(brokerOf: BrokerOf): Promise<void> {
    for (const { name } of this.plugs) this.#ways.set(name, await mqttPlug(brokerOf(name), name));
    for (const plug of this.plugs) {
      const { vanish } = plug.faults();
      plug.setFaults({ vanish: true });
      plug.setFaults({ vanish });
    }
  }

  close(): void {
    for (const plug of this.plugs) plug.close();
  }
}

/** No broker is known yet: the plug waits. */
const NOWHERE: PlugClient = {
  onUp: () => undefined,
  onLost: () => undefined,
  onMessage: () => undefined,
  subscribe: () => undefined,
  publish: () => undefined,
  end: () => undefined,
};
