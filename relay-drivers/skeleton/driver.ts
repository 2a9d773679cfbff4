import type { RelayDriver } from '../driver.ts';
import type { Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { requireChannel } from '../line/readings.ts';
import { encodeRequest, findSetAnswer, findStates, type SkeletonRequest } from './codec.ts';
import type { SkeletonSettings } from './settings.ts';

/** Glue: which frame is asked, and what counts as its answer. Queueing, time, echoes and the port are the line's. */
export function createSkeleton(settings: SkeletonSettings, line: Line): RelayDriver {
  const { id, unit, channels, timeout_ms: timeoutMs } = settings;
  const question = <T>(label: string, request: SkeletonRequest, parse: Question<T>['parse']): Question<T> => ({
    label: `${id}, ${label}`,
    request: encodeRequest(request),
    parse,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return {
    channels,
    setCoil: async (channel, isOn, terms) => {
      requireChannel(id, channel, channels);
      const label = `relay ${channel} ${isOn ? 'on' : 'off'}`;
      const request: SkeletonRequest = { kind: 'set', unit, channel, isOn };
      const asked = question(label, request, (bytes) => findSetAnswer(unit, channel, isOn, bytes));
      await line.exchange({ ...asked, terms });
      return 'acknowledged';
    },
    readCoils: (terms) => {
      const asked = question('read relays', { kind: 'read', unit }, (bytes) => findStates(unit, channels, bytes));
      return line.exchange({ ...asked, terms });
    },
  };
}
