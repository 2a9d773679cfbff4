import type { Flavour, Protocol } from '../simulator/protocol.ts';
import { decodeRequest, encodeBoardState, encodeState } from './codec.ts';

/** Writes are obeyed and not answered; nothing tells a spoiled byte from a right one. */
const kmtronic: Protocol = {
  hear: (frame, _unit, bench) => {
    const request = decodeRequest(frame, bench.channels);
    switch (request?.kind) {
      case 'on':
      case 'off':
        bench.set(request.channel, request.kind === 'on');
        return null;
      case 'status': {
        const isOn = bench.registers()[request.channel - 1];
        return isOn === undefined ? null : encodeState(request.channel, isOn);
      }
      case 'all':
        return encodeBoardState(bench.registers());
      case undefined:
        return null;
    }
  },
};

export const KMTRONIC_TWINS = {
  kmtronic: { unit: 1, powerUpText: null, protocol: () => kmtronic },
} as const satisfies Record<string, Flavour>;
