import type { HubOptions } from './cli/ports.ts';
import { applianceOf } from './core/audit.ts';
import type { Event } from './core/events.ts';
import type { Appliance } from './core/model.ts';
import type { MeterView } from './core/views.ts';
import type { Hub } from './hub.ts';
import { openTelemetry } from './telemetry/client.ts';
import { clockSureness } from './telemetry/clock-sure.ts';
import type { TelemetryHandle } from './telemetry/port.ts';
import { Recorder } from './telemetry/recorder.ts';

export type PowerHistoryOptions = Pick<HubOptions, 'settings' | 'dataDir' | 'clock' | 'log'> & {
  /** As this machine tells when absent. */
  readonly isClockSure?: () => boolean;
};

/** The power history, joined to a hub: what its meters say, and what is on where nothing measures. Never stops the hub. */
export class PowerHistory {
  readonly store: TelemetryHandle;
  readonly #hub: Hub;
  readonly #options: PowerHistoryOptions;
  readonly #isClockSure: () => boolean;
  /** Meter -> when it was read last. */
  readonly #readAt = new Map<string, string>();
  readonly #unlisten: (() => void)[] = [];
  #recorder: Recorder | null = null;
  #isClosed = false;

  /** Begins as soon as the thread of the history knows what the counters stood at; a tenth of a second is a gap. */
  static join(hub: Hub, options: PowerHistoryOptions): PowerHistory {
    return new PowerHistory(hub, options);
  }

  private constructor(hub: Hub, options: PowerHistoryOptions) {
    const { clock, dataDir, settings } = options;
    this.#hub = hub;
    this.#options = options;
    this.#isClockSure = options.isClockSure ?? clockSureness(clock);
    const { timezone } = settings.hub;
    this.store = openTelemetry({
      dataDir,
      timezone,
      clock,
      isClockSure: this.#isClockSure,
      onTrouble: this.#trouble.bind(this),
    });
    void this.store.opened.then(() => this.#begin());
  }

  /** Writes the open minute at once; the store goes on answering until `store.close()`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const unlisten of this.#unlisten) unlisten();
    await this.#recorder?.close();
  }

  #begin(): void {
    if (this.#isClosed) return;
    const { clock, settings } = this.#options;
    const recorder = new Recorder({
      clock,
      store: this.store,
      baseLoadMw: settings.limits.baseLoadMw,
      isClockSure: this.#isClockSure,
      metered: () => new Set(this.#hub.meters.views().map(({ measures }) => measures)),
      onTrouble: this.#trouble.bind(this),
    });
    this.#recorder = recorder;
    for (const view of this.#hub.meters.views()) this.#heard(recorder, view);
    for (const a of this.#hub.state.appliances.values()) recorder.standing(sourceOf(a.id), standingMw(a));
    this.#unlisten.push(
      this.#hub.meters.onChange((view) => this.#heard(recorder, view)),
      this.#hub.onEvent((event) => this.#committed(recorder, event)),
    );
  }

  /** A view changes for other reasons, too: a reading is what has a new time. */
  #heard(recorder: Recorder, view: MeterView): void {
    const { id, measures, at, stale, power_w } = view;
    if (stale) {
      if (this.#readAt.delete(id)) recorder.silent(measures);
      return;
    }
    if (at === null || power_w === null || this.#readAt.get(id) === at) return;
    this.#readAt.set(id, at);
    const { clock } = this.#options;
    recorder.reading(measures, {
      powerMw: thousandths(power_w),
      voltageMv: voltageMv(view),
      energyMwh: view.energy_import_wh === null ? null : thousandths(view.energy_import_wh),
      exportMwh: view.energy_export_wh === null ? null : thousandths(view.energy_export_wh),
      atUpMs: clock.nowMs(),
      atWallMs: clock.wallMs(),
    });
  }

  #committed(recorder: Recorder, event: Event): void {
    if (event.kind === 'configured') {
      for (const a of this.#hub.state.appliances.values()) recorder.standing(sourceOf(a.id), standingMw(a));
      return;
    }
    const id = applianceOf(event);
    if (id === null) return;
    const a = this.#hub.state.appliances.get(id);
    if (a === undefined) recorder.forget(sourceOf(id));
    else recorder.standing(sourceOf(id), standingMw(a));
  }

  #trouble(what: string, error: unknown): void {
    this.#options.log.child({ part: 'telemetry' }).warn(error === null ? {} : { error: String(error) }, what);
  }
}

function sourceOf(appliance: string): string {
  return `appliance:${appliance}`;
}

/** As far as anybody knows without a meter: its rated watts while it is on, nothing while it is off, else unknown. */
function standingMw(a: Appliance): number | null {
  if (a.retired !== null) return 0;
  if (a.drawsWhileOff || a.observed === 'on') return a.ratedMw;
  return a.observed === 'off' ? 0 : null;
}

/** Of the phases that tell one, their mean. */
function voltageMv({ phases }: MeterView): number | null {
  const told = phases.flatMap(({ voltage_v }) => (voltage_v === null ? [] : [voltage_v]));
  return told.length === 0 ? null : thousandths(told.reduce((sum, v) => sum + v, 0) / told.length);
}

function thousandths(value: number): number {
  return Math.round(value * 1000);
}
