import type { RelayDriver, Terms } from '../driver.ts';
import type { Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { agreed, oneByOne, requireChannel } from '../line/readings.ts';
import {
  encodeChannelQuery,
  encodeState,
  exactBoardState,
  exactChannelState,
  isAskedByChannel,
  STATUS_QUERY,
} from './codec.ts';
import type { KmtronicSettings } from './settings.ts';

/**
 * Replies have no frame: what still comes after one, or the late echo of a write that looks like one, must be over
 * before the next question leaves. Longer than eight characters at 9600 baud.
 */
const REST_MS = 20;

/** KMtronic boards: a write is never answered, and the state can be asked for. */
export function createKmtronic(settings: KmtronicSettings, line: Line): RelayDriver {
  const { id, channels, timeout_ms: timeoutMs } = settings;
  const common = { restMs: REST_MS, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const boardQuestion: Question<boolean[]> = {
    ...common,
    label: `${id}, read relays`,
    request: STATUS_QUERY,
    parse: (bytes) => exactBoardState(channels, bytes),
  };
  const channelQuestion = (channel: number): Question<boolean> => ({
    ...common,
    label: `${id}, read relay ${channel}`,
    request: encodeChannelQuery(channel),
    parse: (bytes) => exactChannelState(channel, bytes),
  });
  const readOnce = (terms: Terms): Promise<boolean[]> =>
    isAskedByChannel(channels)
      ? oneByOne(channels, terms, (channel, each) => line.exchange({ ...channelQuestion(channel), terms: each }))
      : line.exchange({ ...boardQuestion, terms });
  return {
    channels,
    setCoil: async (channel, isOn, terms) => {
      requireChannel(id, channel, channels);
      const label = `${id}, relay ${channel} ${isOn ? 'on' : 'off'}`;
      const request = encodeState(channel, isOn);
      return line.exchange({ ...common, label, request, parse: () => null, unanswered: { reply: 'sent' }, terms });
    },
    readCoils: (terms) => agreed(terms, readOnce),
  };
}
