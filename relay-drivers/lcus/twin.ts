import type { Bench, Flavour, Protocol } from '../simulator/protocol.ts';
import { decodeFrame, encodeFrame, encodeRawStates, encodeStatusText, LCUS, STATUS_QUERY } from './codec.ts';

/** One thing that a firmware does with a frame; undefined: it does not know it. */
type Behaviour = (frame: Uint8Array, bench: Bench) => Uint8Array | null | undefined;

/** What every firmware obeys and none answers. */
const setSilently: Behaviour = (frame, bench) => {
  const heard = commandIn(frame);
  if (heard?.command !== LCUS.onSilently && heard?.command !== LCUS.offSilently) return undefined;
  bench.set(heard.channel, heard.command === LCUS.onSilently);
  return null;
};

const sayInWords: Behaviour = (frame, bench) =>
  isStatusQuery(frame) ? encodeStatusText(bench.registers()) : undefined;

/** Claimed once and never confirmed (wire-formats A3). */
const sayRaw: Behaviour = (frame, bench) => (isStatusQuery(frame) ? encodeRawStates(bench.registers()) : undefined);

const giveFeedback: Behaviour = (frame, bench) => {
  const heard = commandIn(frame);
  if (!heard || heard.channel < 1 || heard.channel > bench.channels) return undefined;
  const { channel, command } = heard;
  if (command === LCUS.toggle) bench.flip(channel);
  else if (command === LCUS.on || command === LCUS.off) bench.set(channel, command === LCUS.on);
  else if (command !== LCUS.query) return undefined;
  return encodeFrame({ channel, command: bench.registers()[channel - 1] ? 1 : 0 });
};

/** The look-alike: it looks the same on the bus and knows only `D0 01` and `D0 00`. */
const obeyD0: Behaviour = (frame, bench) => {
  const [head, value] = frame;
  if (frame.length !== 2 || head !== 0xd0 || value === undefined || value > 1) return undefined;
  bench.set(1, value === 1);
  return null;
};

/** Boards of this make take one frame at a time: what comes within 50 ms of the one before is lost. */
function twin(...behaviours: readonly Behaviour[]): Flavour {
  return { unit: 1, powerUpText: null, busyMs: 50, protocol: () => protocol(behaviours) };
}

export const LCUS_TWINS = {
  'lcus-silent': twin(setSilently),
  'lcus-status': twin(setSilently, sayInWords),
  'lcus-feedback': twin(setSilently, giveFeedback),
  'lcus-raw': twin(setSilently, sayRaw),
  'lcus-d0': twin(obeyD0),
} as const satisfies Record<string, Flavour>;

function protocol(behaviours: readonly Behaviour[]): Protocol {
  return {
    hear: (frame, _unit, bench) => {
      for (const behave of behaviours) {
        const said = behave(frame, bench);
        if (said !== undefined) return said;
      }
      return null;
    },
  };
}

function commandIn(frame: Uint8Array) {
  return frame.length === 4 ? decodeFrame(frame) : null;
}

function isStatusQuery(frame: Uint8Array): boolean {
  return frame.length === 1 && frame[0] === STATUS_QUERY[0];
}
