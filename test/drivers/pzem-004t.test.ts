import { describe, expect, it } from 'vitest';
import { Line } from '../../relay-drivers/line/line.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { meterKind } from '../../relay-drivers/meter-registry.ts';
import {
  encodeRegisterRequest,
  encodeRegistersReply,
  findRegisterReply,
} from '../../relay-drivers/modbus/registers.ts';
import { ANY_UNIT, pzemReading, pzemRegisters, pzemRequest } from '../../relay-drivers/pzem-004t/codec.ts';
import { createPzem004t } from '../../relay-drivers/pzem-004t/driver.ts';
import { pzem004tSettings } from '../../relay-drivers/pzem-004t/settings.ts';
import { pzemTwin } from '../../relay-drivers/pzem-004t/twin.ts';
import { memoryWire } from '../../relay-drivers/transport/memory.ts';
import { captured, hex, text } from './captured.ts';
import { meterRig, truthOf } from './meter-rig.ts';
import { terms } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

const settings = (more: Record<string, unknown> = {}) =>
  pzem004tSettings.parse({ id: 'pump', driver: 'pzem-004t', path: '/dev/pump', measures: 'house', ...more });

const reading = (voltageMv: number, currentMa: number, powerMw: number, energyImportMwh: number): MeterReading => ({
  powerMw,
  phases: [{ voltageMv, currentMa, powerMw }],
  energyImportMwh,
  energyExportMwh: null,
});

const FRAMES = captured('pzem004t-v3.real').map(({ bytes }) => text(bytes));
const [ASKED_ANY = '', ANY_SAYS = '', ONE_SAYS = ''] = FRAMES;
const ASKED_ONE = '01 04 00 00 00 0A 70 0D';
const RECORDED = [
  [ANY_UNIT, ASKED_ANY, ANY_SAYS, reading(225_900, 35, 500, 2000)],
  [1, ASKED_ONE, ONE_SAYS, reading(225_700, 108, 24_400, 38_000)],
] as const;

describe('golden frames of the PZEM-004T v3', () => {
  it('all frames of the recording stand in the table', () => {
    expect(FRAMES).toEqual([ASKED_ANY, ANY_SAYS, ONE_SAYS]);
    expect(ASKED_ANY).toBe('F8 04 00 00 00 0A 64 64');
  });

  it.each(RECORDED)('unit %i is asked with %s and answers %s', (unit, request, reply, told) => {
    expect(text(encodeRegisterRequest(pzemRequest(unit)))).toBe(request);
    const found = findRegisterReply(pzemRequest(unit), hex(reply));
    expect(found?.reply.kind === 'registers' && pzemReading(found.reply.values)).toEqual(told);
  });

  it.each(RECORDED)('unit %i: the recording replays through line and driver', async (unit, request, reply, told) => {
    const clock = new VirtualClock();
    const heard: string[] = [];
    const open = async () => {
      const { hub, board } = memoryWire();
      board.onData((bytes) => {
        heard.push(text(bytes));
        void board.write(hex(reply));
      });
      return hub;
    };
    const line = new Line({ open, clock, baud: 9600 });
    line.start();
    await clock.settle();
    const meter = createPzem004t(settings({ unit }), line, 9600);
    expect(await clock.settled(meter.read(terms('meter')))).toEqual(told);
    expect(heard).toEqual([request]);
    line.close();
  });
});

describe('its registers', () => {
  it('a long has its low word first and no sign', () => {
    const registers = [2300, 0x86a0, 0x0001, 0xffff, 0xffff, 0x4240, 0x000f, 500, 100, 0];
    expect(pzemReading(registers)).toEqual(reading(230_000, 100_000, 0xffffffff * 100, 1_000_000_000));
  });

  it('what is too short is no reading', () => {
    expect(pzemReading([1, 2, 3])).toBeNull();
  });

  it('the twin counts export as import: the meter cannot tell them apart', () => {
    const registers = pzemRegisters(reading(230_000, 5000, -1_150_000, 42_000));
    expect(pzemReading(registers)).toEqual(reading(230_000, 5000, 1_150_000, 42_000));
  });
});

describe('the driver with the twin', () => {
  const TRUTH = reading(229_800, 70_123, 16_114_300, 123_456_000);

  it.each([1, 9, ANY_UNIT])('reads it in one exchange when configured as unit %i', async (unit) => {
    const own = unit === ANY_UNIT ? 9 : unit;
    const rig = await meterRig({ meters: [{ protocol: pzemTwin(), unit: own }] });
    truthOf(rig, TRUTH);
    expect(await rig.clock.settled(createPzem004t(settings({ unit }), rig.line, 9600).read(terms('meter')))).toEqual(
      TRUTH,
    );
    expect(rig.sent).toHaveLength(1);
  });

  it('is silent when the mains that feed it are gone', async () => {
    const rig = await meterRig({ meters: [{ protocol: pzemTwin() }] });
    rig.bus.meters[0]?.cutPower(1000);
    const meter = createPzem004t(settings(), rig.line, 9600);
    await expect(rig.clock.settled(meter.read(terms('meter')))).rejects.toMatchObject({ code: 'timeout' });
    await rig.clock.advance(1000);
    expect(await rig.clock.settled(meter.read(terms('meter')))).toMatchObject({ powerMw: 0 });
  });

  it('a refusal is an exception in words', async () => {
    const rig = await meterRig({ meters: [{ protocol: refusing() }] });
    const meter = createPzem004t(settings(), rig.line, 9600);
    await expect(rig.clock.settled(meter.read(terms('meter')))).rejects.toMatchObject({
      code: 'exception',
      message: expect.stringMatching(/pump \(unit 1\).*exception 2/),
    });
  });

  it('keeps the line for 41.7 ms, comes with 9600 baud and needs no silence of its own', async () => {
    const rig = await meterRig({ boards: [{ channels: 8, unit: 2 }], meters: [{ protocol: pzemTwin() }] });
    const meter = createPzem004t(settings(), rig.line, 9600);
    expect(meter.lineTimeMs).toBeCloseTo(41.7, 1);
    const kind = meterKind('pzem-004t');
    expect(kind.kind === 'polled' && kind.baud(settings())).toBe(9600);
    await rig.clock.settled(rig.board(2).readCoils(terms('read')));
    const doneMs = rig.clock.nowMs();
    await rig.clock.settled(meter.read(terms('meter')));
    expect((rig.sent.at(-1)?.atMs ?? 0) - doneMs).toBeLessThan(10);
  });
});

describe('the twin', () => {
  const twin = pzemTwin();
  const hear = (frame: string): string | null => {
    const reply = twin.kind === 'polled' ? twin.hear(hex(frame), 1, reading(225_700, 108, 24_400, 38_000)) : null;
    return reply && text(reply);
  };

  it('answers as recorded', () => {
    expect(hear(ASKED_ONE)).toBe(ONE_SAYS);
  });

  it.each([
    ['eleven registers', '01 04 00 00 00 0B B1 CD', '01 84 02 C2 C1'],
    ['a function it has not', '01 01 00 00 00 08 3D CC', '01 81 01 81 90'],
  ])('refuses %s', (_, frame, refusal) => {
    expect(hear(frame)).toBe(refusal);
  });

  it('is silent to another unit and to a damaged frame', () => {
    expect(hear('02 04 00 00 00 0A 70 3E')).toBeNull();
    expect(hear('01 04 00 00 00 0A 70 0E')).toBeNull();
  });
});

function refusing(): ReturnType<typeof pzemTwin> {
  return { kind: 'polled', unit: 1, hear: () => hex('01 84 02 C2 C1') };
}

it('a reply of another length is none', () => {
  expect(findRegisterReply(pzemRequest(1), encodeRegistersReply(1, 4, [1, 2]))).toBeNull();
});
