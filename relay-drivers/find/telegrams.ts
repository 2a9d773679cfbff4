import { createDsmrP1 } from '../dsmr-p1/driver.ts';
import { dsmrP1Settings } from '../dsmr-p1/settings.ts';
import type { PushedMeter } from '../meter.ts';
import { createSml } from '../sml/driver.ts';
import { smlSettings } from '../sml/settings.ts';
import type { PortSettings } from '../transport/address.ts';
import type { Finding } from './finding.ts';
import type { Talk } from './talk.ts';

type Kind = Pick<Finding, 'role' | 'driver' | 'settings' | 'says'>;

const ENTRY = { id: 'found', measures: 'house', path: '/dev/found' };

/** How meters that talk by themselves are set; P1 ports before version 4 have seven bits. */
export const PUSHED_FORMATS: readonly Omit<PortSettings, 'path'>[] = [
  { baud: 115_200, parity: 'none' },
  { baud: 9600, parity: 'none' },
  { baud: 9600, parity: 'even', dataBits: 7 },
];

/** Listens, and says nothing. */
export async function listenForTelegrams(talk: Talk, forMs: number): Promise<Kind | null> {
  let found: Kind | null = null;
  const ears = [
    { hear: decoderOf(createDsmrP1(dsmrP1Settings.parse({ ...ENTRY, driver: 'dsmr-p1' }))), driver: 'dsmr-p1' },
    { hear: decoderOf(createSml(smlSettings.parse({ ...ENTRY, driver: 'sml' }))), driver: 'sml' },
  ];
  await talk.listen(forMs, (bytes) => {
    for (const { hear, driver } of ears) found ??= kindOf(driver, talk.format, hear(bytes));
    return found !== null;
  });
  return found;
}

function decoderOf(meter: PushedMeter): (bytes: Uint8Array) => number | null {
  const decoder = meter.decoder();
  return (bytes) => {
    for (const telegram of decoder.push(bytes)) if (telegram.kind === 'reading') return telegram.reading.powerMw;
    return null;
  };
}

function kindOf(driver: string, { dataBits }: PortSettings, powerMw: number | null): Kind | null {
  if (powerMw === null) return null;
  const settings: Record<string, number> = dataBits === undefined ? {} : { data_bits: dataBits };
  const name = driver === 'sml' ? 'SML meter' : 'P1 meter';
  return { role: 'meter', driver, settings, says: `${name} that sends by itself, ${powerMw / 1000} W now` };
}
