import type { Event } from '../../daemon/core/events.ts';
import type { Cause, Who } from '../../daemon/core/model.ts';

export const ANN: Who = { principal: 'token:3f2a', name: 'Ann', role: 'operator', source: 'http' };

type Stamp = Pick<Event, 'seq' | 'upMs' | 'wallMs' | 'who' | 'reservedMw' | 'limitMw'>;

function stamp(seq: number): Stamp {
  return { seq, upMs: seq * 10, wallMs: 1_760_000_000_000 + seq, who: ANN, reservedMw: 2_500_500, limitMw: 5_000_000 };
}

type Ordered = Extract<Event, { kind: 'ordered' }>;

/** A grant: the only kind of event that a ledger without room refuses. */
export function granted(seq: number): Ordered {
  return ordered(seq, true, 'request');
}

export function switchedOff(seq: number): Ordered {
  return ordered(seq, false, 'request');
}

export function ordered(seq: number, isOn: boolean, cause: Cause): Ordered {
  const request = { isOn, key: `k${seq}`, hash: 'ab' };
  return {
    kind: 'ordered',
    appliance: 'oven',
    isOn,
    generation: seq,
    cause,
    isSettled: false,
    replaces: null,
    request,
    ...stamp(seq),
  };
}

/** Events `from` to `to`, both included. */
export function grants(from: number, to: number): Event[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => granted(from + index));
}
