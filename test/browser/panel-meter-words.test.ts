import { describe, expect, it } from 'vitest';
import { lostBoards } from '../../dashboard/src/state/boards.ts';
import { inOrder, ownMeters, targetOf, withOwnMeter } from '../../dashboard/src/state/meters.ts';
import { sayBoard } from '../../dashboard/src/words/board.ts';
import { sayMeasuredLoad } from '../../dashboard/src/words/measured-load.ts';
import { sayEnergies, sayMeter, sayPhases } from '../../dashboard/src/words/meter.ts';
import { sayAge } from '../../dashboard/src/words/time.ts';
import { sayMeasured } from '../../dashboard/src/words/watts.ts';
import { AT, appliance, bus, load, meter, on } from './panel-fixtures.ts';

const LIVE = { nowMs: Date.parse(AT) + 42_000, isLive: true };
const nameOf = (id: string) => (id === 'oven' ? 'Oven' : id);
const known = (...meters: ReturnType<typeof meter>[]) => new Map(meters.map((one) => [one.id, one]));

describe('a meter in words', () => {
  it.each([
    ['import', meter('m', 2310.4), { power: '2310 W', meaning: 'import', age: null }],
    ['export', meter('m', -850), { power: '850 W', meaning: 'export', age: null }],
    ['nothing flows', meter('m', 0), { power: '0 W', meaning: '', age: null }],
    [
      'stale',
      meter('m', -850, { stale: true }),
      { power: '850 W', meaning: 'last value, export', age: 'Stale: last value 42 s ago' },
    ],
    [
      'never heard',
      meter('m', null, { stale: true, at: null }),
      { power: 'No value', meaning: '', age: 'Stale: nothing was heard of it yet' },
    ],
  ])('%s', (_case, of, words) => {
    expect(sayMeter(of, LIVE, nameOf)).toMatchObject(words);
  });

  it('is last known, not of now, while the hub is not heard', () => {
    expect(sayMeter(meter('m', 5), { ...LIVE, isLive: false }, nameOf).age).toBe('Last known, 42 s ago');
  });

  it.each([
    ['house', 'the house'],
    ['circuit:house', 'the house'],
    ['circuit:kitchen', 'circuit kitchen'],
    ['appliance:oven', 'Oven'],
    ['appliance:gone', 'gone'],
  ])('%s is %s', (measures, words) => {
    expect(sayMeter(meter('m', 5, { measures }), LIVE, nameOf).measures).toBe(words);
  });

  it('tells the fault as a sentence', () => {
    const { fault } = sayMeter(meter('m', 5, { fault: 'its port is gone: plug it in' }), LIVE, nameOf);
    expect(fault).toBe('Its port is gone: plug it in.');
  });

  it('leaves out what a phase does not tell, and makes no zero of it', () => {
    const phases = [{ voltage_v: 229.96, current_a: null, power_w: -12.34 }];
    expect(sayPhases({ phases })).toEqual([{ name: 'L1', voltage: '230.0 V', current: null, power: '12.3 W export' }]);
  });

  it('tells only the energies that are counted', () => {
    expect(sayEnergies({ energy_import_wh: 850, energy_export_wh: null })).toBe('0.85 kWh import');
    expect(sayEnergies({ energy_import_wh: null, energy_export_wh: null })).toBeNull();
  });
});

describe('measured and reserved', () => {
  it.each([
    [2310, '890 W less than reserved', false],
    [3200, 'as much as reserved', false],
    [3500, '300 W more than reserved', true],
    [-850, 'more is made than drawn', false],
  ])('%i W', (powerW, compared, isMore) => {
    expect(sayMeasuredLoad(load(3200), meter('m', powerW), LIVE)).toMatchObject({ compared, isMore });
  });

  it('is not told where the house has no meter', () => {
    expect(sayMeasuredLoad(load(3200), null, LIVE)).toBeNull();
  });
});

describe('the meter of an appliance', () => {
  const own = meter('oven-meter', 1980, { measures: 'appliance:oven' });

  it.each([
    ['fresh', own, on('oven', 2400), 1980],
    ['fresh, and no power yet', { ...own, power_w: null }, on('oven', 2400), 2400],
    ['stale while it is on', { ...own, stale: true }, on('oven', 2400, { power_w: 1980 }), 2400],
    ['stale while it is off', { ...own, stale: true }, appliance('oven', { power_w: 3 }), 0],
    ['stale, off and held', { ...own, stale: true }, appliance('oven', { reserved_w: 800 }), null],
    ['stale, unknown', { ...own, stale: true }, on('oven', 800, { relay_state: 'unknown' }), null],
  ])('%s', (_case, of, view, powerW) => {
    expect(withOwnMeter(view, ownMeters(known(of)).get('oven')).power_w).toBe(powerW);
  });

  it('leaves others as they are', () => {
    expect(withOwnMeter(on('tv', 150), ownMeters(known(own)).get('tv'))).toEqual(on('tv', 150));
  });

  it('stands behind those of circuits and the house, whatever they are called', () => {
    const sub = meter('a-sub', 5, { measures: 'circuit:kitchen' });
    expect(inOrder(known(own, sub, meter('z', 9))).map(({ id }) => id)).toEqual(['z', 'a-sub', 'oven-meter']);
  });

  it('may measure an appliance that is called like a circuit', () => {
    expect(targetOf('appliance:house')).toEqual({ kind: 'appliance', id: 'house' });
  });
});

describe('a board in words', () => {
  const gone = bus('main', { up: false, reason: 'its port is gone', advice: 'plug it in' });

  it('is told only when it is lost and somebody knows why', () => {
    const told = lostBoards([gone, bus('up'), bus('new', { up: false })], []);
    expect(told.map((board) => sayBoard(board))).toEqual([
      {
        id: 'main',
        title: 'Board main',
        where: 'modbus-coils at /dev/ttyUSB0',
        reason: 'Its port is gone.',
        advice: 'Plug it in.',
        affected: null,
      },
    ]);
  });

  it('tells what hangs on it, and what is counted meanwhile', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const told = lostBoards([gone], [...names.map((id) => on(id, 0.1)), on('x', 9, { relay: null })]);
    expect(told.map((board) => sayBoard(board).affected)).toEqual([
      'On it: a, b, c, d and 2 more. 0.6 W stay counted meanwhile.',
    ]);
  });
});

describe('figures', () => {
  it.each([
    [2310.4, '2310 W'],
    [99.96, '100 W'],
    [-12.34, '12.3 W'],
    [0, '0 W'],
  ])('%f measured is %s', (watts, words) => {
    expect(sayMeasured(watts)).toBe(words);
  });

  it.each([
    [-5, '0 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 days'],
  ])('%i ms old is %s', (ms, words) => {
    expect(sayAge(ms)).toBe(words);
  });
});
