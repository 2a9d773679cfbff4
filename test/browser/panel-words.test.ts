import { describe, expect, it } from 'vitest';
import type { Problem } from '../../dashboard/src/wire.ts';
import { sayFigure, sayState } from '../../dashboard/src/words/appliance.ts';
import { foldConfirmations, sayDecision } from '../../dashboard/src/words/decision.ts';
import { type Failure, sayFailure } from '../../dashboard/src/words/refusal.ts';
import { isLinkSpent, readSetupSecret } from '../../dashboard/src/words/sign-in.ts';
import { sayDuration, sayTime } from '../../dashboard/src/words/time.ts';
import { sayWatts } from '../../dashboard/src/words/watts.ts';
import { appliance, decision, on } from './panel-fixtures.ts';

const OVEN_ON = { name: 'Oven', wantOn: true, unknownW: 0, heldW: 0 };
const CAPACITY: Problem = {
  code: 'capacity_exceeded',
  status: 403,
  circuit: 'house',
  limit_w: 5000,
  reserved_w: 3200,
  requested_w: 2400,
  exceeded_by_w: 600,
};

function problem(
  code: string,
  status: number,
  more: Partial<Problem> = {},
  retryAfterS: number | null = null,
): Failure {
  return { kind: 'problem', problem: { code, status, ...more }, retryAfterS };
}

const capacity = (more: Partial<Problem> = {}): Failure => problem('capacity_exceeded', 403, { ...CAPACITY, ...more });

describe('a refusal for capacity', () => {
  it('says the watts and what to do', () => {
    expect(sayFailure(capacity(), OVEN_ON).text).toBe(
      'Oven needs 2400 W. 3200 W of 5000 W are in use, so it is 600 W too much. Switch off something of at least 600 W first.',
    );
  });

  it('names the circuit that is too small', () => {
    const { text } = sayFailure(capacity({ circuit: 'kitchen', limit_w: 3600, reserved_w: 1800 }), OVEN_ON);
    expect(text).toContain('On the circuit “kitchen”, 1800 W of 3600 W are in use');
  });

  it('says what is only counted because nobody knows', () => {
    const { text } = sayFailure(capacity(), { ...OVEN_ON, unknownW: 800 });
    expect(text).toContain("3200 W of 5000 W are in use (800 W of it counted because a relay's state is unknown)");
  });

  it('says what is only counted because no board can prove that it is off', () => {
    const { text } = sayFailure(capacity(), { ...OVEN_ON, unknownW: 100, heldW: 800 });
    expect(text).toContain("(100 W of it counted because a relay's state is unknown; 800 W of it told off on a board");
  });

  it('asks for nothing to be switched off where that would not help', () => {
    const { text } = sayFailure(capacity({ limit_w: 2000, requested_w: 2400 }), OVEN_ON);
    expect(text).toBe('Oven needs 2400 W, which is more than the 2000 W the house can carry at all.');
  });

  it('keeps to the detail when figures are missing', () => {
    expect(sayFailure(problem('capacity_exceeded', 403, { detail: 'Too much.' }), OVEN_ON).text).toBe('Too much.');
  });
});

describe('every other failure', () => {
  it.each([
    ['an unknown relay', problem('relay_unreachable', 502, { relay_state: 'unknown' }), 'stay counted'],
    ['a relay that stayed off', problem('relay_unreachable', 502, { relay_state: 'off' }), 'switched off again'],
    ['an OFF from elsewhere', problem('superseded', 409), 'switched off from elsewhere'],
    ['a lock', problem('locked', 423, { holder: 'Installer' }), 'Installer holds the lock'],
    ['a full queue', problem('queue_full', 503, {}, 3), 'Try again in 3 s'],
    ['a full queue without a time', problem('queue_full', 503), 'Try again in a moment'],
    ['a dead disk', problem('ledger_unavailable', 503), 'Switching off still works'],
    ['no answer', { kind: 'network' }, 'not certain'],
    ['a code of a newer hub', problem('too_hot', 418, { detail: 'The board is hot.' }), 'The board is hot.'],
  ] satisfies [string, Failure, string][])('%s is told in plain words', (_case, failure, words) => {
    expect(sayFailure(failure, OVEN_ON).text).toContain(words);
  });

  it('never says that an unconfirmed OFF is done', () => {
    const { text } = sayFailure(problem('relay_unreachable', 502), { ...OVEN_ON, wantOn: false });
    expect(text).toContain('did not confirm that it is off');
  });
});

describe('the state of an appliance', () => {
  it.each([
    ['off', appliance('x'), 'Off', 'off'],
    ['on', on('x', 150), 'On', 'on'],
    ['turning on', appliance('x', { relay_state: 'turning_on' }), 'Turning on', 'moving'],
    ['turning off', appliance('x', { relay_state: 'turning_off' }), 'Turning off', 'moving'],
    ['unknown', appliance('x', { relay_state: 'unknown', reserved_w: 800 }), 'State unknown', 'unknown'],
    ['on as far as anyone knows', on('x', 150, { verified: false }), 'On, assumed', 'on'],
    ['off as far as anyone knows', appliance('x', { verified: false }), 'Off, assumed', 'off'],
    ['unknown before assumed', appliance('x', { verified: false, relay_state: 'unknown' }), 'State unknown', 'unknown'],
    ['a fault before the state', on('x', 800, { fault: 'stuck_on' }), 'Stuck on', 'fault'],
    ['stuck off', appliance('x', { fault: 'stuck_off' }), 'Stuck off', 'fault'],
    ['unreachable', appliance('x', { relay_state: 'unknown', fault: 'unreachable' }), 'Unreachable', 'fault'],
    ['retired', appliance('x', { relay_state: 'unknown', retired: 'board sold' }), 'Relay disconnected', 'unknown'],
  ])('%s', (_case, view, word, icon) => {
    expect(sayState(view, null)).toMatchObject({ word, icon });
  });

  it('is pending, not done, while the hub has not answered', () => {
    expect(sayState(appliance('x'), { wantOn: true, askedAtSeq: 1 })).toMatchObject({
      word: 'Asked to switch on',
      icon: 'moving',
    });
  });

  it('says that nobody can read it back, and what stays counted for that', () => {
    const note = (fields: Parameters<typeof appliance>[1]) => sayState(appliance('x', fields), null).note;
    expect(note({})).toBeNull();
    expect(note({ verified: false })).toBe('Assumed: this board cannot be read back.');
    expect(note({ verified: false, reserved_w: 800 })).toContain('nothing proves that it is off, and its 800 W stay');
    expect(note({ verified: false, relay_state: 'on', reserved_w: 800 })).toBe(
      'Assumed: this board cannot be read back.',
    );
  });

  it('tells what its own meter says, and what it is counted with where that is nothing', () => {
    const oven = on('oven', 2400, { power_w: 1980.4 });
    expect(sayFigure(oven, true)).toEqual({ watts: '1980 W', meaning: 'measured' });
    expect(sayFigure({ ...oven, power_w: 0 }, true)).toEqual({ watts: '2400 W', meaning: 'counted' });
  });

  it('says how much an unknown one is counted with', () => {
    const view = appliance('x', { relay_state: 'unknown', reserved_w: 800, power_w: null });
    expect(sayState(view, null).note).toContain('800 W are counted');
    expect(sayFigure(view)).toEqual({ watts: '800 W', meaning: 'counted' });
  });
});

describe('the list of decisions', () => {
  const later = '2026-03-01T12:00:00.120Z';
  const confirmed = (seq: number, isOn: boolean, id = 'oven') =>
    decision(seq, { kind: 'confirmed', outcome: 'confirmed', is_on: isOn, appliance: id, at: later, source: 'hub' });
  const seqs = (...decisions: ReturnType<typeof decision>[]) =>
    foldConfirmations(decisions).map(({ decision: { seq }, confirmedAfterMs }) => [seq, confirmedAfterMs]);
  const words = (fields: Parameters<typeof decision>[1]) =>
    sayDecision({ decision: decision(1, fields), confirmedAfterMs: null }, (id) => (id === 'oven' ? 'Oven' : id));

  it('tells a confirmation with its order', () => {
    expect(seqs(confirmed(2, true), decision(1))).toEqual([[1, 120]]);
  });

  it('passes over what tells nothing', () => {
    expect(seqs(decision(2, { kind: 'uptime_noted', outcome: 'recorded', appliance: null }), decision(1))).toEqual([
      [1, null],
    ]);
  });

  it('keeps apart what does not belong together', () => {
    expect(seqs(confirmed(3, false), decision(2, { appliance: 'tv' }), decision(1))).toEqual([
      [3, null],
      [2, null],
      [1, null],
    ]);
    expect(seqs(confirmed(2, true), confirmed(1, true))).toEqual([
      [2, null],
      [1, null],
    ]);
  });

  it('shows a refusal as such, with its figures', () => {
    const figures = { requested_w: 2400, exceeded_by_w: 600, reserved_w: 3200, limit_w: 5000 };
    expect(words({ kind: 'refused', outcome: 'refused', code: 'capacity_exceeded', ...figures })).toEqual({
      text: 'Marta (panel) wanted to switch Oven on',
      outcome: 'Refused',
      tone: 'bad',
      reason: '2400 W asked, 3200 W of 5000 W in use: 600 W too much',
    });
  });

  it.each([
    [{ source: 'hub', actor: null, is_on: false, reason: 'shed' }, 'The hub switched Oven off'],
    [{ source: 'hub', actor: null, reason: 'adopted' }, 'Oven went on by itself, and it fits'],
    [{ source: 'hub', actor: null, is_on: false, reason: 'read_off' }, 'Oven was found off'],
    [{ source: 'wall_switch', actor: null }, 'Someone (wall switch) switched Oven on'],
    [{ kind: 'observed', outcome: 'observed', is_on: true }, 'Oven was seen on'],
    [{ kind: 'observed', outcome: 'observed', is_on: null }, 'The state of Oven is unknown'],
    [{ kind: 'failed', outcome: 'failed', is_on: true }, 'Oven did not switch on'],
    [{ kind: 'configured', outcome: 'recorded', appliance: null }, 'The hub started with a limit of 5000 W'],
    [{ kind: 'token_created', reason: 'session link.77ab for Phone (operator)' }, 'Marta (panel) signed in'],
    [{ kind: 'token_created', reason: 'api 3f2a for Script (viewer)' }, 'Marta (panel) made an access token'],
    [{ kind: 'token_revoked', reason: 'link.77ab' }, 'Marta (panel) ended a session'],
    [{ kind: 'lock_taken', outcome: 'recorded' }, 'Oven lock taken'],
  ] as const)('%o', (fields, text) => {
    expect(words(fields).text).toBe(text);
  });
});

describe('the reason of a decision', () => {
  it.each([
    ['request', null],
    ['shed', 'More was on than the limit allows'],
    ['stuck_on', 'The relay still reads on'],
    ['reads on though nobody asked', 'reads on though nobody asked'],
    [null, null],
  ])('%s', (reason, told) => {
    const line = { decision: decision(1, { reason }), confirmedAfterMs: null };
    expect(sayDecision(line, String).reason).toBe(told);
  });
});

describe('figures and times', () => {
  it('neither rounds nor groups watts', () => {
    expect([2400, 2500.5, 0.001, 1_000_000, 0.1 + 0.2].map(sayWatts)).toEqual([
      '2400 W',
      '2500.5 W',
      '0.001 W',
      '1000000 W',
      '0.3 W',
    ]);
  });

  it('names the day only when it was another one', () => {
    const noon = Date.parse('2026-03-01T12:00:00Z');
    expect(sayTime(noon, noon + 60_000, 'Europe/Rome')).toBe('13:00:00');
    expect(sayTime(noon, noon + 86_400_000, 'Europe/Rome')).toBe('1 Mar, 13:00:00');
  });

  it.each([
    [21, '0.021 s'],
    [4520, '4.5 s'],
    [120_000, '2 min'],
    [-3, '0 s'],
  ])('%i ms is %s', (ms, words) => {
    expect(sayDuration(ms)).toBe(words);
  });
});

describe('the one-time link', () => {
  it.each([
    ['#setup=abc123', 'abc123'],
    ['#', null],
    ['', null],
    ['#setup=', null],
    ['#other=1', null],
  ])('%s', (hash, secret) => {
    expect(readSetupSecret(hash)).toBe(secret);
  });

  it.each([
    ['refused', problem('unauthorized', 401), true],
    ['held off', problem('rate_limited', 429), false],
    ['met by a hub without its disk', problem('ledger_unavailable', 503), false],
    ['not answered', { kind: 'network' }, false],
  ] satisfies [string, Failure, boolean][])('%s', (_case, failure, isSpent) => {
    expect(isLinkSpent(failure)).toBe(isSpent);
  });
});
