import { describe, expect, it, onTestFinished } from 'vitest';
import { METER_FLAVOURS } from '../../relay-drivers/simulator/meter-flavours.ts';
import type { CoilTruth } from '../../relay-drivers/simulator/relay-bank.ts';
import { words as ascii, text } from '../drivers/captured.ts';
import * as F from './frames.ts';
import { openSerialClient } from './serial-client.ts';
import { type Simulated, simulated } from './simulating.ts';

async function client({ path }: Simulated) {
  const opened = await openSerialClient(path);
  onTestFinished(() => opened.close());
  return opened;
}

async function closed({ control }: Simulated, query = ''): Promise<number[]> {
  const { coils } = (await (await fetch(`${control}/coils${query}`)).json()) as { coils: CoilTruth[] };
  return coils.flatMap(({ channel, closed }) => (closed ? channel : []));
}

async function measured({ control }: Simulated): Promise<{ unit: number; power_w: number; phases: object[] }[]> {
  const { meters } = (await (await fetch(`${control}/meters`)).json()) as Awaited<{ meters: never[] }>;
  return meters;
}

/** Wire-formats A1 to A5; the register of an SDM630's total power (B2), 0 W. */
const ON_UNIT_1_FC06 = '01 06 00 01 01 00 D9 9A';
const TOTAL_POWER_UNIT_2 = '02 04 00 34 00 02 30 36';
const NO_POWER_UNIT_2 = '02 04 04 00 00 00 00 C8 84';

describe('voltsafe simulate --board', () => {
  it.each([
    ['modbus-coils', [], F.ON_1, F.ON_1],
    ['modbus-coils', ['--flavour', 'lctech'], F.LC_ON_1, F.LC_ON_1],
    ['modbus-fc06', [], ON_UNIT_1_FC06, ON_UNIT_1_FC06],
    ['lcus', ['--flavour', 'lcus-feedback'], 'A0 01 03 A4', 'A0 01 01 A2'],
    ['numato', ['--channels', '64'], text(ascii('relay on 00\r')), text(ascii('relay on 00\n\r>'))],
  ])('%s %j switches', async (board, more, request, reply) => {
    const line = await simulated(['--board', board, ...more]);
    await (await client(line)).exchange(request, reply);
    expect(await closed(line)).toEqual([1]);
  });

  it.each([
    ['kmtronic', 'FF 01 01'],
    ['lcus', 'A0 01 01 A2'],
  ])('%s says nothing and switches', async (board, request) => {
    const line = await simulated(['--board', board]);
    (await client(line)).send(Uint8Array.from(request.split(' '), (byte) => Number.parseInt(byte, 16)));
    await expect.poll(() => closed(line)).toEqual([1]);
  });
});

describe('voltsafe simulate --meter', () => {
  it('hangs a meter on the line of the boards', async () => {
    const line = await simulated(['--board', 'modbus-coils', '--meter', 'sdm630:2,pzem:3']);
    const host = await client(line);
    await host.exchange(F.ON_1, F.ON_1);
    await host.exchange(TOTAL_POWER_UNIT_2, NO_POWER_UNIT_2);
    expect(await measured(line)).toMatchObject([
      { meter: 1, unit: 2, power_w: 0 },
      { meter: 2, unit: 3, power_w: 0 },
    ]);
  });

  it('measures the watts of the channels that are closed', async () => {
    const words = ['--board', 'modbus-coils', '--meter', 'sdm630:2', '--watts', '150,1000', '--base-watts', '60'];
    const line = await simulated(words);
    const host = await client(line);
    expect(await measured(line)).toMatchObject([{ power_w: 60 }]);
    await host.exchange('01 05 00 01 FF 00 DD FA', '01 05 00 01 FF 00 DD FA');
    expect(await measured(line)).toMatchObject([{ power_w: 1060, phases: [{ power_w: 353.333 }, {}, {}] }]);
    await host.exchange(F.ON_1, F.ON_1);
    expect(await measured(line)).toMatchObject([{ power_w: 1210 }]);
  });

  it.each(Object.keys(METER_FLAVOURS))('%s has a line of its own', async (model) => {
    const line = await simulated(['--meter', model]);
    expect(await measured(line)).toHaveLength(1);
    expect((await fetch(`${line.control}/coils`)).status).toBe(400);
  });

  it('that talks by itself does so', async () => {
    const line = await simulated(['--meter', 'dsmr-v5']);
    const host = await client(line);
    await expect.poll(() => host.heard(), { timeout: 10_000 }).toContain(text(ascii('1-0:1.7.0(00.000*kW)')));
  });
});
