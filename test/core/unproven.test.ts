import { describe, expect, it } from 'vitest';
import { showDecision } from '../../daemon/core/audit.ts';
import type { Evidence } from '../../daemon/core/model.ts';
import { ANNA, answered, events, Home, type Load } from './home.ts';
import { play } from './play.ts';

type Told = Exclude<Evidence, 'ack' | 'read'>;

/** The relay's board cannot be read back: what it was told is all that is known. */
function obeys(home: Home, id: string, evidence: Told) {
  const { generation, isOn } = home.appliance(id).order;
  return home.decide({ kind: 'relay_confirmed', appliance: id, generation, isOn, evidence });
}

function assumes(home: Home, isOn: Readonly<Record<string, boolean>>, evidence: Told) {
  const readings = Object.entries(isOn).map(([appliance, on]) => ({
    appliance,
    generation: home.generation(appliance),
    isOn: on,
  }));
  return home.decide({ kind: 'readings', bus: 'main', evidence, readings });
}

/** Lamp of 1000 W that was on and is told to be off. */
function toldOff(evidence: Told, others: Readonly<Record<string, Load>> = {}): Home {
  const home = new Home().add({ lamp: { w: 1000 }, ...others });
  home.toggle('lamp', 'on');
  obeys(home, 'lamp', evidence);
  home.toggle('lamp', 'off');
  obeys(home, 'lamp', evidence);
  return home;
}

describe('an OFF that nobody can prove', () => {
  it.each([
    ['assumed', 0, 0],
    ['unproven', 1000, null],
  ] as const)('%s: counts %d W', (evidence, reserved_w, power_w) => {
    const home = toldOff(evidence);
    expect(home.view('lamp')).toMatchObject({ relay_state: 'off', verified: false, reserved_w, power_w });
    expect(home.reservedW()).toBe(reserved_w);
    expect(home.state.circuits.get('house')).toMatchObject({ knownMw: 0, heldMw: reserved_w * 1000 });
  });

  it('that is held is on again at no cost, and at no more than the limit', () => {
    const home = toldOff('unproven', { oven: { w: 4000 } });
    expect(answered(home.toggle('oven', 'on').reply)).toBe('awaits the relay');
    expect(answered(home.toggle('lamp', 'on').reply)).toBe('awaits the relay');
    expect(home.reservedW()).toBe(5000);
  });

  it('that is held leaves no room for others', () => {
    const home = toldOff('unproven', { oven: { w: 4000.001 } });
    const { reply } = home.toggle('oven', 'on');
    expect(reply).toMatchObject({ answer: { refusal: { figures: { reservedMw: 1_000_000, exceededByMw: 1 } } } });
    expect(events(play(toldOff('assumed', { oven: { w: 4000.001 } }), 'oven on'))).toEqual(['ordered oven on request']);
  });

  it('that is held may still draw what it drew', () => {
    const home = new Home().add({ lamp: { w: 1000 } });
    home.toggle('lamp', 'on');
    obeys(home, 'lamp', 'unproven');
    play(home, 'lamp measured 1500; lamp off');
    obeys(home, 'lamp', 'unproven');
    expect(home.reservedW()).toBe(1500);
  });

  it('that is held is shed by nobody: it is off as far as anyone knows', () => {
    const home = toldOff('unproven', { oven: { w: 4000 } }).switchedOn('oven');
    expect(events(play(home, 'oven measured 4900'))).toEqual(['peak oven 4900']);
  });

  it('flips on, and off is no change', () => {
    expect(answered(play(toldOff('unproven'), 'lamp off').reply)).toBe('no change');
    expect(events(play(toldOff('unproven'), 'lamp flip'))).toEqual(['ordered lamp on request']);
  });
});

describe('an assumption is no reading', () => {
  it.each(['assumed', 'unproven'] as const)('%s after a start: as ordered, and it says so', (evidence) => {
    const home = toldOff(evidence, { oven: { w: 2000 } }).switchedOn('oven');
    home.restart();
    expect(events(assumes(home, { lamp: false, oven: true }, evidence))).toEqual([
      'observed lamp off',
      'observed oven on',
    ]);
    expect(home.appliance('lamp').evidence).toBe(evidence);
    expect(home.view('oven')).toMatchObject({ relay_state: 'on', verified: false });
    expect(events(assumes(home, { lamp: false, oven: true }, evidence))).toEqual([]);
  });

  it('settles an OFF of before the start', () => {
    const home = toldOff('unproven');
    play(home, 'lamp on');
    obeys(home, 'lamp', 'unproven');
    play(home, 'lamp off; restart');
    expect(events(assumes(home, { lamp: false }, 'unproven'))).toEqual(['confirmed lamp off unproven']);
  });

  it('against an order says nothing', () => {
    const home = toldOff('unproven');
    expect(events(assumes(home, { lamp: true }, 'unproven'))).toEqual([]);
  });

  it('takes nothing back that was read', () => {
    const home = new Home().add({ lamp: { w: 1000 } });
    expect(events(assumes(home, { lamp: false }, 'unproven'))).toEqual([]);
    expect(home.view('lamp')).toMatchObject({ verified: true, reserved_w: 0 });
  });

  it('a board that can be read after all proves it, and frees the watts', () => {
    const home = toldOff('unproven');
    expect(events(home.reads({ lamp: false }))).toEqual(['observed lamp off']);
    expect(home.view('lamp')).toMatchObject({ verified: true, reserved_w: 0 });
  });

  it('and one that then reads on did not obey', () => {
    for (const evidence of ['assumed', 'unproven'] as const)
      expect(events(home(evidence).reads({ lamp: true }))).toEqual([
        'observed lamp on stuck_on',
        'ordered lamp off unasked',
      ]);
    function home(evidence: Told): Home {
      return toldOff(evidence);
    }
  });

  it('a relay that was seen stuck is not assumed off: its watts stay', () => {
    const home = new Home().add({ lamp: { w: 1000 } }).switchedOn('lamp');
    play(home, 'lamp off; lamp fails on');
    expect(events(obeys(home, 'lamp', 'assumed'))).toEqual(['confirmed lamp off unproven']);
    expect(home.reservedW()).toBe(1000);
  });
});

describe('the way out for one that can never prove it', () => {
  it('an admin retires it with a reason, then it may go', () => {
    const home = toldOff('unproven');
    const remove = () => home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    expect(answered(remove().reply)).toBe('conflict');
    expect(events(play(home, 'lamp retire'))).toEqual(['retired lamp']);
    expect(home.reservedW()).toBe(0);
    expect(answered(remove().reply)).toBe('done');
  });

  it('one that is on, or assumed off, is not retired', () => {
    expect(answered(play(toldOff('assumed'), 'lamp retire').reply)).toBe('conflict');
    expect(answered(play(new Home().add({ lamp: { w: 1 } }).switchedOn('lamp'), 'lamp retire').reply)).toBe('conflict');
  });
});

describe('the audit trail', () => {
  it.each([
    ['assumed', 'assumed: this board cannot be read back'],
    ['unproven', 'assumed: this board cannot be read back, so its watts stay counted'],
  ] as const)('%s', (evidence, words) => {
    const last = toldOff(evidence).history.at(-1);
    expect(last && showDecision(last).reason).toBe(words);
  });
});
