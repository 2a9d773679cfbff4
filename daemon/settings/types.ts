import type { MeterSettings } from '../../relay-drivers/meter-registry.ts';
import type { PlugSettings } from '../../relay-drivers/plug-registry.ts';
import type { BusSettings } from '../../relay-drivers/registry.ts';
import type { CircuitSettings, MqttRole } from '../core/model.ts';

/** The configuration file, read and checked: frozen, with every default filled in. Watts are milliwatts. */
export interface Settings {
  readonly hub: { readonly id: string; readonly name: string; readonly dataDir: string; readonly timezone: string };
  readonly limits: { readonly limitMw: number; readonly nearLimitMw: number; readonly baseLoadMw: number };
  /** Without the root, which is `house`. */
  readonly circuits: readonly CircuitSettings[];
  readonly http: { readonly host: string; readonly port: number };
  readonly mqtt: MqttSettings;
  /** The boards on serial lines, as relay-drivers/registry.ts checked them: what `createBuses` takes. */
  readonly buses: readonly BusSettings[];
  /** The devices on MQTT among `buses` of the file, as relay-drivers/plug-registry.ts checked them: what `plugProtocol` takes. */
  readonly plugs: readonly PlugSettings[];
  readonly meters: readonly MeterEntry[];
  /** Null: no replication. */
  readonly replication: ReplicationSettings | null;
  readonly log: { readonly level: LogLevel };
}

export interface ReplicationSettings {
  /** With whatever secrets it has. */
  readonly url: string;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  /** What libpq's sslmode of the same name means. */
  readonly tls: 'disable' | 'require' | 'verify-ca' | 'verify-full';
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Not enabled: what an earlier run announced there is taken back. */
export interface HomeAssistantSettings {
  readonly enabled: boolean;
  readonly prefix: string;
}

export type MqttSettings =
  | {
      readonly mode: 'embedded';
      readonly host: string;
      /** 0: any free one. */
      readonly port: number;
      readonly tls: { readonly certFile: string; readonly keyFile: string; readonly port: number } | null;
      readonly homeAssistant: HomeAssistantSettings;
    }
  | {
      readonly mode: 'external';
      /** Without user and password. */
      readonly url: string;
      readonly username: string | null;
      readonly passwordFile: string | null;
      readonly caFile: string | null;
      /** Of everybody who publishes there. */
      readonly role: MqttRole;
      readonly homeAssistant: HomeAssistantSettings;
    }
  | { readonly mode: 'off' };

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
