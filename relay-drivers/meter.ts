import type { Terms } from './driver.ts';

/**
 * The contract between the hub and a family of meters. Integers throughout: milliwatts, millivolts, milliamperes,
 * milliwatt-hours. What a meter does not tell is null, never 0.
 */

export interface PhaseReading {
  readonly voltageMv: number | null;
  readonly currentMa: number | null;
  /** Import positive, export negative. */
  readonly powerMw: number | null;
}

export interface MeterReading {
  /** All phases together: import positive, export negative. */
  readonly powerMw: number;
  /** One entry per phase that the meter has, L1 first. */
  readonly phases: readonly PhaseReading[];
  readonly energyImportMwh: number | null;
  readonly energyExportMwh: number | null;
}

/** A meter that answers questions. One call is one reading, which may take several exchanges. */
export interface PolledMeter {
  readonly kind: 'polled';
  /** How long one reading keeps the line, device time excluded: what the poll plan adds up. */
  readonly lineTimeMs: number;
  /** The silence that it needs after another device was spoken to. */
  readonly hushMs?: number;
  /** Throws `DriverError` and nothing else. */
  read(terms: Terms): Promise<MeterReading>;
}

/** A meter that talks by itself. */
export interface PushedMeter {
  readonly kind: 'pushed';
  /** How often it is expected to talk. */
  readonly periodMs: number;
  /** One per opened port: what came before the port was lost is no part of what comes after. */
  decoder(): TelegramDecoder;
}

export type MeterDriver = PolledMeter | PushedMeter;

/** Cuts a stream of bytes into readings. Pure; keeps a bounded part of the stream; never throws. */
export interface TelegramDecoder {
  push(bytes: Uint8Array): Telegram[];
}

export type Telegram =
  | { readonly kind: 'reading'; readonly reading: MeterReading }
  /** Whole but not to be believed: a wrong check, or nothing in it that tells power. */
  | { readonly kind: 'damaged'; readonly reason: string };
