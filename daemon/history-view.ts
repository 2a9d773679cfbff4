import type { EnergyQuestion, EnergyTotal, HistoryPort, HistoryState, PowerPoint } from './http/history-port.ts';
import { HistoryTrouble } from './http/history-port.ts';
import type { ReplicatorState } from './replication/port.ts';
import { Calendar } from './telemetry/calendar.ts';
import { asTelemetryError } from './telemetry/errors.ts';
import type { EnergyRow, TelemetryHandle } from './telemetry/port.ts';

export interface Looked {
  readonly timezone: string;
  /** Null while it is being opened. */
  readonly telemetry: () => TelemetryHandle | null;
  /** Null where nothing is copied. */
  readonly replication: () => ReplicatorState | null;
}

const HOUR_MS = 3_600_000;

/** The power history as clients see it, from before it is open until the hub stops. */
export class HistoryView implements HistoryPort {
  readonly timezone: string;
  readonly #looked: Looked;
  readonly #calendar: Calendar;

  constructor(looked: Looked) {
    this.timezone = looked.timezone;
    this.#looked = looked;
    this.#calendar = new Calendar(looked.timezone);
  }

  state(): HistoryState {
    const telemetry = this.#looked.telemetry();
    if (telemetry === null) return { state: 'opening', what: null, rev: 0 };
    return { ...telemetry.condition, rev: telemetry.lastRev() };
  }

  power(question: Parameters<HistoryPort['power']>[0]): Promise<readonly PowerPoint[]> {
    return this.#ask((telemetry) => telemetry.power(question));
  }

  async energy(question: EnergyQuestion): Promise<readonly EnergyTotal[]> {
    const rows = await this.#ask((telemetry) => telemetry.energy(question));
    return rows.map((row) => ({ ...row, spanMs: this.#spanMs(question, row) }));
  }

  replication(): ReplicatorState | null {
    return this.#looked.replication();
  }

  #spanMs({ group, fromMs, toMs }: EnergyQuestion, { startMs }: EnergyRow): number {
    if (group === 'none') return toMs - fromMs;
    if (group === 'hour') return HOUR_MS;
    if (group === 'day') return this.#calendar.dayEnd(startMs) - startMs;
    return this.#calendar.monthOf(startMs).endMs - startMs;
  }

  async #ask<T>(work: (telemetry: TelemetryHandle) => Promise<T>): Promise<T> {
    const telemetry = this.#looked.telemetry();
    if (telemetry === null) throw new HistoryTrouble('unavailable', 'The power history is being opened.');
    try {
      return await work(telemetry);
    } catch (error) {
      const { code, what, advice } = asTelemetryError(error, 'the power history cannot be read');
      throw new HistoryTrouble(code === 'telemetry_too_much' ? 'too_much' : 'unavailable', `${what}: ${advice}`, {
        cause: error,
      });
    }
  }
}
