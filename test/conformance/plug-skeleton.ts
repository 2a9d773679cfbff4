import type { PlugProtocol, PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { at, field, listIn, objectIn, parseObject } from '../../relay-drivers/plugs/words/json.ts';
import { onePhase, thousandths } from '../../relay-drivers/plugs/words/quantities.ts';
import { textIn } from '../../relay-drivers/plugs/words/text.ts';
import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../../relay-drivers/simulator/plug-twin.ts';
import type { MqttMessage } from '../../relay-drivers/transport/mqtt.ts';
import { NAME, type PlugSubject } from './plug-world.ts';

/**
 * Devices that nobody sells, one of each kind that the suite must know: `asked` tells what it is when it is asked;
 * `telling` tells each change, retained, and cannot be asked; `numbered` answers each question by its number.
 */
export type SkeletonKind = 'asked' | 'telling' | 'numbered';

const TIMEOUT_MS = 2000;
const REPORT_EVERY_MS = 10_000;

export function skeletonProtocol(kind: SkeletonKind, name: string, channels: number): PlugProtocol {
  const base = `skeleton/${name}`;
  return {
    channels,
    filters: [`${base}/online`, `${base}/relay/+`, `${base}/power/+`, `${base}/all`, `${base}/answer`],
    hear: (message) => wordsOf(base, message),
    command: (channel, isOn, question) => ({
      topic: `${base}/set/${channel}`,
      payload: kind === 'numbered' ? JSON.stringify({ on: isOn, question }) : isOn ? 'on' : 'off',
    }),
    numbersAnswers: kind === 'numbered',
    queries: (question) => (kind === 'telling' ? [] : [{ topic: `${base}/get`, payload: String(question) }]),
    powerEveryMs: REPORT_EVERY_MS,
    timeoutMs: TIMEOUT_MS,
  };
}

function wordsOf(base: string, { topic, payload }: MqttMessage): PlugWord[] {
  const [what, number] = topic.slice(base.length + 1).split('/');
  const channel = Number(number);
  if (what === 'online') return presenceIn(textIn(payload));
  if (what === 'relay') return relayIn(channel, textIn(payload));
  const told = parseObject(payload);
  if (what === 'power') return powerIn(channel, field(told ?? undefined, 'power'));
  if (what === 'answer') return answerIn(at(told ?? undefined, 'question'), at(told ?? undefined, 'ok'));
  const relays = listIn(field(told ?? undefined, 'relays')) ?? [];
  return relays.flatMap((relay, index) => {
    const isOn = field(objectIn(relay) ?? undefined, 'on');
    const words = powerIn(index + 1, field(objectIn(relay) ?? undefined, 'power'));
    return typeof isOn === 'boolean' ? [{ kind: 'relay', channel: index + 1, isOn } as const, ...words] : words;
  });
}

function presenceIn(text: string | null): PlugWord[] {
  return text === 'yes' || text === 'no' ? [{ kind: 'presence', isOnline: text === 'yes' }] : [];
}

function relayIn(channel: number, text: string | null): PlugWord[] {
  return text === 'on' || text === 'off' ? [{ kind: 'relay', channel, isOn: text === 'on' }] : [];
}

function powerIn(channel: number, power: unknown): PlugWord[] {
  const powerMw = typeof power === 'number' ? thousandths(power) : null;
  return powerMw === null ? [] : [{ kind: 'power', channel, reading: onePhase({ powerMw }) }];
}

function answerIn(question: unknown, isOk: unknown): PlugWord[] {
  if (typeof question !== 'number' || typeof isOk !== 'boolean') return [];
  return [{ kind: 'answer', question, isOk, detail: null }];
}

export const skeletonTwin =
  (kind: SkeletonKind): PlugFlavour =>
  (name, channels): PlugFirmware => {
    const base = `skeleton/${name}`;
    const isRetained = kind === 'telling';
    const all = Array.from({ length: channels }, (_, index) => index + 1);
    const relay = (channel: number, body: PlugBody): Said => ({
      topic: `${base}/relay/${channel}`,
      payload: body.isOn(channel) ? 'on' : 'off',
      isRetained,
    });
    const power = (channel: number, body: PlugBody): Said => ({
      topic: `${base}/power/${channel}`,
      payload: JSON.stringify({ power: body.powerW(channel), voltage: body.voltageV }),
    });
    const whole = (body: PlugBody): Said => ({
      topic: `${base}/all`,
      payload: JSON.stringify({ relays: all.map((each) => ({ on: body.isOn(each), power: body.powerW(each) })) }),
    });
    const answer = (question: unknown): Said[] =>
      kind === 'numbered' ? [{ topic: `${base}/answer`, payload: JSON.stringify({ question, ok: true }) }] : [];
    return {
      will: { topic: `${base}/online`, payload: 'no', isRetained: true },
      filters: [`${base}/set/+`, `${base}/get`],
      reportEveryMs: REPORT_EVERY_MS,
      connected: (body) => [
        { topic: `${base}/online`, payload: 'yes', isRetained: true },
        ...all.map((each) => relay(each, body)),
      ],
      received: (topic, payload, body) => {
        if (topic.endsWith('/get')) return kind === 'telling' ? [] : [whole(body), ...answer(Number(payload))];
        const channel = Number(topic.slice(topic.lastIndexOf('/') + 1));
        const told = kind === 'numbered' ? (JSON.parse(payload) as { on: boolean; question: number }) : null;
        const was = body.isOn(channel);
        body.set(channel, told?.on ?? payload === 'on');
        const isNews = body.isOn(channel) !== was;
        return [...(isNews || kind === 'telling' ? [] : [relay(channel, body)]), ...answer(told?.question)];
      },
      changed: (channel, body) => [relay(channel, body), power(channel, body)],
      report: (body) => (kind === 'telling' ? all.map((each) => power(each, body)) : [whole(body)]),
    };
  };

export function skeletonSubject(kind: SkeletonKind, channels = 3): PlugSubject {
  return {
    name: `a device of the kind "${kind}"`,
    flavour: skeletonTwin(kind),
    channels,
    create: () => skeletonProtocol(kind, NAME, channels),
    powerStepMw: 1,
  };
}

export const SKELETON_PLUGS: readonly PlugSubject[] = [
  skeletonSubject('asked'),
  skeletonSubject('telling'),
  skeletonSubject('numbered'),
  skeletonSubject('asked', 1),
];
