/** What a family's `twin.ts` implements: the firmware of a simulated plug, with the quirks of wire-formats C. Pure. */

export interface Said {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained?: boolean;
  readonly qos?: 0 | 1;
}

/** The plug as its firmware sees it. Channels count from 1. */
export interface PlugBody {
  readonly channels: number;
  /** The output register, which a welded contact does not follow. */
  isOn(channel: number): boolean;
  /** The firmware switches; `changed` is then called for each channel that did change. */
  set(channel: number, isOn: boolean): void;
  /** Drawn through the contact now. */
  powerW(channel: number): number;
  /** Counted since it was made. */
  energyWh(channel: number): number;
  readonly voltageV: number;
  readonly uptimeS: number;
  /** Seconds since 1970, for stamps in payloads. */
  readonly unixS: number;
}

export interface PlugFirmware {
  readonly will: Said;
  /** What it subscribes to when it is connected. */
  readonly filters: readonly string[];
  readonly reportEveryMs: number;
  /** It is connected: birth, discovery, first states. */
  connected(body: PlugBody): readonly Said[];
  /** A message on one of its filters. It switches through `body.set`; what it says to that is returned or said by `changed`. */
  received(topic: string, payload: string, body: PlugBody): readonly Said[];
  /** A relay changed: by command, by its own button. */
  changed(channel: number, body: PlugBody): readonly Said[];
  /** Its telemetry is due. */
  report(body: PlugBody): readonly Said[];
}

/** How a family's twins are made. `name` is the device's own: a level of all its topics, and its user name at the broker. */
export type PlugFlavour = (name: string, channels: number) => PlugFirmware;
