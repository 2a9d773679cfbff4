import type { MeterReading, PhaseReading } from '../meter.ts';
import type { MeterProtocol } from '../simulator/meter-twin.ts';
import { sealTelegram } from './codec.ts';

/** Simulated meters that push ASCII telegrams, after the recordings in captures/dsmr-p1. */
export const DSMR_P1_TWINS = {
  'dsmr-v5': pushing(1000, true, v5Lines),
  'dsmr-v4': pushing(10_000, true, v4Lines),
  'dsmr-v2': pushing(10_000, false, v2Lines),
  /** D0: watts, names that end in `*255`, no CRC, and lines of its own behind the telegram. */
  d0: pushing(2000, false, d0Lines, '  25818685\r\nDE0000000000000000000000000000003\r\n'),
} as const satisfies Record<string, MeterProtocol>;

const PHASE_BASES = [20, 40, 60];

interface Digits {
  readonly whole: number;
  readonly decimals: number;
}

type Lines = (truth: MeterReading, wallMs: number) => (string | null)[];

function pushing(everyMs: number, hasCheck: boolean, linesOf: Lines, trailer = ''): MeterProtocol {
  return {
    kind: 'pushed',
    everyMs,
    telegram: (truth, wallMs) => {
      const lines = linesOf(truth, wallMs).filter((line) => line !== null);
      return Uint8Array.from([...sealTelegram(lines, hasCheck), ...new TextEncoder().encode(trailer)]);
    },
  };
}

function v5Lines(truth: MeterReading, wallMs: number): (string | null)[] {
  return [
    '/ISk5\\2MT382-1000',
    '',
    '1-3:0.2.8(50)',
    ...dutchLines(truth, wallMs, { whole: 6, decimals: 3 }, { whole: 2, decimals: 3 }),
    ...byPhase(truth, 12, (phase) => value(phase.voltageMv, 3, { whole: 3, decimals: 1 }, 'V')),
    ...byPhase(truth, 11, (phase) => value(phase.currentMa, 3, { whole: 3, decimals: 2 }, 'A')),
    ...phasePowers(truth),
    '0-1:24.1.0(003)',
    '0-1:24.2.1(170102161005W)(00000.107*m3)',
  ];
}

/** Whole amperes, and no voltages. */
function v4Lines(truth: MeterReading, wallMs: number): (string | null)[] {
  return [
    '/KFM5KAIFA-METER',
    '',
    '1-3:0.2.8(42)',
    ...dutchLines(truth, wallMs, { whole: 6, decimals: 3 }, { whole: 2, decimals: 3 }),
    ...byPhase(truth, 11, (phase) => value(phase.currentMa, 3, { whole: 3, decimals: 0 }, 'A')),
    ...phasePowers(truth),
  ];
}

/** Nothing about phases, tens of watts, and a line that has no name. */
function v2Lines(truth: MeterReading): (string | null)[] {
  return [
    '/ISk5\\2MT382-1004',
    '',
    ...energyLines(truth, { whole: 5, decimals: 3 }),
    ...powerLines(truth, { whole: 4, decimals: 2 }),
    '0-0:17.0.0(0999.00*kW)',
    '0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)',
    '(00001.001)',
  ];
}

/** Power is signed, the phases' too. */
function d0Lines({ powerMw, phases, energyImportMwh }: MeterReading): (string | null)[] {
  const watts = (powerOf: number | null) => value(powerOf, 3, { whole: 6, decimals: 2 }, 'W');
  return [
    '/ESY5Q3DA1004 V3.04',
    '',
    '1-0:0.0.0*255(1336001560)',
    named('1.8.0*255', value(energyImportMwh, 6, { whole: 8, decimals: 7 }, 'kWh')),
    ...phases.map((phase, index) => named(`${(PHASE_BASES[index] ?? 0) + 1}.7.0*255`, watts(phase.powerMw))),
    named('1.7.0*255', watts(powerMw)),
  ];
}

function dutchLines(truth: MeterReading, wallMs: number, energy: Digits, power: Digits): (string | null)[] {
  return [
    `0-0:1.0.0(${stamp(wallMs)})`,
    '0-0:96.1.1(4B384547303034303436333935353037)',
    ...energyLines(truth, energy),
    '0-0:96.14.0(0002)',
    ...powerLines(truth, power),
    '1-0:99.97.0(1)(0-0:96.7.19)(190326095015W)(0000002014*s)',
    '1-0:32.32.0(00000)',
    '0-0:96.13.0()',
  ];
}

/** Two tariffs: a third of it came by day. */
function energyLines({ energyImportMwh, energyExportMwh }: MeterReading, digits: Digits): (string | null)[] {
  return [[1, energyImportMwh] as const, [2, energyExportMwh] as const].flatMap(([direction, total]) => {
    if (total === null) return [];
    // Whole watt-hours, so that the two together are the total.
    const day = Math.floor(total / 3000) * 1000;
    return [day, total - day].map((part, index) => named(`${direction}.8.${index + 1}`, value(part, 6, digits, 'kWh')));
  });
}

/** Import and export each in a register of its own: one of the two is 0. */
function powerLines({ powerMw }: MeterReading, digits: Digits): (string | null)[] {
  return [
    named('1.7.0', value(Math.max(0, powerMw), 6, digits, 'kW')),
    named('2.7.0', value(Math.max(0, -powerMw), 6, digits, 'kW')),
  ];
}

function phasePowers(truth: MeterReading): (string | null)[] {
  const kilowatts = (powerMw: number) => value(Math.max(0, powerMw), 6, { whole: 2, decimals: 3 }, 'kW');
  return [
    ...byPhase(truth, 1, ({ powerMw }) => (powerMw === null ? null : kilowatts(powerMw))),
    ...byPhase(truth, 2, ({ powerMw }) => (powerMw === null ? null : kilowatts(-powerMw))),
  ];
}

function byPhase(
  { phases }: MeterReading,
  offset: number,
  tell: (phase: PhaseReading) => string | null,
): (string | null)[] {
  return phases.map((phase, index) => named(`${(PHASE_BASES[index] ?? 0) + offset}.7.0`, tell(phase)));
}

function named(name: string, text: string | null): string | null {
  return text === null ? null : `1-0:${name}(${text})`;
}

/** `thousandths` are ten to the `-power` of the unit. Rounded to what the meter shows; a minus stands before the zeros. */
function value(thousandths: number | null, power: number, { whole, decimals }: Digits, unit: string): string | null {
  if (thousandths === null) return null;
  const text = (Math.abs(thousandths) / 10 ** power).toFixed(decimals);
  const width = whole + (decimals > 0 ? decimals + 1 : 0);
  return `${thousandths < 0 ? '-' : ''}${text.padStart(width, '0')}*${unit}`;
}

/** `YYMMDDhhmmss` of Central European winter time. */
function stamp(wallMs: number): string {
  const local = new Date(wallMs + 3_600_000).toISOString();
  return `${local.slice(2, 19).replace(/\D/g, '')}W`;
}
