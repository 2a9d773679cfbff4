import { readFileSync } from 'node:fs';
import { createDsmrP1 } from '../../relay-drivers/dsmr-p1/driver.ts';
import { dsmrP1Settings } from '../../relay-drivers/dsmr-p1/settings.ts';
import type { MeterReading, Telegram, TelegramDecoder } from '../../relay-drivers/meter.ts';
import type { MeterProtocol } from '../../relay-drivers/simulator/meter-twin.ts';
import { createSml } from '../../relay-drivers/sml/driver.ts';
import { smlSettings } from '../../relay-drivers/sml/settings.ts';

const ENTRY = { id: 'main', measures: 'house', path: '/dev/fake' };

export function dsmrDecoder(): TelegramDecoder {
  return createDsmrP1(dsmrP1Settings.parse({ driver: 'dsmr-p1', ...ENTRY })).decoder();
}

export function smlDecoder(): TelegramDecoder {
  return createSml(smlSettings.parse({ driver: 'sml', ...ENTRY })).decoder();
}

/** A recorded telegram. */
export function recorded(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`captures/dsmr-p1/${name}.txt`, import.meta.url)));
}

/** Pushes `bytes` in pieces of the given sizes, again and again. */
export function pushed(decoder: TelegramDecoder, bytes: Uint8Array, sizes: readonly number[] = [8192]): Telegram[] {
  const telegrams: Telegram[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    telegrams.push(...decoder.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return telegrams;
}

export function readingsOf(telegrams: readonly Telegram[]): MeterReading[] {
  return telegrams.flatMap((each) => (each.kind === 'reading' ? [each.reading] : []));
}

export function reasonsOf(telegrams: readonly Telegram[]): string[] {
  return telegrams.flatMap((each) => (each.kind === 'damaged' ? [each.reason] : []));
}

export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)]));
}

/** What a simulated meter that pushes says. */
export function told(protocol: MeterProtocol, truth: MeterReading): Uint8Array {
  if (protocol.kind !== 'pushed') throw new Error('this meter does not talk by itself');
  return protocol.telegram(truth, Date.UTC(2026, 0, 1));
}

export const threePhases: MeterReading = {
  powerMw: -1_210_000,
  phases: [
    { voltageMv: 230_100, currentMa: 3_000, powerMw: 690_000 },
    { voltageMv: 229_900, currentMa: 9_000, powerMw: -2_000_000 },
    { voltageMv: 231_000, currentMa: 1_000, powerMw: 100_000 },
  ],
  energyImportMwh: 12_345_678_000,
  energyExportMwh: 4_567_000,
};
