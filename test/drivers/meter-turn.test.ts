import { expect, it } from 'vitest';
import { createEastronSdm } from '../../relay-drivers/eastron-sdm/driver.ts';
import { eastronSdmSettings } from '../../relay-drivers/eastron-sdm/settings.ts';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import { meterRig } from './meter-rig.ts';
import { terms } from './rig.ts';

const WALL_SWITCH_POLL_MS = 100;

it('a meter has its turn on a line whose wall switches are read without end', async () => {
  const rig = await meterRig({
    boards: [{ channels: 8, unit: 1 }],
    meters: [{ protocol: sdmTwin('sdm120'), unit: 2 }],
  });
  const settings = { id: 'm', driver: 'eastron-sdm', model: 'sdm120', measures: 'house', bus: 'main', unit: 2 };
  const meter = createEastronSdm(eastronSdmSettings.parse(settings), rig.line, 9600);
  const board = rig.board(1);
  let isOver = false;
  const readOn = (): void => {
    if (isOver) return;
    void board.readCoils(terms('read')).then(() => rig.clock.after(WALL_SWITCH_POLL_MS, readOn));
  };
  readOn();
  const startedMs = rig.clock.nowMs();
  const reading = meter.read(terms('meter'));
  await rig.clock.settled(reading);
  isOver = true;
  expect((await reading).powerMw).toBe(0);
  expect(rig.clock.nowMs() - startedMs).toBeLessThan(2000);
  // The relays are read again afterwards.
  const countBefore = rig.sent.length;
  await rig.clock.settled(board.readCoils(terms('read')));
  expect(rig.sent.length).toBeGreaterThan(countBefore);
});
