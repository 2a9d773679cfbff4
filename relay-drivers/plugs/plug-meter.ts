import type { MeterReading } from '../meter.ts';
import type { OpeningState } from './opening.ts';
import type { Plug } from './plug.ts';

/** What a `Meter` of kind `pushed` is made of (relay-drivers/meters.ts), for what a device on MQTT measures itself. */
export interface PlugMeter {
  readonly kind: 'pushed';
  readonly id: string;
  readonly settings: { readonly driver: string; readonly measures: string };
  readonly opening: {
    readonly state: OpeningState;
    onStateChange(listener: (state: OpeningState) => void): () => void;
  };
  readonly periodMs: number;
  onReading(listener: (reading: MeterReading) => void): void;
  onDamaged(listener: (reason: string) => void): void;
  /** It tells nobody any more: appliances and their plugs come and go. */
  close(): void;
}

export interface PlugMeterNames {
  readonly id: string;
  readonly driver: string;
  /** `appliance:<id>`. */
  readonly measures: string;
}

/** The meter in one channel of a plug; null where it has none. */
export function plugMeter(plug: Plug, channel: number, { id, driver, measures }: PlugMeterNames): PlugMeter | null {
  const { powerEveryMs: periodMs } = plug;
  if (periodMs === null) return null;
  const ends: (() => void)[] = [];
  return {
    kind: 'pushed',
    id,
    settings: { driver, measures },
    opening: plug,
    periodMs,
    onReading: (listener) => {
      const heard = (of: number, reading: MeterReading): void => {
        if (of === channel) listener(reading);
      };
      ends.push(plug.onPower(heard));
    },
    // Payloads that tell no power are normal here (wire-formats C3), and who is silent is found by that.
    onDamaged: () => undefined,
    close: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}
