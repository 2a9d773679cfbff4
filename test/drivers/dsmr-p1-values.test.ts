import { describe, expect, it } from 'vitest';
import { sealTelegram } from '../../relay-drivers/dsmr-p1/codec.ts';
import { DSMR_P1_TWINS } from '../../relay-drivers/dsmr-p1/twin.ts';
import { dsmrDecoder, joined, pushed, readingsOf, reasonsOf, threePhases, told } from './telegrams.ts';

const decoded = (...parts: (Uint8Array | string)[]) => pushed(dsmrDecoder(), joined(...parts));

describe('values', () => {
  const read = (...lines: string[]) => readingsOf(decoded(sealTelegram(['/X', '', ...lines], true)))[0];
  const bare = (...lines: string[]) => decoded(sealTelegram(['/X', '', ...lines], false));

  it.each([
    ['00.244*kW', 244_000],
    ['0.001*MW', 1_000_000],
    ['000557.29*W', 557_290],
    ['-000123.45*W', -123_450],
    ['1.0000005*kW', 1_000_001],
    ['1.0000004*kW', 1_000_000],
    ['99999999.999*kW', 99_999_999_999_000],
  ])('%s is %i mW', (text, powerMw) => {
    expect(read(`1-0:1.7.0(${text})`)?.powerMw).toBe(powerMw);
  });

  it.each([
    '1.7.0(1,5*kW)',
    '1.7.0(*kW)',
    '1.7.0(1*kVA)',
    '1.7.0(1*)',
    '1.7.0(1)',
    '1.7.0(1*kW',
    '1.7.0(1*kW)x',
    '1.7.0(999999999999*MW)',
    '1.7.0(1*constructor)',
    '2.7.0(1*kW)',
    '1.7.0*101(1*kW)',
  ])('1-0:%s tells no power, with a CRC or without', (line) => {
    expect(read(`1-0:${line}`)).toBeUndefined();
    expect(readingsOf(bare(`1-0:${line}`))).toEqual([]);
  });

  it('without CRC one spoiled or doubled line spoils the telegram; with one it is a value less', () => {
    const power = '1-0:1.7.0(1*kW)';
    expect(reasonsOf(bare(power, '1-0:1.8.1(0x1*kWh)'))).toEqual(['it has no CRC and a line that does not read whole']);
    expect(reasonsOf(bare(power, power))).toHaveLength(1);
    expect(read(power, '1-0:1.8.1(0x1*kWh)')).toMatchObject({ powerMw: 1_000_000, energyImportMwh: null });
  });

  it('the total register comes before the sum of the tariffs; energies may be in Wh and MWh', () => {
    const lines = ['1-0:1.7.0(0*W)', '1-0:1.8.1(1*kWh)', '1-0:1.8.2(2*kWh)'];
    expect(read(...lines)?.energyImportMwh).toBe(3_000_000);
    expect(read(...lines, '1-0:1.8.0(7.5*MWh)', '1-0:2.8.0(12*Wh)')).toMatchObject({
      energyImportMwh: 7_500_000_000,
      energyExportMwh: 12_000,
    });
  });

  it('power is import less export, of each phase too; a single-phase meter has one', () => {
    expect(
      read(
        '1-0:1.7.0(00.000*kW)',
        '1-0:2.7.0(01.500*kW)',
        '1-0:21.7.0(00.000*kW)',
        '1-0:22.7.0(01.500*kW)',
        '1-0:31.7.0(007*A)',
      ),
    ).toMatchObject({ powerMw: -1_500_000, phases: [{ powerMw: -1_500_000, currentMa: 7000, voltageMv: null }] });
  });

  it('a signed register does as well', () => {
    expect(read('1-0:16.7.0*255(-000003.00*W)', '1-0:56.7.0*255(-000003.00*W)')).toEqual({
      powerMw: -3000,
      phases: [
        { voltageMv: null, currentMa: null, powerMw: null },
        { voltageMv: null, currentMa: null, powerMw: -3000 },
      ],
      energyImportMwh: null,
      energyExportMwh: null,
    });
  });

  it('thresholds, peaks and other channels are no power', () => {
    const lines = [
      '1-0:1.4.0(02.351*kW)',
      '0-0:17.0.0(999.9*kW)',
      '1-0:31.4.0(999*A)',
      '1-1:1.7.0(1*kW)',
      '0-1:1.7.0(1*kW)',
    ];
    expect(read(...lines)).toBeUndefined();
  });
});

describe('the simulated meters', () => {
  const rounded = { ...threePhases, powerMw: -1_210_000 };

  it.each([
    ['dsmr-v5', rounded],
    ['dsmr-v4', { ...rounded, phases: rounded.phases.map((each) => ({ ...each, voltageMv: null })) }],
    ['dsmr-v2', { ...rounded, phases: [] }],
    [
      'd0',
      {
        ...rounded,
        phases: rounded.phases.map(({ powerMw }) => ({ voltageMv: null, currentMa: null, powerMw })),
        energyExportMwh: null,
      },
    ],
  ] as const)('%s tells what it measures', (name, expected) => {
    const telegram = told(DSMR_P1_TWINS[name], threePhases);
    const decoder = dsmrDecoder();
    expect(pushed(decoder, telegram)).toEqual([{ kind: 'reading', reading: expected }]);
    expect(pushed(decoder, telegram)).toEqual([{ kind: 'reading', reading: expected }]);
  });

  it('one phase, and what it does not know it leaves out', () => {
    const truth = { ...threePhases, phases: threePhases.phases.slice(0, 1), energyExportMwh: null };
    expect(readingsOf(pushed(dsmrDecoder(), told(DSMR_P1_TWINS['dsmr-v5'], truth)))).toEqual([truth]);
  });
});
