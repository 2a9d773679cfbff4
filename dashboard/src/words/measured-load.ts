import type { LoadView, MeterView } from '../wire.ts';
import { type Moment, sayFlow, sayMeterAge } from './meter.ts';
import { sayMeasured, sayWatts, subtractWatts } from './watts.ts';

/** What the house is counted with, and beside it what its meter says. */
export interface MeasuredLoadWords {
  readonly reserved: string;
  readonly counted: string;
  readonly measured: string;
  readonly isExport: boolean;
  /** The dial points at it. */
  readonly hasNeedle: boolean;
  readonly compared: string;
  /** More is drawn than is counted. */
  readonly isMore: boolean;
  /** Null while the measured figure is one of now. */
  readonly age: string | null;
}

/** Null where the house has no meter. */
export function sayMeasuredLoad(load: LoadView, meter: MeterView | null, moment: Moment): MeasuredLoadWords | null {
  if (meter === null) return null;
  const { power_w: powerW } = meter;
  return {
    reserved: sayWatts(load.reserved_w),
    counted: 'what may be drawn at once',
    measured: powerW === null ? 'No value' : sayMeasured(powerW),
    isExport: powerW !== null && sayFlow(powerW) === 'export',
    hasNeedle: load.measured_w !== null,
    compared: powerW === null ? '' : sayCompared(powerW, load.reserved_w),
    isMore: powerW !== null && powerW > load.reserved_w,
    age: sayMeterAge(meter, moment),
  };
}

function sayCompared(measuredW: number, reservedW: number): string {
  if (sayFlow(measuredW) === 'export') return 'more is made than drawn';
  const moreW = subtractWatts(measuredW, reservedW);
  if (moreW === 0) return 'as much as reserved';
  return `${sayMeasured(moreW)} ${moreW > 0 ? 'more' : 'less'} than reserved`;
}
