import type { Line } from '../line/line.ts';
import type { PolledMeter } from '../meter.ts';
import { exchangeMs } from '../modbus/exchange-time.ts';
import { encodeRequest, findMeasured } from './codec.ts';
import type { SkeletonMeterSettings } from './settings.ts';

const REQUEST_BYTES = 6;
const REPLY_BYTES = 8;

/** A meter that is asked and tells one number: what it does not tell is null, never 0. */
export function createSkeletonMeter(settings: SkeletonMeterSettings, line: Line, baud: number): PolledMeter {
  const { id, unit, timeout_ms: timeoutMs } = settings;
  const question = {
    label: `meter ${id}, power`,
    request: encodeRequest({ kind: 'measure', unit }),
    parse: (bytes: Uint8Array) => findMeasured(unit, bytes),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  return {
    kind: 'polled',
    lineTimeMs: exchangeMs(baud, REQUEST_BYTES, REPLY_BYTES),
    read: async (terms) => {
      const powerMw = await line.exchange({ ...question, terms });
      return { powerMw, phases: [], energyImportMwh: null, energyExportMwh: null };
    },
  };
}
