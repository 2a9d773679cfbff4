/** What Home Assistant is told about the hub. */
export interface HubFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Where the panel is, http(s)://...; null when nobody can tell from inside. */
  readonly panelUrl: string | null;
  /** There is a meter of the house. */
  readonly isMetered: boolean;
  /** Ids of the circuits below the house. */
  readonly circuits: readonly string[];
}

/** What Home Assistant is told about an appliance, beside its states. */
export interface ApplianceFacts {
  readonly id: string;
  readonly name: string;
  readonly room: string | null;
  /** Its own meter counts energy. */
  readonly hasCounter: boolean;
  readonly isSimulated: boolean;
}

/** The hub, as this edge needs it. */
export interface HomePort {
  hub(): HubFacts;
  applianceIds(): Iterable<string>;
  appliance(id: string): ApplianceFacts | null;
  /** An appliance was added, changed, removed, or got a meter. Said too often it does no harm. Returns what ends it. */
  onChange(listener: (applianceId: string) => void): () => void;
  /** The hub's own retained topics are said again. */
  republish(): void;
}

export interface HomeAssistantSettings {
  /** Its discovery prefix, `homeassistant` unless somebody changed it there. */
  readonly prefix: string;
  /** False: nothing is announced, and what an earlier run announced is taken back. */
  readonly enabled: boolean;
}
