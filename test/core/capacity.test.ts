import { describe, expect, it } from 'vitest';
import { showLoad } from '../../daemon/core/show.ts';
import { ANNA, answered, events, Home } from './home.ts';
import { play } from './play.ts';

describe('watts are exact (S4)', () => {
  const ROWS: readonly [on: number, asked: number, answer: string][] = [
    [2500.5, 2499.6, 'capacity_exceeded'],
    [2500.5, 2499.5, 'awaits the relay'],
    [2500.5, 2499.501, 'capacity_exceeded'],
    [4999.999, 0.001, 'awaits the relay'],
    [4999.999, 0.002, 'capacity_exceeded'],
    [0.001, 5000, 'capacity_exceeded'],
  ];

  it.each(ROWS)('%f W on, %f W more at 5000 W: %s', (first, second, answer) => {
    const home = new Home().add({ first: { w: first }, second: { w: second } }).switchedOn('first');
    expect(answered(home.toggle('second', 'on').reply)).toBe(answer);
  });

  it('ten times 0.1 W is 1 W', () => {
    const home = new Home({ limitMw: 1000 });
    const ids = Array.from({ length: 11 }, (_, i) => `d${i}`);
    home.add(Object.fromEntries(ids.map((id) => [id, { w: 0.1, channel: null }])));
    const answers = ids.map((id) => answered(home.toggle(id, 'on').reply));
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 'done'), 'capacity_exceeded']);
    expect(home.reservedW()).toBe(1);
  });
});

describe('every circuit from the appliance up to the house (S1)', () => {
  const TREE = {
    circuits: [
      { id: 'kitchen', parent: null, limitMw: 3_600_000 },
      { id: 'oven', parent: 'kitchen', limitMw: 3_000_000 },
    ],
  };
  const LOADS = {
    oven: { w: 2400, circuit: 'oven' },
    grill: { w: 1000, circuit: 'oven' },
    kettle: { w: 2000, circuit: 'kitchen' },
    dryer: { w: 3000 },
    lamp: { w: 100 },
  };

  /** Who is on, who asks, and the circuit that is too small (null: it fits). */
  const ROWS: readonly [on: readonly string[], asks: string, tooSmall: string | null][] = [
    [[], 'oven', null],
    [['oven'], 'grill', 'oven'],
    [['oven'], 'kettle', 'kitchen'],
    [['oven'], 'dryer', 'house'],
    [['grill', 'kettle'], 'dryer', 'house'],
    [['grill', 'kettle'], 'lamp', null],
    [['grill'], 'kettle', null],
  ];

  it.each(ROWS)('%j on, %s asks: %j is too small', (on, asks, tooSmall) => {
    const home = new Home(TREE).add(LOADS).switchedOn(...on);
    const { reply } = home.toggle(asks, 'on');
    const refusal = reply.kind === 'answered' && !reply.answer.ok ? reply.answer.refusal : null;
    expect(refusal?.figures?.circuit ?? null).toBe(tooSmall);
  });

  it('a refusal names the figures of the circuit that refused', () => {
    const home = new Home(TREE).add(LOADS).switchedOn('oven');
    const { reply } = home.toggle('kettle', 'on');
    expect(reply).toMatchObject({
      answer: {
        refusal: {
          detail: 'kettle needs 2000 W; on circuit kitchen 2400 W of 3600 W are taken: 800 W too much.',
          figures: { limitMw: 3_600_000, reservedMw: 2_400_000, requestedMw: 2_000_000, exceededByMw: 800_000 },
        },
      },
    });
  });

  it('an appliance whose circuit left the configuration counts in the house alone', () => {
    const home = new Home(TREE).add(LOADS).switchedOn('oven');
    home.restart({ circuits: [] });
    home.reads({ oven: true, grill: false, kettle: false, dryer: false, lamp: false });
    expect(home.reservedW()).toBe(2400);
    expect(answered(home.toggle('grill', 'on').reply)).toBe('awaits the relay');
  });
});

describe('the base load counts in the house, whatever is switched', () => {
  it('leaves that much less for relays', () => {
    const home = new Home({ baseLoadMw: 400_000 }).add({ oven: { w: 4600 }, lamp: { w: 0.001 } });
    expect(home.reservedW()).toBe(400);
    home.switchedOn('oven');
    expect(answered(home.toggle('lamp', 'on').reply)).toBe('capacity_exceeded');
  });
});

describe('the highest measured power counts while it is on', () => {
  const on = () => new Home().add({ pump: { w: 1000 }, lamp: { w: 100, priority: 0 } }).switchedOn('pump');

  /** Only a new maximum above the rating is an event; ordinary samples belong to telemetry. */
  it.each([
    ['pump measured 900', [], 1000],
    ['pump measured 1000', [], 1000],
    ['pump measured 1200.5', ['peak pump 1200.5'], 1200.5],
    ['pump measured 1200; pump measured 1100', [], 1200],
    ['pump measured 1200; pump measured 1300', ['peak pump 1300'], 1300],
    // Off, and its standby says nothing about its next time.
    ['lamp measured 50', [], 1000],
  ])('%s', (steps, expected, reservedW) => {
    const home = on();
    expect(events(play(home, steps))).toEqual(expected);
    expect(home.reservedW()).toBe(reservedW);
  });

  it('is forgotten when it is confirmed off', () => {
    const home = on();
    play(home, 'pump measured 1500; pump off; pump obeys; pump on');
    expect(home.reservedW()).toBe(1000);
  });

  it('outlives a restart: nobody has seen it off', () => {
    const home = on();
    play(home, 'pump measured 1500; restart');
    expect(home.view('pump').reserved_w).toBe(1500);
  });

  it('sheds what it drives over the limit', () => {
    const home = on().switchedOn('lamp');
    expect(events(play(home, 'pump measured 4950'))).toEqual(['peak pump 4950', 'ordered lamp off shed']);
  });

  it('counts for the same appliance when it asks again while its OFF is not believed', () => {
    const home = on();
    play(home, 'pump measured 5200; pump off; pump fails on');
    expect(answered(home.toggle('pump', 'on').reply)).toBe('capacity_exceeded');
  });
});

describe('the meter', () => {
  const ROWS: readonly [w: number, status: string, headroom: number, utilization: number][] = [
    [0.001, 'safe', 4999.999, 0],
    [3999.999, 'safe', 1000.001, 0.8],
    [4000, 'near_limit', 1000, 0.8],
    [5000, 'near_limit', 0, 1],
  ];

  it.each(ROWS)('%f W on: %s', (w, status, headroom_w, utilization) => {
    const home = new Home().add({ load: { w } }).switchedOn('load');
    expect(showLoad(home.state)).toMatchObject({ reserved_w: w, status, headroom_w, utilization });
  });

  it('over the limit there is no headroom', () => {
    const home = new Home().add({ load: { w: 5000 }, more: { w: 500, isProtected: true } }).switchedOn('load');
    home.reads({ more: true });
    expect(showLoad(home.state)).toMatchObject({
      reserved_w: 5500,
      status: 'over_limit',
      headroom_w: 0,
      utilization: 1.1,
    });
  });

  it('a circuit is near its limit at the same share as the house', () => {
    const home = new Home({ circuits: [{ id: 'kitchen', parent: null, limitMw: 2_000_000 }] });
    home.add({ kettle: { w: 1600, circuit: 'kitchen' } }).switchedOn('kettle');
    const [kitchen] = showLoad(home.state).circuits;
    expect(kitchen).toEqual({
      id: 'kitchen',
      parent: 'house',
      limit_w: 2000,
      reserved_w: 1600,
      headroom_w: 400,
      status: 'near_limit',
    });
    expect(showLoad(home.state).status).toBe('safe');
  });
});

describe('a limit that changed while the hub was down', () => {
  it('sheds nothing before anything was read, and nothing that fits', () => {
    const home = new Home().add({ oven: { w: 3000 }, lamp: { w: 2000, priority: 10 } }).switchedOn('oven', 'lamp');
    expect(events(home.restart({ limitMw: 5_000_000 }))).toEqual(['configured']);
    expect(events(home.reads({ oven: true, lamp: true }))).toEqual(['observed oven on', 'observed lamp on']);
  });

  it('sheds what does not fit any more once it is read on', () => {
    const home = new Home().add({ oven: { w: 3000 }, lamp: { w: 2000, priority: 10 } }).switchedOn('oven', 'lamp');
    expect(events(home.restart({ limitMw: 4_000_000 }))).toEqual(['configured']);
    const heard = events(home.reads({ oven: true, lamp: true }));
    expect(heard).toEqual(['observed oven on', 'observed lamp on', 'ordered lamp off shed']);
  });

  it('keeps a declared load: it is never shed', () => {
    const home = new Home().add({ heater: { w: 3000, channel: null, priority: 0 }, lamp: { w: 2000 } });
    home.toggle('heater', 'on');
    home.switchedOn('lamp');
    expect(events(home.restart({ limitMw: 4_000_000 }))).toEqual(['configured']);
    expect(events(home.reads({ lamp: true }))).toContain('ordered lamp off shed');
    expect(home.view('heater').is_on).toBe(true);
  });

  it('is what the next request is measured by', () => {
    const home = new Home().add({ oven: { w: 3000 } });
    home.restart({ limitMw: 2_000_000 });
    home.reads({ oven: false });
    expect(answered(home.toggle('oven', 'on').reply)).toBe('capacity_exceeded');
    expect(home.state.household.limitMw).toBe(2_000_000);
  });
});

describe('no rule but the limits refuses an ON', () => {
  it('what counts already does not count twice: a stuck relay that is asked for again', () => {
    const home = new Home().add({ oven: { w: 3000 } }).switchedOn('oven');
    expect(answered(play(home, 'oven off; oven fails on; oven on').reply)).toBe('awaits the relay');
    expect(home.reservedW()).toBe(3000);
  });

  it('the last of many that fit exactly', () => {
    const home = new Home().add(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`l${i}`, { w: 625 }])));
    for (let i = 0; i < 8; i++)
      expect(answered(home.toggle(`l${i}`, 'on', { who: ANNA }).reply)).toBe('awaits the relay');
    expect(home.reservedW()).toBe(5000);
  });
});
