import type { MeterReading } from '../meter.ts';
import { onePhase } from '../plugs/words/quantities.ts';
import type { GenericMqttSettings } from './settings.ts';
import type { Told } from './told.ts';

type Sources = Pick<GenericMqttSettings['channels'][number], 'power' | 'voltage' | 'current' | 'energy'>;
type Quantity = 'voltage' | 'current' | 'energy';

/** To millivolts, milliamperes, milliwatt-hours, from volts, amperes and kilowatt-hours. */
const FACTORS: Record<Quantity, number> = { voltage: 1000, current: 1000, energy: 1_000_000 };
const QUANTITIES: readonly Quantity[] = ['voltage', 'current', 'energy'];

/**
 * What one channel measures. A message that tells no power is no reading. What stands in the same message as power is of
 * that moment, and null where it is missing; what has a topic of its own is remembered until the next power.
 */
export class ChannelMeter {
  readonly #sources: Sources;
  readonly #last: Partial<Record<Quantity, number | null>> = {};

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  hear(topic: string, told: Told): MeterReading | null {
    for (const quantity of QUANTITIES) {
      const source = this.#sources[quantity];
      if (source?.topic === topic) this.#last[quantity] = told.number(source.path, source.scale * FACTORS[quantity]);
    }
    const { power } = this.#sources;
    const powerMw = power?.topic === topic ? told.number(power.path, power.scale * 1000) : null;
    if (powerMw === null) return null;
    const { voltage = null, current = null, energy = null } = this.#last;
    return onePhase({ powerMw, voltageMv: voltage, currentMa: current, energyImportMwh: energy });
  }
}
