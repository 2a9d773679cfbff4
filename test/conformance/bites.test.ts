import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import type { MeterReading, PolledMeter, TelegramDecoder } from '../../relay-drivers/meter.ts';
import { type ModbusCoilsSettings, modbusCoilsSettings } from '../../relay-drivers/modbus-coils/settings.ts';
import { pzemReading } from '../../relay-drivers/pzem-004t/codec.ts';
import * as bad from './bad-drivers.ts';
import type { Case } from './case.ts';
import { METERS, polledSubject, pushedSubject } from './meters.ts';
import { POLLED_CASES } from './polled-cases.ts';
import { PUSHED_CASES } from './pushed-cases.ts';
import { RELAY_CASES } from './relay-cases.ts';
import { RELAYS, subjectOf } from './relays.ts';

/** The names of the cases, of those that are looked at, that this subject fails. */
async function failing<S>(cases: readonly Case<S>[], subject: S, lookedAt = /./): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases.filter((each) => lookedAt.test(each.name))) {
    try {
      await run(subject);
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

function theOnly<T>(list: readonly (T | null)[]): T {
  const [first] = list;
  if (first === null || first === undefined) throw new Error('there is no such entry');
  return first;
}

const waveshare = theOnly(RELAYS.filter(({ twin }) => twin === 'waveshare').map(subjectOf));
const settings = modbusCoilsSettings.parse({
  id: 'main',
  driver: 'modbus-coils',
  path: '/dev/main',
  channels: 8,
  timeout_ms: 300,
});

const driven = (create: (settings: ModbusCoilsSettings, line: Line) => RelayDriver) => ({
  ...waveshare,
  create: (line: Line) => create(settings, line),
});

const DAMAGE = /^whichever byte of a (reply|telegram) is wrong/;

describe('the suite bites a driver of relays that', () => {
  it('does nothing wrong: not at all', async () => {
    expect(await failing(RELAY_CASES, driven(bad.faultless))).toEqual([]);
  });

  it.each([
    ['ignores the CRC', bad.ignoresCrc, DAMAGE],
    ['takes the echo for an answer', bad.believesEcho, /^an echo is no answer/],
    ['sends after a reconnect', bad.sendsAfterReconnect, /^out and in again in the middle of a frame/],
    ['lets an OFF wait', bad.offWaits, /^OFF is the very next exchange/],
    ['throws what is no DriverError', bad.throwsAnything, /^a board that never answers/],
  ])('%s', async (_, create, name) => {
    expect(await failing(RELAY_CASES, driven(create), name)).toHaveLength(1);
  });
});

const pzem = theOnly(METERS.filter(({ twin }) => twin === 'pzem').map(polledSubject));
const dsmr = theOnly(METERS.filter(({ twin }) => twin === 'dsmr-v5').map(pushedSubject));
const dsmrV2 = theOnly(METERS.filter(({ twin }) => twin === 'dsmr-v2').map(pushedSubject));

/** A PZEM read by somebody who looks for the length of the answer alone. */
function uncheckedPzem(line: Line): PolledMeter {
  const REPLY_BYTES = 25;
  const reading = (bytes: Uint8Array): MeterReading | null =>
    pzemReading(Array.from({ length: 10 }, (_, at) => ((bytes[3 + 2 * at] ?? 0) << 8) | (bytes[4 + 2 * at] ?? 0)));
  return {
    kind: 'polled',
    lineTimeMs: 40,
    read: (terms) =>
      line.exchange({
        label: 'meter',
        request: Uint8Array.of(1, 4, 0, 0, 0, 10, 0x70, 0x0d),
        parse: (bytes) => {
          const reply = bytes.length >= REPLY_BYTES ? reading(bytes) : null;
          return reply && { reply, start: 0, end: REPLY_BYTES };
        },
        timeoutMs: pzem.timeoutMs,
        terms,
      }),
  };
}

/** Reads the power out of whatever stands between "/" and "!". */
function unchecked(): TelegramDecoder {
  const whole = dsmr.create().decoder();
  return {
    push: (bytes) =>
      whole.push(bytes).map((telegram) => {
        const power = telegram.kind === 'damaged' ? /1-0:1\.7\.0\((\d+)\.(\d+)\*kW/.exec(latin(bytes)) : null;
        return power ? { kind: 'reading', reading: importing(Number(`${power[1]}${power[2]}`) * 1000) } : telegram;
      }),
  };
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function importing(powerMw: number): MeterReading {
  return { powerMw, phases: [], energyImportMwh: null, energyExportMwh: null };
}

describe('the suite bites a meter that', () => {
  it('is asked, and believed without a look at its CRC', async () => {
    expect(await failing(POLLED_CASES, { ...pzem, create: uncheckedPzem }, DAMAGE)).toHaveLength(1);
  });

  it('talks, and is believed without a look at its CRC', async () => {
    const create = () => ({ kind: 'pushed', periodMs: 1000, decoder: unchecked }) as const;
    expect(await failing(PUSHED_CASES, { ...dsmr, create }, DAMAGE)).toHaveLength(1);
  });

  it('has one decoder for ever: the halves of two telegrams become one', async () => {
    const create = () => {
      const driver = dsmrV2.create();
      const decoder = driver.decoder();
      return { ...driver, decoder: () => decoder };
    };
    expect(await failing(PUSHED_CASES, { ...dsmrV2, create })).toEqual([
      'out and in again in the middle of a telegram: its two halves are not put together',
    ]);
  });

  it('invents a reading of nothing while it is silent', async () => {
    const create = (line: Line): PolledMeter => {
      const meter = pzem.create(line);
      return { ...meter, read: (terms) => meter.read(terms).catch(() => importing(0)) };
    };
    expect(await failing(POLLED_CASES, { ...pzem, create }, /^a meter that never answers/)).toHaveLength(1);
  });
});
