import type { Event } from '../../core/events.ts';
import type { Answer, Input } from '../../core/inputs.ts';
import type { ApplianceView, LoadView, MeterView } from '../../core/views.ts';

/** The decision of a toggle is durable; the relay still has to obey. */
export interface Decided {
  readonly seq: number;
  readonly atWallMs: number;
  readonly changed: boolean;
}

/** What the hub's own topics need of it. All reads are of committed state. */
export interface TopicsPort {
  /** As over HTTP; never rejects. `onDecided` is called at most once, before it resolves. */
  ask(input: Input, onDecided?: (decided: Decided) => void): Promise<Answer>;
  load(): LoadView;
  appliances(): readonly ApplianceView[];
  appliance(id: string): ApplianceView | null;
  /** What the appliance's own meter counted; null where nothing counts it. */
  energyWh(id: string): number | null;
  /** Called after each committed event, in order. Returns what ends it. */
  subscribe(listener: (told: { readonly event: Event }) => void): () => void;
  /** Called whenever a meter says something new, as often as that is. Returns what ends it. */
  onMeter(listener: (meter: Pick<MeterView, 'measures'>) => void): () => void;
}
