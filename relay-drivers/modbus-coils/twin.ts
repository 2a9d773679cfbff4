import type { Bench, Flavour, Protocol } from '../simulator/protocol.ts';
import { encodeException } from './codec.ts';
import { type HeardRequest, RequestStream } from './requests.ts';
import {
  type Behaviour,
  pulseCoil,
  readBits,
  silentUnlessWhole,
  toggleCoil,
  unknownAddress,
  writeCoil,
  writeCoils,
  writeEveryCoil,
} from './twin/behaviours.ts';
import { withInputModes } from './twin/input-registers.ts';
import { withLctechRegisters } from './twin/lctech-registers.ts';

/** What an LC-Modbus board says unasked when it gets power (wire-formats A1, quirk 1). */
export const BANNER = new TextEncoder().encode('Thank you for using the Modbus modules of LCTECH\r\n');

/** Unit 0 is everybody: a write is carried out and nobody answers (Modbus over serial line, 2.1). */
const BROADCAST = 0;

const WAVESHARE = [readBits, writeEveryCoil, toggleCoil, writeCoil, pulseCoil, writeCoils, unknownAddress];

export const MODBUS_COILS_TWINS = {
  waveshare: {
    unit: 1,
    powerUpText: null,
    protocol: () => coilProtocol(WAVESHARE),
  },
  lctech: {
    unit: 255,
    powerUpText: BANNER,
    protocol: () =>
      withLctechRegisters(coilProtocol([silentUnlessWhole, readBits, writeCoil, writeCoils, unknownAddress])),
  },
  /** With a register for each input that says what the board does at it. */
  'waveshare-d': {
    unit: 1,
    powerUpText: null,
    protocol: () => withInputModes(coilProtocol(WAVESHARE)),
  },
} as const satisfies Record<string, Flavour>;

/** The first behaviour that knows the request answers it. */
function coilProtocol(behaviours: readonly Behaviour[]): Protocol {
  return {
    hear: (frame, unit, bench) => {
      const heard = requestIn(frame);
      if (!heard || (heard.request.unit !== unit && heard.request.unit !== BROADCAST)) return null;
      const reply = carryOut(behaviours, heard, bench);
      return heard.request.unit === BROADCAST ? null : reply;
    },
  };
}

function carryOut(behaviours: readonly Behaviour[], { request, frame }: HeardRequest, bench: Bench): Uint8Array | null {
  if (request.kind === 'refused') return encodeException(request.unit, request.functionCode, request.exception);
  for (const behave of behaviours) {
    const outcome = behave(request, frame, bench);
    if (outcome !== undefined) return outcome;
  }
  return null;
}

/** A board takes what stood between two silences as one frame; with anything before or behind it, it is none. */
function requestIn(frame: Uint8Array): HeardRequest | null {
  const [heard] = new RequestStream().push(frame);
  return heard?.frame.length === frame.length ? heard : null;
}
