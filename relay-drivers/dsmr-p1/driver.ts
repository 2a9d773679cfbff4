import type { PushedMeter, Telegram, TelegramDecoder } from '../meter.ts';
import { type Cut, TelegramCutter } from './cutter.ts';
import type { DsmrP1Settings } from './settings.ts';
import { readTelegram } from './telegram.ts';

/** A P1 or D0 port: the meter talks by itself. */
export function createDsmrP1(settings: DsmrP1Settings): PushedMeter {
  return { kind: 'pushed', periodMs: settings.period_s * 1000, decoder: () => new DsmrP1Decoder() };
}

class DsmrP1Decoder implements TelegramDecoder {
  readonly #cutter = new TelegramCutter();
  /** A meter that had a CRC once always has one: without it a telegram lost some bytes. */
  #hasCheck = false;

  push(bytes: Uint8Array): Telegram[] {
    return this.#cutter.push(bytes).map((cut) => this.#read(cut));
  }

  #read(cut: Cut): Telegram {
    if (cut.kind === 'damaged') return cut;
    const telegram = readTelegram(cut, this.#hasCheck);
    if (telegram.kind === 'reading' && cut.check !== '') this.#hasCheck = true;
    return telegram;
  }
}
