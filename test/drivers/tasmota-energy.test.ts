import { describe, expect, it } from 'vitest';
import { capturedMessages } from './captured-mqtt.ts';
import { heard, plug, relay, spoken } from './tasmota-rig.ts';

const power = (energy: object, entry?: object) => heard('tele/T/SENSOR', { Time: 'x', ENERGY: energy }, entry);
const phase = (powerMw: number | null, voltageMv: number | null = null, currentMa: number | null = null) => ({
  powerMw,
  voltageMv,
  currentMa,
});

describe('ENERGY (wire-formats C1)', () => {
  const GOLDEN =
    '{"Time":"..","ENERGY":{"TotalStartTime":"..","Total":6.294,"Yesterday":5.340,"Today":0.954,"Period":217,"Power":2635,"ApparentPower":2650,"ReactivePower":282,"Factor":0.99,"Voltage":227,"Current":11.661}}';
  const reading = {
    powerMw: 2_635_000,
    phases: [phase(2_635_000, 227_000, 11_661)],
    energyImportMwh: 6_294_000,
    energyExportMwh: null,
  };

  it('as numbers', () => {
    expect(heard('tele/T/SENSOR', GOLDEN)).toEqual([{ kind: 'power', channel: 1, reading }]);
    expect(heard('stat/T/STATUS8', `{"StatusSNS":${GOLDEN}}`)).toEqual([{ kind: 'power', channel: 1, reading }]);
    expect(heard('stat/T/STATUS10', `{"StatusSNS":${GOLDEN}}`)).toEqual([{ kind: 'power', channel: 1, reading }]);
  });

  it('is not read where the device is said to have no meter', () => {
    expect(heard('tele/T/SENSOR', GOLDEN, { power: false })).toEqual([]);
  });

  it('as arrays, one value for each relay', () => {
    const words = power({ Total: [1.5, 2.5], Power: [100, 0], Voltage: 230, Current: [0.435, 0] }, { channels: 2 });
    expect(words).toEqual([
      {
        kind: 'power',
        channel: 1,
        reading: {
          powerMw: 100_000,
          phases: [phase(100_000, 230_000, 435)],
          energyImportMwh: 1_500_000,
          energyExportMwh: null,
        },
      },
      {
        kind: 'power',
        channel: 2,
        reading: { powerMw: 0, phases: [phase(0, 230_000, 0)], energyImportMwh: 2_500_000, energyExportMwh: null },
      },
    ]);
  });

  it('as arrays of phases, where there is one relay: they are added', () => {
    const [word] = power({
      Total: { Phase1: 1.2, Phase2: 3.4 },
      Power: [100, 200.5],
      Voltage: [230, 231],
      Current: [0.4, 0.9],
    });
    expect(word).toEqual({
      kind: 'power',
      channel: 1,
      reading: {
        powerMw: 300_500,
        phases: [phase(100_000, 230_000, 400), phase(200_500, 231_000, 900)],
        energyImportMwh: 4_600_000,
        energyExportMwh: null,
      },
    });
  });

  it('a total of all relays is that of none', () => {
    const words = power({ Total: 9, Power: [1, 2] }, { channels: 2 });
    expect(words).toHaveLength(2);
    expect(words[0]).toMatchObject({ reading: { energyImportMwh: null } });
  });

  it.each([
    ['no Power', { Total: 1.2 }, 1],
    ['null', { Power: null }, 1],
    ['text', { Power: 'nan' }, 1],
    ['a phase that is missing', { Power: [100, null] }, 1],
    ['no values', { Power: [] }, 1],
    ['one meter for two relays', { Power: 100 }, 2],
    ['three phases of two relays', { Power: [1, 2, 3] }, 2],
    ['a number beyond all', { Power: 1e300 }, 1],
  ])('is no reading: %s', (_, energy, channels) => {
    expect(power(energy, { channels })).toEqual([]);
  });

  it('of one relay that tells nothing, the other is still read', () => {
    expect(power({ Power: [null, 5] }, { channels: 2 })).toMatchObject([{ channel: 2 }]);
  });

  it('what is fed back is negative', () => {
    expect(power({ Power: -600, Total: 1, ExportActive: 2.5 })).toMatchObject([
      { reading: { powerMw: -600_000, energyExportMwh: 2_500_000 } },
    ]);
  });
});

describe('recordings of Tasmota', () => {
  it('of the fixtures, only the will says something: there is no relay and no Power', () => {
    const made = plug({ topic: 'tasmota_49A3BC', full_topic: '%topic%/%prefix%/' });
    const words = capturedMessages('tasmota-discovery-and-energy').map((message) => made.hear(message));
    expect(words).toEqual([
      [],
      [],
      [{ kind: 'presence', isOnline: true }],
      [],
      [],
      [],
      [],
      [{ kind: 'presence', isOnline: false }],
    ]);
  });

  it.each([
    ['elektronik/control0', 4, [relay(1, false), relay(2, true), relay(3, false), relay(4, false)]],
    ['mezzo/bridge0', 1, []],
    // POWER is "invalid" there.
    ['mezzo/zimmer-gross', 1, []],
    ['x', 1, []],
  ])('real telemetry of %s', (topic, channels, words) => {
    const made = plug({ topic, full_topic: 'home/%prefix%/%topic%/', channels });
    const all = capturedMessages('tasmota-state.real').flatMap((message) => made.hear(message));
    expect(spoken(all)).toEqual(words);
  });
});
