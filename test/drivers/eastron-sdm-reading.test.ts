import { describe, expect, it } from 'vitest';
import { createEastronSdm, READINGS_PER_ENERGY, SDM_HUSH_MS } from '../../relay-drivers/eastron-sdm/driver.ts';
import { eastronSdmSettings } from '../../relay-drivers/eastron-sdm/settings.ts';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import type { MeterReading, PhaseReading } from '../../relay-drivers/meter.ts';
import { meterKind } from '../../relay-drivers/meter-registry.ts';
import { type MeterRig, meterRig, truthOf } from './meter-rig.ts';
import { terms } from './rig.ts';

const phase = (voltageMv: number | null, currentMa: number | null, powerMw: number | null): PhaseReading => ({
  voltageMv,
  currentMa,
  powerMw,
});
const ONE: MeterReading = {
  powerMw: -1_234_500,
  phases: [phase(230_125, 5250, -1_234_500)],
  energyImportMwh: 12_500_000,
  energyExportMwh: 750_000,
};
const THREE: MeterReading = {
  powerMw: 1_000_000,
  phases: [phase(230_125, 5250, 1_200_500), phase(231_500, 0, 0), phase(229_250, 1000, -200_500)],
  energyImportMwh: 12_500_000,
  energyExportMwh: 0,
};

const sdm = (rig: MeterRig, more: Record<string, unknown> = {}, baud = 9600) =>
  createEastronSdm(
    eastronSdmSettings.parse({
      id: 'oven',
      driver: 'eastron-sdm',
      bus: 'main',
      model: 'sdm630',
      measures: 'house',
      ...more,
    }),
    rig.line,
    baud,
  );

const PHASES_OF_1 = '01 04 00 00 00 12 70 07';
const TOTAL_OF_1 = '01 04 00 34 00 02 30 05';
const ENERGIES_OF_1 = '01 04 00 48 00 04 71 DF';

describe('a reading', () => {
  it.each(['sdm120', 'sdm220', 'sdm230'] as const)(
    'of an %s at 2400 baud takes one exchange, energies a second',
    async (model) => {
      const rig = await meterRig({ baud: 2400, meters: [{ protocol: sdmTwin(model) }] });
      truthOf(rig, ONE);
      const meter = sdm(rig, { model }, 2400);
      expect(await rig.clock.settled(meter.read(terms('meter')))).toEqual(ONE);
      expect(rig.sent.map(({ frame }) => frame)).toEqual(['01 04 00 00 00 0E 71 CE', ENERGIES_OF_1]);
      await rig.clock.settled(meter.read(terms('meter')));
      expect(rig.sent).toHaveLength(3);
    },
  );

  it.each(['sdm630', 'sdm72'] as const)('of an %s tells its phases and its total', async (model) => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin(model) }] });
    truthOf(rig, THREE);
    expect(await rig.clock.settled(sdm(rig, { model }).read(terms('meter')))).toEqual(THREE);
    expect(rig.sent.map(({ frame }) => frame)).toEqual([PHASES_OF_1, TOTAL_OF_1, ENERGIES_OF_1]);
  });

  it('repeats the energies between two askings', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm630') }] });
    truthOf(rig, THREE);
    const meter = sdm(rig);
    await rig.clock.settled(meter.read(terms('meter')));
    truthOf(rig, { ...THREE, powerMw: 5000, energyImportMwh: 13_000_000 });
    for (let turn = 1; turn < READINGS_PER_ENERGY; turn += 1)
      expect(await rig.clock.settled(meter.read(terms('meter')))).toMatchObject({
        powerMw: 5000,
        energyImportMwh: 12_500_000,
      });
    expect(await rig.clock.settled(meter.read(terms('meter')))).toMatchObject({ energyImportMwh: 13_000_000 });
    expect(rig.sent.filter(({ frame }) => frame === ENERGIES_OF_1)).toHaveLength(2);
  });

  it('a value that is not a number is not told; without a total power there is no reading', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm630') }] });
    const phases = [phase(null, 1000, null), phase(230_000, null, 0), phase(230_000, 0, 0)];
    truthOf(rig, { ...THREE, phases, energyExportMwh: null });
    const meter = sdm(rig);
    expect(await rig.clock.settled(meter.read(terms('meter')))).toEqual({ ...THREE, phases, energyExportMwh: null });
    truthOf(rig, { ...THREE, powerMw: Number.NaN });
    await expect(rig.clock.settled(meter.read(terms('meter')))).rejects.toMatchObject({
      name: 'DriverError',
      code: 'exception',
      message: expect.stringContaining('not a number'),
    });
  });

  it('a first-generation SDM72 refuses its phases: it tells its total, and is not asked for them again', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm72', { isFirstSdm72: true }) }] });
    truthOf(rig, THREE);
    const meter = sdm(rig, { model: 'sdm72' });
    expect(await rig.clock.settled(meter.read(terms('meter')))).toEqual({ ...THREE, phases: [] });
    expect(await rig.clock.settled(meter.read(terms('meter')))).toMatchObject({ powerMw: THREE.powerMw, phases: [] });
    expect(rig.sent.map(({ frame }) => frame)).toEqual([PHASES_OF_1, TOTAL_OF_1, ENERGIES_OF_1, TOTAL_OF_1]);
  });

  it('of another model that refuses is an error that says so', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm72', { isFirstSdm72: true }) }] });
    await expect(rig.clock.settled(sdm(rig).read(terms('meter')))).rejects.toMatchObject({
      code: 'exception',
      message: expect.stringMatching(/oven \(unit 1\).*no such channel or register/),
    });
  });

  it('lost energies do not take the power away', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm630') }] });
    truthOf(rig, THREE);
    const reading = sdm(rig).read(terms('meter'));
    await rig.clock.until(() => rig.sent.length === 3);
    rig.bus.meters[0]?.setFaults({ mute: true });
    expect(await rig.clock.settled(reading)).toEqual({ ...THREE, energyImportMwh: null, energyExportMwh: null });
  });

  it('of a silent meter times out; behind an adapter that echoes it is read all the same', async () => {
    const rig = await meterRig({ echo: true, meters: [{ protocol: sdmTwin('sdm630') }] });
    truthOf(rig, THREE);
    const meter = sdm(rig);
    expect(await rig.clock.settled(meter.read(terms('meter')))).toEqual(THREE);
    rig.bus.meters[0]?.setFaults({ mute: true });
    await expect(rig.clock.settled(meter.read(terms('meter')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is waited for 300 ms, and longer where the frames alone take most of that', async () => {
    const silent = await meterRig({ meters: [{ protocol: sdmTwin('sdm630'), unit: 9 }] });
    await expect(silent.clock.settled(sdm(silent).read(terms('meter')))).rejects.toMatchObject({ code: 'timeout' });
    expect(silent.clock.nowMs()).toBe(300);
    const slow = await meterRig({ baud: 2400, meters: [{ protocol: sdmTwin('sdm630'), deviceTimeMs: 100 }] });
    truthOf(slow, THREE);
    expect(await slow.clock.settled(sdm(slow, {}, 2400).read(terms('meter')))).toEqual(THREE);
  });

  it('is given up after timeout_ms where the configuration says so', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm630'), unit: 9 }] });
    await expect(rig.clock.settled(sdm(rig, { timeout_ms: 500 }).read(terms('meter')))).rejects.toThrow('500 ms');
  });

  it('with a wrong check is none', async () => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm630') }] });
    rig.bus.meters[0]?.setFaults({ corrupt_replies: 1 });
    await expect(rig.clock.settled(sdm(rig).read(terms('meter')))).rejects.toMatchObject({ code: 'timeout' });
  });

  it.each([
    ['sdm120', 2400, 200 + 116.667 / 10],
    ['sdm630', 9600, 58.333 + 25 + 29.167 / 10],
  ])('an %s at %i baud keeps the line for %f ms', async (model, baud, expected) => {
    const rig = await meterRig({ meters: [{ protocol: sdmTwin('sdm120') }] });
    expect(sdm(rig, { model }, baud).lineTimeMs).toBeCloseTo(expected, 2);
  });

  it.each([
    ['sdm120', 2400],
    ['sdm230', 2400],
    ['sdm630', 9600],
  ])('an %s comes with %i baud', (model, baud) => {
    const kind = meterKind('eastron-sdm');
    const settings = eastronSdmSettings.parse({
      id: 'm',
      driver: 'eastron-sdm',
      path: '/dev/m',
      model,
      measures: 'house',
    });
    expect(kind.kind === 'polled' && kind.baud(settings)).toBe(baud);
  });
});

const OFF_1_OF_2 = '02 05 00 00 00 00 CD F9';
const READ_OF_2 = '02 01 00 00 00 08 3D FF';

const shared = async (): Promise<MeterRig> => {
  const rig = await meterRig({ boards: [{ channels: 8, unit: 2 }], meters: [{ protocol: sdmTwin('sdm630') }] });
  truthOf(rig, THREE);
  // The adapter's echo is learnt.
  await rig.clock.settled(rig.board(2).readCoils(terms('read')));
  rig.sent.length = 0;
  return rig;
};

describe('a line shared with a relay board', () => {
  it('the meter is asked after 200 ms of silence, once for all its exchanges', async () => {
    const rig = await shared();
    const boardDoneMs = rig.clock.nowMs();
    expect(await rig.clock.settled(sdm(rig).read(terms('meter')))).toEqual(THREE);
    const [first, , third] = rig.sent;
    expect((first?.atMs ?? 0) - boardDoneMs).toBeGreaterThanOrEqual(SDM_HUSH_MS);
    expect((third?.atMs ?? 0) - (first?.atMs ?? 0)).toBeLessThan(SDM_HUSH_MS + 50);
  });

  it('an OFF asked during that silence leaves at once', async () => {
    const rig = await shared();
    const reading = sdm(rig).read(terms('meter'));
    await rig.clock.advance(100);
    expect(rig.sent).toEqual([]);
    const askedMs = rig.clock.nowMs();
    const off = rig.board(2).setCoil(1, false, terms('off'));
    await rig.clock.settle();
    expect(rig.sent).toEqual([{ atMs: askedMs, frame: OFF_1_OF_2 }]);
    expect(await rig.clock.settled(off)).toBe('acknowledged');
    expect(await rig.clock.settled(reading)).toEqual(THREE);
  });

  it('an OFF asked while the meter answers waits for that exchange and the silence between frames, no more', async () => {
    const rig = await shared();
    const reading = sdm(rig).read(terms('meter'));
    await rig.clock.until(() => rig.sent.length === 1);
    const off = rig.board(2).setCoil(1, false, terms('off'));
    await rig.clock.settled(off);
    const [asked, next] = rig.sent;
    expect(next?.frame).toBe(OFF_1_OF_2);
    // Request 8, silence, 30 ms of the meter, reply 41, silence: 88.3 ms at 9600 baud.
    expect((next?.atMs ?? 0) - (asked?.atMs ?? 0)).toBeCloseTo(49 * (10 / 9.6) + 2 * 3.5 * (10 / 9.6) + 30, 1);
    expect(await rig.clock.settled(reading)).toEqual(THREE);
  });

  it('meters come last, behind reading relays', async () => {
    const rig = await shared();
    const reading = sdm(rig).read(terms('meter'));
    const polls = [rig.board(2).readCoils(terms('read')), rig.board(2).readCoils(terms('read'))];
    await rig.clock.settled(Promise.all([reading, ...polls]));
    expect(rig.sent.map(({ frame }) => frame)).toEqual([READ_OF_2, READ_OF_2, PHASES_OF_1, TOTAL_OF_1, ENERGIES_OF_1]);
  });

  it('two meters: each waits for silence after the other', async () => {
    const rig = await meterRig({
      meters: [{ protocol: sdmTwin('sdm630') }, { protocol: sdmTwin('sdm120'), unit: 7 }],
    });
    truthOf(rig, THREE);
    truthOf(rig, ONE, 1);
    const readings = [sdm(rig).read(terms('meter')), sdm(rig, { unit: 7, model: 'sdm120' }).read(terms('meter'))];
    expect(await rig.clock.settled(Promise.all(readings))).toEqual([THREE, ONE]);
    const unitAt = rig.sent.map(({ frame, atMs }) => ({ unit: frame.slice(0, 2), atMs }));
    for (const [index, { unit, atMs }] of unitAt.entries()) {
      const before = unitAt[index - 1];
      if (before && before.unit !== unit) expect(atMs - before.atMs).toBeGreaterThan(SDM_HUSH_MS);
    }
  });
});
