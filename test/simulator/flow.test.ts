import { expect, it } from 'vitest';
import { flowThrough } from '../../relay-drivers/simulator/flow.ts';
import { desk } from './desk.ts';

const MINUTE_MS = 60_000;

it('counts the energy of what flowed, whenever it is asked', async () => {
  const { bus, clock, board } = await desk({ boards: [{ channels: 2 }, { channels: 2, unit: 2 }] });
  const tell = flowThrough(bus.boards, { phases: 1, baseMw: 60_000, channelsMw: [0, 0, 600_000] }, clock);
  await clock.advance(MINUTE_MS);
  bus.boards[1]?.pressButton(1);
  await clock.advance(MINUTE_MS);
  board.pressButton(1);
  bus.boards[1]?.pressButton(1);
  await clock.advance(MINUTE_MS);
  // A minute of 60 W, one of 660 W, one of 60 W: 1 + 11 + 1 Wh.
  expect(tell()).toMatchObject({ powerMw: 60_000, energyImportMwh: 13_000, energyExportMwh: 0 });
});

it('is what the contacts let through, not what the registers say', async () => {
  const { bus, clock, board } = await desk();
  const tell = flowThrough(bus.boards, { phases: 3, baseMw: 0, channelsMw: [2_300_000] }, clock);
  board.setFaults({ welded: [1] });
  board.pressButton(1);
  board.pressButton(1);
  const phase = { voltageMv: 230_000, currentMa: 3333, powerMw: 766_667 };
  expect(tell()).toMatchObject({ powerMw: 2_300_000, phases: [phase, phase, phase] });
});
