import type { Clock } from '../../relay-drivers/clock.ts';
import type { LedgerPages } from '../backups.ts';
import type { Answer, Input } from '../core/inputs.ts';
import type { ApplianceSettings, Device, MqttUser, Token } from '../core/model.ts';
import type { Log } from '../observe/log.ts';
import type { Settings } from '../settings/types.ts';

/** What the command line needs of a hub. */

export interface HubOptions {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly bootId: string;
  readonly version: string;
  /** A taken port: the next free one, instead of an error (EADDRINUSE). */
  readonly portRetry: boolean;
  /** The built panel. */
  readonly panelDir: string;
  readonly simulated: boolean;
  /** Settled when the ports of the buses are there to be opened; at once where nobody says. A rejection ends the start. */
  readonly portsReady?: Promise<void>;
  /** Appliances for a ledger that has none. */
  readonly seed?: readonly SeedAppliance[];
  /** Who may connect to the embedded broker beside those of the ledger, for as long as this hub runs: simulated plugs. */
  readonly transientMqttUsers?: readonly MqttUser[];
  /** Called when a turn of the queue or an attempt of a driver was finished: feeds the watchdog. */
  readonly onProgress: () => void;
}

/** As `add_appliance` takes it. */
export interface SeedAppliance {
  readonly settings: ApplianceSettings;
  /** What was found, where it hangs on a device on MQTT. */
  readonly device?: Device;
}

/** Where tokens are made and ended. */
export interface TokenDesk {
  ask(input: Input): Promise<Answer>;
  tokens(): readonly Token[];
  /** Of the embedded broker; without those that a start brings along. */
  mqttUsers?(): readonly MqttUser[];
}

/** A board or a meter, and what is probably wrong with it. */
export interface DeviceState {
  /** `board main`, `meter oven`. */
  readonly name: string;
  readonly isWell: boolean;
  readonly what: string;
  readonly advice: string | null;
}

export interface RunningHub {
  /** With the port that it got. */
  readonly url: string;
  /** Where clients of MQTT connect, with the port that it got; null without MQTT. */
  readonly mqttUrl?: string | null;
  /** Opens the panel once. */
  readonly setupLink: string;
  readonly desk: TokenDesk;
  readonly ledger: LedgerPages;
  devices(): readonly DeviceState[];
  /** Asks for one empty turn of the queue, which is then reported as progress. */
  probe(): void;
  /** Resolves when the hub cannot go on. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** A ledger that no hub holds, opened for one question. Refused while another process holds it. */
export type OfflineDesk = TokenDesk & { close(): Promise<void> };
