import { isBelow, isHeld, isReleased, reservedMw } from '../core/capacity.ts';
import { meaning } from '../core/metered.ts';
import { type Appliance, HOUSE } from '../core/model.ts';
import type { MeterView } from '../core/views.ts';
import { CircuitMeter } from './circuit-meter.ts';
import { stepUp, TIMES } from './limits.ts';
import { meteredAppliance, meteredCircuit } from './measures.ts';
import type { Metered, MetersParts } from './port.ts';
import { StuckContact } from './stuck-contact.ts';
import { type Heard, MeterWatch } from './watch.ts';

/** All meters of the hub: what they say is shown, and what decides something becomes an input. */
export class Meters {
  readonly #parts: MetersParts;
  readonly #watches: MeterWatch[];
  /** Appliance -> its meter. */
  readonly #ofAppliances = new Map<string, MeterWatch>();
  /** Those of them that talk often enough to be set against the meter of a circuit. */
  readonly #prompt = new Map<string, MeterWatch>();
  readonly #ofCircuits = new Map<string, { readonly watch: MeterWatch; glue: CircuitMeter | null }>();
  readonly #listeners = new Set<(view: MeterView) => void>();
  #isStarted = false;

  constructor(parts: MetersParts) {
    this.#parts = parts;
    this.#watches = parts.meters.map((metered) => this.#watch(metered));
  }

  /** The state must be as configured: what was held before is held on. */
  start(): void {
    const noticedMs = this.#watches.map(({ metered }) => metered.handNoticedMs);
    const timelyMs = [...this.#prompt.values()].map((watch) => watch.timelyMs + TIMES.slackMs);
    const settleMs = Math.max(TIMES.settleMs, ...noticedMs, ...timelyMs);
    for (const [circuit, place] of this.#ofCircuits) {
      const lessMw = () => this.#measuredLessMw(circuit);
      place.glue = new CircuitMeter(circuit, place.watch.metered, settleMs, this.#parts, lessMw);
    }
    this.stateChanged();
    for (const watch of this.#watches) watch.start();
    this.#isStarted = true;
  }

  /** The meter of a device that was adopted. An appliance that has a meter already keeps that one. */
  add(metered: Metered): void {
    const appliance = meteredAppliance(metered.meter.settings.measures);
    if (appliance === null || this.#ofAppliances.has(appliance)) return;
    const watch = this.#watch(metered);
    this.#watches.push(watch);
    if (this.#isStarted) watch.start();
  }

  remove(id: string): void {
    const at = this.#watches.findIndex((watch) => watch.id === id);
    const [watch] = at < 0 ? [] : this.#watches.splice(at, 1);
    if (watch === undefined) return;
    watch.close();
    for (const map of [this.#ofAppliances, this.#prompt])
      for (const [appliance, one] of map) if (one === watch) map.delete(appliance);
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
    for (const { glue } of this.#ofCircuits.values()) glue?.close();
  }

  /** Called after each event: what the appliances count may have changed. */
  stateChanged(): void {
    for (const { glue } of this.#ofCircuits.values()) glue?.recount();
  }

  views(): MeterView[] {
    return this.#watches.map(({ view }) => view);
  }

  /** Called whenever a view changed. Returns what ends it. */
  onChange(listener: (view: MeterView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Imported since the meter of this appliance counts; null without one, or where it counts nothing. */
  applianceMwh(id: string): number | null {
    return this.#ofAppliances.get(id)?.energyMwh ?? null;
  }

  /** Null while it has no meter of its own, or a stale one. */
  applianceMw(id: string): number | null {
    return this.#ofAppliances.get(id)?.freshMw ?? null;
  }

  get houseMw(): number | null {
    return this.#ofCircuits.get(HOUSE)?.watch.freshMw ?? null;
  }

  #watch(metered: Metered): MeterWatch {
    const { measures } = metered.meter.settings;
    const [circuit, appliance] = [meteredCircuit(measures), meteredAppliance(measures)];
    const contact = new StuckContact();
    const reading = (heard: Heard) => {
      if (appliance !== null) this.#heardAppliance(appliance, heard, isPrompt(metered) ? contact : null);
      if (circuit !== null) this.#heardCircuit(circuit, heard);
    };
    const changed = () => this.#changed(watch);
    const watch: MeterWatch = new MeterWatch(metered, this.#parts, { reading, changed });
    if (appliance !== null) this.#ofAppliances.set(appliance, watch);
    if (appliance !== null && isPrompt(metered)) this.#prompt.set(appliance, watch);
    if (circuit !== null) this.#ofCircuits.set(circuit, { watch, glue: null });
    return watch;
  }

  /** Told in steps: what creeps is no event for each watt. */
  #heardAppliance(id: string, heard: Heard, contact: StuckContact | null): void {
    const a = this.#parts.state.appliances.get(id);
    const powerMw = a === undefined ? null : decisive(a, heard, contact);
    if (powerMw !== null) this.#parts.tell({ kind: 'measured', appliance: id, powerMw });
    if (this.#prompt.has(id)) this.stateChanged();
  }

  #heardCircuit(id: string, { atMs, reading: { powerMw } }: Heard): void {
    this.#ofCircuits.get(id)?.glue?.measured({ atMs, powerMw });
  }

  #changed(watch: MeterWatch): void {
    const { view } = watch;
    for (const listener of this.#listeners) listener(view);
  }

  /** What is off is nobody's excuse: a contact that is welded shows as background. */
  #measuredLessMw(circuit: string): number {
    const { state } = this.#parts;
    let lessMw = 0;
    for (const [id, watch] of this.#prompt) {
      const a = state.appliances.get(id);
      const drawnMw = watch.timelyMw;
      if (a === undefined || drawnMw === null || isHeld(a) || !isBelow(state, a, circuit)) continue;
      lessMw += Math.max(0, reservedMw(a) - Math.max(0, drawnMw));
    }
    return lessMw;
  }
}

/** What is to be told of a sample; null: it decides nothing. What is off is believed to be off until its meter insists. */
function decisive(a: Appliance, { atMs, reading: { powerMw } }: Heard, contact: StuckContact | null): number | null {
  const what = meaning(a, powerMw);
  if (isReleased(a)) return contact?.draws(atMs, powerMw) === true && what !== null ? stepUp(powerMw) : null;
  contact?.forget();
  if (what === 'draws_no_more') return powerMw;
  return what === null ? null : stepUp(powerMw);
}

function isPrompt({ periodMs }: Metered): boolean {
  return periodMs <= TIMES.promptPeriodMs;
}
