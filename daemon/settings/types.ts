import type { MeterSettings } from '../../relay-drivers/meter-registry.ts';
import type { BusSettings } from '../../relay-drivers/registry.ts';
import type { CircuitSettings } from '../core/model.ts';

/** The configuration file, read and checked: frozen, with every default filled in. Watts are milliwatts. */
export interface Settings {
  readonly hub: { readonly id: string; readonly name: string; readonly dataDir: string; readonly timezone: string };
  readonly limits: { readonly limitMw: number; readonly nearLimitMw: number; readonly baseLoadMw: number };
  /** Without the root, which is `house`. */
  readonly circuits: readonly CircuitSettings[];
  readonly http: { readonly host: string; readonly port: number };
  readonly mqtt: MqttSettings;
  /** As relay-drivers/registry.ts checked them: what `createBuses` takes. */
  readonly buses: readonly BusSettings[];
  readonly meters: readonly MeterEntry[];
  /** Null: no replication. */
  readonly replication: { readonly url: string } | null;
  readonly log: { readonly level: LogLevel };
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type MqttSettings =
  | { readonly mode: 'embedded'; readonly host: string; readonly port: number }
  | {
      readonly mode: 'external';
      readonly url: string;
      readonly username: string | null;
      readonly passwordFile: string | null;
    };

/** As relay-drivers/meter-registry.ts checked it: what `createMeters` takes, and when its meter counts as silent. */
export type MeterEntry = MeterSettings & { readonly staleAfterMs: number };

/** One thing that is wrong in a configuration file. */
export interface SettingsError {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `limits.limit_w`, `buses[0].unit`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}
