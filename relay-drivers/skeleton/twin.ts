import type { MeterProtocol } from '../simulator/meter-twin.ts';
import type { Flavour } from '../simulator/protocol.ts';
import { decodeRequest, encodeMeasured, encodeSetAnswer, encodeStates } from './codec.ts';

/** The simulated board. Its relays, its power and its faults are the simulator's; what it says is told here. */
export const SKELETON_TWIN: Flavour = {
  unit: 1,
  powerUpText: null,
  protocol: () => ({
    hear: (frame, unit, bench) => {
      const request = decodeRequest(frame);
      if (request?.unit !== unit) return null;
      if (request.kind === 'read') return encodeStates(unit, bench.registers());
      if (request.kind !== 'set' || request.channel < 1 || request.channel > bench.channels) return null;
      bench.set(request.channel, request.isOn);
      return encodeSetAnswer(unit, request.channel, request.isOn);
    },
  }),
};

/** The simulated meter: `truth` is what it measures, set from outside. */
export const SKELETON_METER_TWIN: MeterProtocol = {
  kind: 'polled',
  unit: 2,
  hear: (frame, unit, truth) => {
    const request = decodeRequest(frame);
    return request?.unit === unit && request.kind === 'measure' ? encodeMeasured(unit, truth.powerMw) : null;
  },
};
