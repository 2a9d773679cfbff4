import { DriverError, type Terms } from '../driver.ts';
import type { Line } from '../line/line.ts';
import type { MeterReading, PhaseReading, PolledMeter } from '../meter.ts';
import { registerReadMs } from '../modbus/exchange-time.ts';
import { meterTimeoutMs, readRegisters } from '../modbus/read-registers.ts';
import {
  type Block,
  blockRequest,
  ENERGIES,
  type Energies,
  energiesIn,
  ONE_PHASE,
  phasesIn,
  THREE_PHASES,
  TOTAL,
  totalPowerIn,
} from './codec.ts';
import { MODELS } from './models.ts';
import type { EastronSdmSettings } from './settings.ts';

/** "Devices like SDM need a little pause" when the line spoke to another unit before (mbmd; wire-formats B2). */
export const SDM_HUSH_MS = 200;
/** Energies move slowly: they are asked with every tenth reading and repeated in between. */
export const READINGS_PER_ENERGY = 10;

export interface EastronSdmMeter extends PolledMeter {
  /** The silence that a reading needs where the meter shares its line. */
  readonly hushMs: number;
}

/** Eastron SDM120, 220, 230, 630 and 72. */
export function createEastronSdm(settings: EastronSdmSettings, line: Line, baud: number): EastronSdmMeter {
  const meter = new SdmMeter(settings, line, baud);
  return {
    kind: 'polled',
    lineTimeMs: lineTimeMs(MODELS[settings.model].phases, baud),
    hushMs: SDM_HUSH_MS,
    read: (terms) => meter.read(terms),
  };
}

/** Of one reading, with its share of the energies. */
function lineTimeMs(phases: 1 | 3, baud: number): number {
  const [each, total] = phases === 3 ? [THREE_PHASES, registerReadMs(baud, TOTAL.quantity)] : [ONE_PHASE, 0];
  return registerReadMs(baud, each.quantity) + total + registerReadMs(baud, ENERGIES.quantity) / READINGS_PER_ENERGY;
}

const NO_ENERGIES: Energies = { energyImportMwh: null, energyExportMwh: null };

class SdmMeter {
  readonly #settings: EastronSdmSettings;
  readonly #line: Line;
  readonly #baud: number;
  readonly #phaseCount: 1 | 3;
  /** The first SDM72 has no registers for its phases (mbmd's table of it); learnt from its refusal. */
  #tellsPhases = true;
  #readings = 0;
  #energies = NO_ENERGIES;

  constructor(settings: EastronSdmSettings, line: Line, baud: number) {
    this.#settings = settings;
    this.#line = line;
    this.#baud = baud;
    this.#phaseCount = MODELS[settings.model].phases;
  }

  async read(terms: Terms): Promise<MeterReading> {
    const phases = await this.#phases(terms);
    const powerMw = this.#phaseCount === 1 ? phases[0]?.powerMw : totalPowerIn(await this.#ask(TOTAL, terms));
    if (powerMw === null || powerMw === undefined) throw this.#tellsNoPower();
    if (this.#readings % READINGS_PER_ENERGY === 0) this.#energies = await this.#askEnergies(terms);
    this.#readings += 1;
    return { powerMw, phases, ...this.#energies };
  }

  async #phases(terms: Terms): Promise<PhaseReading[]> {
    if (!this.#tellsPhases) return [];
    try {
      return phasesIn(await this.#ask(this.#phaseCount === 1 ? ONE_PHASE : THREE_PHASES, terms), this.#phaseCount);
    } catch (error) {
      if (this.#settings.model !== 'sdm72' || !isCode(error, 'exception')) throw error;
      this.#tellsPhases = false;
      return [];
    }
  }

  /** The power is known by now: energies that are lost or refused do not take it away. */
  async #askEnergies(terms: Terms): Promise<Energies> {
    try {
      return energiesIn(await this.#ask(ENERGIES, terms));
    } catch (error) {
      if (isCode(error, 'timeout')) return this.#energies;
      if (isCode(error, 'exception')) return NO_ENERGIES;
      throw error;
    }
  }

  #ask(block: Block, terms: Terms): Promise<number[]> {
    const { unit, timeout_ms } = this.#settings;
    const read = {
      label: `${this.#name}, ${block.name}`,
      request: blockRequest(unit, block),
      timeoutMs: timeout_ms ?? meterTimeoutMs(this.#baud, block.quantity),
      hush: { device: `eastron-sdm ${unit}`, ms: SDM_HUSH_MS },
    };
    return readRegisters(this.#line, read, terms);
  }

  #tellsNoPower(): DriverError {
    return new DriverError(
      'exception',
      `${this.#name}: it answered, but its total power is not a number; is its model right?`,
    );
  }

  get #name(): string {
    return `meter ${this.#settings.id} (unit ${this.#settings.unit})`;
  }
}

function isCode(error: unknown, code: DriverError['code']): boolean {
  return error instanceof DriverError && error.code === code;
}
