import { describe, expect, it } from 'vitest';
import { exchangeMs, registerReadMs } from '../../relay-drivers/modbus/exchange-time.ts';
import { type LineLoad, type LineMeter, type LineUser, planPolls } from '../../relay-drivers/poll-plan.ts';

const board = (id: string, baud: number, periodMs = 1000): LineUser => ({
  id,
  lineTimeMs: exchangeMs(baud, 8, 6),
  periodMs,
});
const boards = (count: number, baud: number): LineUser[] =>
  Array.from({ length: count }, (_, index) => board(`board-${index + 1}`, baud));
const sdm120 = (id: string, baud: number, periodMs = 1000): LineMeter => ({
  id,
  lineTimeMs: registerReadMs(baud, 14) + registerReadMs(baud, 4) / 10,
  periodMs,
  hushMs: 200,
});
const load = (more: Partial<LineLoad>): LineLoad => ({
  line: '/dev/ttyUSB0',
  baud: 9600,
  boards: [],
  meters: [],
  ...more,
});

describe('line times are those of wire-formats D', () => {
  it.each([
    [2400, 95.8, 87.5, 104.2, 116.7, 100.0, 166.7, 750],
    [9600, 24.0, 21.9, 26.0, 29.2, 25.0, 41.7, 187.5],
    [19_200, 12.0, 10.9, 13.0, 14.6, 12.5, 20.8, 93.8],
    // The table there says 7.2 for FC01: 14 characters and two silences are 7.146 ms.
    [38_400, 7.7, 7.1, 8.2, 9.0, 7.9, 12.1, 48.6],
    [115_200, 4.9, 4.7, 5.1, 5.3, 5.0, 6.4, 18.5],
  ])('at %i baud', (baud, fc05, fc01, fc0f, fc0f32, float, pzem, block) => {
    const computed = [
      exchangeMs(baud, 8, 8),
      exchangeMs(baud, 8, 6),
      exchangeMs(baud, 10, 8),
      exchangeMs(baud, 13, 8),
      registerReadMs(baud, 2),
      registerReadMs(baud, 10),
      registerReadMs(baud, 80),
    ];
    expect(computed.map((ms) => ms.toFixed(1))).toEqual(
      [fc05, fc01, fc0f, fc0f32, float, pzem, block].map((ms) => ms.toFixed(1)),
    );
  });
});

describe('what the line can carry is left as it is', () => {
  it('a board and a meter at 9600 baud', () => {
    const plan = planPolls(load({ boards: boards(1, 9600), meters: [sdm120('oven', 9600)] }));
    expect(plan.meters).toEqual([{ id: 'oven', periodMs: 1000, warning: null }]);
    expect(plan.plannedShare).toBe(plan.askedShare);
    // 21.9 ms for the board; 50 ms, a tenth of 29.2 and the silence of 200 for the meter.
    expect(plan.askedShare).toBeCloseTo(0.0219 + 0.05 + 0.0029 + 0.2, 3);
  });

  it('a meter that has the line to itself never waits for silence', () => {
    const alone = planPolls(load({ meters: [sdm120('oven', 9600)] }));
    const two = planPolls(load({ meters: [sdm120('oven', 9600), sdm120('hob', 9600)] }));
    expect(alone.askedShare).toBeCloseTo(0.053, 3);
    expect(two.askedShare).toBeCloseTo(2 * 0.253, 3);
  });

  it('an empty line', () => {
    expect(planPolls(load({}))).toEqual({ askedShare: 0, plannedShare: 0, meters: [] });
  });
});

describe('where it cannot, meters are read less often', () => {
  const boardsAt2400 = boards(3, 2400);

  it('an SDM120 and three boards at 2400 baud', () => {
    const plan = planPolls(load({ baud: 2400, boards: boardsAt2400, meters: [sdm120('oven', 2400)] }));
    // Boards 3 x 87.5 ms; the meter 200 ms, a tenth of 116.7 and its silence: 674 ms of each second.
    expect(plan.askedShare).toBeCloseTo(0.674, 3);
    expect(plan.meters).toEqual([{ id: 'oven', periodMs: 1000, warning: null }]);
  });

  it('the same with a second meter: both are stretched alike, the boards are not', () => {
    const meters = [sdm120('oven', 2400), sdm120('hob', 2400, 2000)];
    const plan = planPolls(load({ baud: 2400, boards: boardsAt2400, meters }));
    const [oven, hob] = plan.meters;
    const asked = (411.67 / 1000) * 1.5;
    const stretch = asked / (0.7 - 0.2625);
    expect(oven?.periodMs).toBe(Math.ceil(1000 * stretch));
    expect(hob?.periodMs).toBe(Math.ceil(2000 * stretch));
    expect(plan.plannedShare).toBeCloseTo(0.7, 6);
    const made = 0.2625 + 411.67 / (oven?.periodMs ?? 1) + 411.67 / (hob?.periodMs ?? 1);
    expect(made).toBeLessThanOrEqual(0.7);
  });

  it('the warning names the line, the share, the meter, its periods and what to do', () => {
    const meters = [sdm120('oven', 2400), sdm120('hob', 2400)];
    const [oven] = planPolls(load({ baud: 2400, boards: boardsAt2400, meters })).meters;
    expect(oven?.warning).toBe(
      "/dev/ttyUSB0 at 2400 baud: its boards and meters ask for 109 % of the line's time, and 70 % is what it can carry; " +
        'meter oven is read every 1.9 s instead of every 1 s. ' +
        'Set a higher baud rate or a longer poll_s, or give the meter a line of its own.',
    );
  });

  it('boards that fill the line by themselves leave the meter a little, and the warning says whose fault it is', () => {
    const meter: LineMeter = { id: 'oven', lineTimeMs: 100, periodMs: 1000 };
    const plan = planPolls(load({ baud: 2400, boards: boards(9, 2400), meters: [meter] }));
    expect(plan.meters[0]?.periodMs).toBe(2000);
    expect(plan.meters[0]?.warning).toContain('79 % by the boards alone');
  });

  it('a longer poll_s is what the warning promises', () => {
    const meters = [sdm120('oven', 2400, 2000), sdm120('hob', 2400, 2000)];
    const plan = planPolls(load({ baud: 2400, boards: boardsAt2400, meters }));
    expect(plan.meters.map(({ warning }) => warning)).toEqual([null, null]);
  });
});

describe('a meter that needs silence', () => {
  it('beside wall switches, which are asked every 100 ms, its silence keeps them waiting', () => {
    const inputs = { ...board('board-1', 9600, 100), id: 'board-1 inputs' };
    const plan = planPolls(load({ boards: [board('board-1', 9600), inputs], meters: [sdm120('oven', 9600)] }));
    expect(plan.meters[0]).toMatchObject({
      periodMs: 1000,
      warning: expect.stringMatching(/^\/dev\/ttyUSB0: meter oven needs 200 ms .* line of its own\.$/),
    });
  });

  it('is no worry where it needs none', () => {
    const inputs = board('inputs', 9600, 100);
    const meter: LineMeter = { id: 'pump', lineTimeMs: 41.7, periodMs: 1000 };
    expect(planPolls(load({ boards: [inputs], meters: [meter] })).meters[0]?.warning).toBeNull();
  });
});
