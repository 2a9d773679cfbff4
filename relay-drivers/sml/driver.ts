import type { PushedMeter, TelegramDecoder } from '../meter.ts';
import { FrameCutter } from './cutter.ts';
import type { SmlSettings } from './settings.ts';
import { readMessages } from './telegram.ts';

/** An optical head on a meter that speaks SML: it talks by itself. */
export function createSml(settings: SmlSettings): PushedMeter {
  return { kind: 'pushed', periodMs: settings.period_s * 1000, decoder: smlDecoder };
}

function smlDecoder(): TelegramDecoder {
  const cutter = new FrameCutter();
  return { push: (bytes) => cutter.push(bytes).map((cut) => (cut.kind === 'damaged' ? cut : readMessages(cut.bytes))) };
}
