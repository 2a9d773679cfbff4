import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../daemon/settings/load.ts';
import { DSMR_P1_TWINS } from '../../relay-drivers/dsmr-p1/twin.ts';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import { configurationOf } from '../../relay-drivers/find/configuration.ts';
import { type FindOptions, findOn } from '../../relay-drivers/find/find.ts';
import { Caution, hasOrder } from '../../relay-drivers/find/harmless.ts';
import { DETECTORS } from '../../relay-drivers/find/modbus.ts';
import { pzemTwin } from '../../relay-drivers/pzem-004t/twin.ts';
import { type BusSettings, createBus } from '../../relay-drivers/simulator/bus.ts';
import { FLAVOURS, type FlavourName } from '../../relay-drivers/simulator/flavours.ts';
import { MemoryPort } from '../../relay-drivers/simulator/memory-port.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { SML_TWINS } from '../../relay-drivers/sml/twin.ts';
import type { PortSettings } from '../../relay-drivers/transport/address.ts';
import { hex, text } from './captured.ts';
import { VirtualClock } from './virtual-clock.ts';

const PATH = '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0';
const TRUTH = {
  powerMw: 500_000,
  phases: [{ voltageMv: 230_000, currentMa: 2174, powerMw: 500_000 }],
  energyImportMwh: 1_000_000,
  energyExportMwh: 0,
};

/** A search on a simulated line whose host is tuned to what the port is opened with. */
async function search(line: Partial<BusSettings>, options: Partial<FindOptions> = {}) {
  const clock = new VirtualClock();
  const bus = createBus({ baud: 9600, boards: [], ...line }, clock, seededRandom(5));
  for (const meter of bus.meters) meter.measure(TRUTH);
  const port = new MemoryPort(bus.wire, clock);
  const sent: string[] = [];
  const openPort = (settings: PortSettings) => async () => {
    bus.wire.tuneHost(settings);
    const pipe = await port.open();
    return {
      ...{ onData: pipe.onData.bind(pipe), onClose: pipe.onClose.bind(pipe), close: pipe.close.bind(pipe) },
      write: (bytes: Uint8Array) => {
        sent.push(text(bytes));
        return pipe.write(bytes);
      },
    };
  };
  const report = await clock.settled(findOn(PATH, { openPort, clock, ...options }), 600_000);
  return { report, sent, boards: bus.boards, tookMs: clock.nowMs() };
}

const board = (flavour: FlavourName, more: object = {}) => ({ channels: 8, flavour, ...more });

describe('what answers on a port', () => {
  const table: {
    name: string;
    line: Partial<BusSettings>;
    options?: Partial<FindOptions>;
    found: readonly Record<string, unknown>[];
  }[] = [
    { name: 'nothing', line: {}, found: [] },
    {
      name: 'a Waveshare board',
      line: { boards: [board('waveshare')] },
      found: [
        { role: 'board', driver: 'modbus-coils', unit: 1, baud: 9600, parity: 'none', settings: { channels: 8 } },
      ],
    },
    {
      name: 'one behind an adapter that echoes',
      line: { boards: [board('waveshare')], echo: true },
      found: [{ driver: 'modbus-coils', unit: 1 }],
    },
    {
      name: 'one of 32 channels at 38400 baud',
      line: { boards: [board('waveshare', { channels: 32 })], boardFormat: { baud: 38_400 } },
      found: [{ driver: 'modbus-coils', baud: 38_400, settings: { channels: 32 } }],
    },
    {
      name: 'an LCTech board, by its answer to unit 0',
      line: { boards: [board('lctech')] },
      found: [{ driver: 'modbus-coils', unit: 255, settings: { channels: 8 } }],
    },
    {
      name: 'an FC06 board',
      line: { boards: [board('r421a08')] },
      found: [{ driver: 'modbus-fc06', unit: 1, settings: { channels: 8 } }],
    },
    {
      name: 'two boards and a meter on one line',
      line: {
        boards: [board('waveshare'), board('waveshare', { unit: 3 })],
        meters: [{ protocol: sdmTwin('sdm120'), unit: 2 }],
      },
      found: [
        { driver: 'modbus-coils', unit: 1 },
        { driver: 'eastron-sdm', unit: 2 },
        { driver: 'modbus-coils', unit: 3 },
      ],
    },
    {
      name: 'an SDM meter at 2400 baud',
      line: { meters: [{ protocol: sdmTwin('sdm120'), unit: 1 }], boardFormat: { baud: 2400 } },
      found: [{ role: 'meter', driver: 'eastron-sdm', baud: 2400, settings: { model: 'sdm120' } }],
    },
    {
      name: 'a PZEM meter with an address of its own, alone',
      line: { meters: [{ protocol: pzemTwin(), unit: 9 }] },
      found: [{ role: 'meter', driver: 'pzem-004t', unit: 0xf8 }],
    },
    {
      name: 'a P1 meter',
      line: { baud: 115_200, meters: [{ protocol: DSMR_P1_TWINS['dsmr-v5'] }] },
      found: [{ role: 'meter', driver: 'dsmr-p1', baud: 115_200, unit: null }],
    },
    {
      name: 'an SML meter',
      line: { meters: [{ protocol: SML_TWINS.sml }] },
      found: [{ role: 'meter', driver: 'sml', baud: 9600 }],
    },
    {
      name: 'an LCUS board that answers in words',
      line: { boards: [board('lcus-status', { channels: 4 })] },
      found: [{ role: 'board', driver: 'lcus', settings: { channels: 4 } }],
    },
    {
      name: 'one with feedback, where its owner says so',
      line: { boards: [board('lcus-feedback', { channels: 2 })] },
      options: { ask: ['lcus'] },
      found: [{ driver: 'lcus', settings: { channels: 2 } }],
    },
    {
      name: 'a KMtronic board, where its owner says so',
      line: { boards: [board('kmtronic', { channels: 4 })] },
      options: { ask: ['kmtronic'] },
      found: [{ driver: 'kmtronic', settings: { channels: 4 } }],
    },
    {
      name: 'a Numato module, where its owner says so',
      line: { boards: [board('numato', { channels: 8 })] },
      options: { ask: ['numato'] },
      found: [{ driver: 'numato', settings: { channels: 8 } }],
    },
    {
      name: 'a board with an unusual address, by a scan',
      line: { boards: [board('waveshare', { unit: 77 })], boardFormat: { baud: 9600, parity: 'even' } },
      options: { scan: [1, 100], baud: 9600, parity: 'even' },
      found: [{ driver: 'modbus-coils', unit: 77, parity: 'even' }],
    },
  ];

  it.each(table)('$name', async ({ line, options, found }) => {
    const { report, boards, tookMs } = await search(line, options);
    expect(report).toMatchObject({ closedBecause: null, findings: found });
    expect(report.findings).toHaveLength(found.length);
    expect(boards.flatMap((one) => one.log())).toEqual([]);
    if (options?.scan === undefined) expect(tookMs).toBeLessThan(22_000);
    const block = configurationOf([report]);
    const loaded = loadSettings(block, { file: 'found.yaml', folder: '/', timezone: 'Europe/Rome' });
    expect(loaded).toMatchObject({ ok: true });
  });

  it('something that babbles is told apart from nothing', async () => {
    const { report } = await search({
      meters: [{ protocol: DSMR_P1_TWINS['dsmr-v5'] }],
      boardFormat: { baud: 57_600 },
    });
    expect(report).toMatchObject({ findings: [], isBabbling: true });
    expect((await search({})).report).toMatchObject({ findings: [], isBabbling: false });
  });

  it('a port that does not open is no error of ours', async () => {
    const openPort = () => async () => {
      throw new Error('cannot open it: Permission denied');
    };
    const { report } = await search({}, { openPort });
    expect(report).toMatchObject({ findings: [], closedBecause: 'cannot open it: Permission denied' });
  });
});

describe('no question switches anything', () => {
  const formats = [{ baud: 9600 }, { baud: 19_200 }, { baud: 2400 }] as const;
  const makes = Object.keys(FLAVOURS) as FlavourName[];

  it.each(makes)('on a board of the make %s, whatever it listens at', async (flavour) => {
    for (const boardFormat of formats) {
      const { boards } = await search({ boards: [board(flavour)], boardFormat });
      expect(boards.flatMap((one) => one.log())).toEqual([]);
    }
  });

  it.each([
    { name: 'FC01 of unit 1 ends in CC: HW-667', frame: '01 01 00 00 00 08 3D CC' },
    { name: 'FC01 of unit 255 begins with FF 01 00: KMtronic', frame: 'FF 01 00 00 00 08 28 12' },
    { name: 'FC04 of a PZEM has 70 in its check: Devantech', frame: '01 04 00 00 00 0A 70 0D' },
    { name: 'the address byte itself', frame: '65 03 00 01 00 01 DD EE' },
    { name: 'a KMtronic query of 4 and 8 channels is an order of larger boards', frame: 'FF 09 00' },
    { name: 'an LCUS query is an order to a firmware that looks at one bit of it', frame: 'A0 01 05 A6' },
    { name: 'the look-alike of LCUS', frame: '01 D0 01 02' },
  ])('a frame is held back: $name', ({ frame }) => {
    expect(new Caution().allows(hex(frame), { baud: 9600 })).toBe(false);
  });

  it('every question that is asked unasked may leave, one after the other', () => {
    const caution = new Caution();
    for (const { request } of DETECTORS) {
      expect([text(request), caution.allows(request, { baud: 9600 })]).toEqual([text(request), true]);
      caution.sent(request, { baud: 9600 });
    }
  });

  it('an order that only comes about behind what was sent before is seen', () => {
    const caution = new Caution();
    caution.sent(hex('FF'), { baud: 9600 });
    expect(caution.allows(hex('01 01 04'), { baud: 9600 })).toBe(false);
    caution.sent(hex('FE FE'), { baud: 9600 });
    expect(caution.allows(hex('01 03 04'), { baud: 9600 })).toBe(true);
  });

  it('the lone FF of LCUS boards is ended at once, for it is the beginning of a KMtronic order', async () => {
    const { sent } = await search({});
    expect(sent[sent.indexOf('FF') + 1]).toBe('FE FE');
  });

  it('and nothing that was sent to a silent port holds an order', async () => {
    const { sent } = await search({});
    expect(sent.length).toBeGreaterThan(20);
    expect(hasOrder([...hex(sent.join(' '))])).toBe(false);
  });
});
