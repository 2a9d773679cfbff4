import { describe, expect, it } from 'vitest';
import { apply } from '../../daemon/core/apply.ts';
import { KEPT_AT_MOST, KEPT_FOR_MS } from '../../daemon/core/kept.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { ANNA, answered, BEN, events, Home } from './home.ts';
import { lampThatIs, play } from './play.ts';

/** A request with a key; the hash is of what it asked, as the door makes it. */
function ask(home: Home, want: 'on' | 'off', key: string, who = ANNA, appliance = 'lamp') {
  return home.toggle(appliance, want, { who, key, hash: `${appliance} ${want}` });
}

/** What the first caller was told in the end, and what a retry is told now. */
function keptAnswer(home: Home, key: string, who = ANNA) {
  return home.state.kept.get(`${who.principal} ${key}`)?.answer;
}

describe('the same key, the same answer (S5)', () => {
  it('a retry waits with the first while the relay has not answered', () => {
    const home = lampThatIs('off');
    const first = ask(home, 'on', 'k');
    const again = ask(home, 'on', 'k');
    expect(again.events).toEqual([]);
    expect(again.reply).toEqual(first.reply);
  });

  it.each([
    ['confirmed', 'lamp obeys', { ok: true, changed: true }],
    ['failed', 'lamp fails off', { ok: false, refusal: { code: 'relay_unreachable' } }],
    ['superseded', 'lamp off', { ok: false, refusal: { code: 'superseded' } }],
    ['read off after a restart', 'restart; lamp reads off', { ok: false, refusal: { code: 'relay_unreachable' } }],
    ['read on after a restart', 'restart; lamp reads on', { ok: true, changed: true }],
  ] as const)('%s: replayed as it was told', (_, steps, answer) => {
    const home = lampThatIs('off');
    const [granted] = ask(home, 'on', 'k').events;
    play(home, steps);
    expect(keptAnswer(home, 'k')).toMatchObject({ ...answer, decision: { seq: granted?.seq } });
    const told = keptAnswer(home, 'k');
    play(home, 'lamp reads off; lamp on; lamp obeys; 60 s');
    const replay = ask(home, 'on', 'k');
    expect(replay).toEqual({ events: [], reply: { kind: 'answered', answer: told }, followUps: [] });
  });

  it('a refusal, with the figures of then', () => {
    const home = lampThatIs('off')
      .add({ oven: { w: 4500 } })
      .switchedOn('oven');
    const first = ask(home, 'on', 'k');
    play(home, 'oven off; oven obeys');
    expect(ask(home, 'on', 'k').reply).toEqual(first.reply);
    expect(answered(ask(home, 'on', 'another').reply)).toBe('awaits the relay');
  });

  it('an answer that changed nothing', () => {
    const home = lampThatIs('on');
    const first = ask(home, 'on', 'k');
    play(home, 'lamp off; lamp obeys');
    expect(ask(home, 'on', 'k').reply).toEqual(first.reply);
  });

  it('a declared load', () => {
    const home = new Home().add({ lamp: { w: 1000, channel: null } });
    const first = ask(home, 'on', 'k');
    home.toggle('lamp', 'off');
    expect(ask(home, 'on', 'k').reply).toEqual(first.reply);
  });

  it('another key that joined the same order hears of it, too', () => {
    const home = lampThatIs('off');
    ask(home, 'on', 'first');
    ask(home, 'on', 'joined', BEN);
    play(home, 'lamp obeys');
    expect(keptAnswer(home, 'first')).toMatchObject({ ok: true, changed: true });
    expect(keptAnswer(home, 'joined', BEN)).toMatchObject({ ok: true, changed: false });
  });

  it('an OFF whose place another OFF takes waits for that one', () => {
    const home = lampThatIs('on');
    ask(home, 'off', 'k');
    play(home, 'main lost; lamp retire');
    expect(keptAnswer(home, 'k')).toBeNull();
    play(home, 'lamp obeys');
    expect(keptAnswer(home, 'k')).toMatchObject({ ok: true, changed: true });
  });

  /** Its rows say nothing of `verified`: boards that cannot be read back came later. */
  it('out of a ledger of before, in the words of today', () => {
    const home = new Home().add({ lamp: { w: 1000, channel: null }, fan: { w: 1000 }, oven: { w: 4001 } });
    const decisions = [
      ask(home, 'on', 'declared'),
      ask(home, 'on', 'too much', ANNA, 'oven'),
      ask(home, 'on', 'waited', ANNA, 'fan'),
      home.obeys('fan'),
      ask(home, 'on', 'unchanged', ANNA, 'fan'),
      ask(home, 'off', 'failed', ANNA, 'fan'),
      home.fails('fan', 'unknown'),
    ];
    const old = emptyState();
    for (const event of home.history) apply(old, JSON.parse(JSON.stringify(event).replaceAll('"verified":true,', '')));
    expect(decisions.flatMap((decision) => decision.events).filter((event) => 'standing' in event)).toHaveLength(5);
    expect([...old.kept.values()]).toEqual([...home.state.kept.values()]);
  });

  it('a key belongs to who used it', () => {
    const home = lampThatIs('off');
    ask(home, 'on', 'k');
    play(home, 'lamp obeys');
    expect(answered(ask(home, 'on', 'k', BEN).reply)).toBe('no change');
  });
});

describe('another request under the same key', () => {
  it.each([
    ['off', 'lamp'],
    ['on', 'oven'],
  ] as const)('%s for the %s is refused, recorded, and does nothing', (want, appliance) => {
    const home = lampThatIs('off').add({ oven: { w: 100 } });
    ask(home, 'on', 'k');
    play(home, 'lamp obeys');
    const decision = ask(home, want, 'k', ANNA, appliance);
    expect(answered(decision.reply)).toBe('idempotency_key_reused');
    expect(events(decision)).toEqual([`refused ${appliance} idempotency_key_reused`]);
    expect(keptAnswer(home, 'k')).toMatchObject({ ok: true });
  });
});

describe('kept for 24 hours of accumulated uptime', () => {
  it.each([
    [KEPT_FOR_MS - 1, 'done', 1],
    [KEPT_FOR_MS, 'no change', 1],
  ])('%i ms later the key is answered "%s"', (laterMs, answer, count) => {
    const home = lampThatIs('off');
    ask(home, 'on', 'k');
    play(home, 'lamp obeys');
    home.upMs += laterMs;
    expect(answered(ask(home, 'on', 'k').reply)).toBe(answer);
    expect(home.state.keptCount).toBe(count);
  });

  it('what is too old is forgotten when the next key comes', () => {
    const home = lampThatIs('on');
    for (let i = 0; i < 5; i++) ask(home, 'on', `old ${i}`);
    home.upMs += KEPT_FOR_MS / 2;
    ask(home, 'on', 'young');
    home.upMs += KEPT_FOR_MS / 2;
    ask(home, 'on', 'new');
    expect([...home.state.kept.values()].map(({ id }) => id)).toEqual(['anna young', 'anna new']);
    expect(home.state.keptCount).toBe(2);
  });
});

describe('a bounded memory of keys', () => {
  function full(): Home {
    const home = lampThatIs('on');
    for (let i = 0; i < KEPT_AT_MOST; i++) ask(home, 'on', `k${i}`);
    return home;
  }

  it('refuses a new key when it is full, and still knows the old ones', () => {
    const home = full();
    expect(answered(ask(home, 'on', 'one more').reply)).toBe('rate_limited');
    expect(answered(ask(home, 'on', 'k0').reply)).toBe('no change');
    expect(answered(home.toggle('lamp', 'on').reply)).toBe('no change');
  });

  it('has room again when its keys are too old', () => {
    const home = full();
    home.upMs += KEPT_FOR_MS;
    expect(answered(ask(home, 'on', 'a day later').reply)).toBe('no change');
    expect(home.state.keptCount).toBe(1);
  });

  it('never refuses an OFF (S7)', () => {
    expect(answered(ask(full(), 'off', 'one more').reply)).toBe('awaits the relay');
  });
});

describe('an ON that was withdrawn is forgotten', () => {
  it('its keys, and those that joined, are decided anew', () => {
    const home = lampThatIs('off');
    ask(home, 'on', 'first');
    ask(home, 'on', 'joined', BEN);
    play(home, 'lamp withdraw');
    expect([keptAnswer(home, 'first'), keptAnswer(home, 'joined', BEN), home.state.keptCount]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    play(home, 'lamp obeys');
    expect(answered(ask(home, 'on', 'first').reply)).toBe('awaits the relay');
  });

  it('other keys of the same appliance stand', () => {
    const home = lampThatIs('off');
    ask(home, 'off', 'before');
    ask(home, 'on', 'first');
    play(home, 'lamp withdraw');
    expect(keptAnswer(home, 'before')).toMatchObject({ ok: true });
    expect(home.state.keptCount).toBe(1);
  });

  it('of a declared load likewise', () => {
    const home = new Home().add({ lamp: { w: 1000, channel: null } });
    ask(home, 'on', 'k');
    play(home, 'lamp withdraw');
    expect(home.state.keptCount).toBe(0);
  });
});

describe('an appliance that is removed while a key waits', () => {
  /** Only a retired one can be: its OFF is under way for ever. */
  function removed(): Home {
    const home = lampThatIs('on, unreachable');
    ask(home, 'off', 'k');
    play(home, 'lamp retire');
    home.decide({ kind: 'remove_appliance', appliance: 'lamp', who: ANNA });
    return home;
  }

  it('one of the same id that comes later does not answer for it', () => {
    const home = removed().add({ lamp: { w: 5, channel: 1 } });
    play(home, 'lamp on; lamp obeys');
    expect(keptAnswer(home, 'k')).not.toMatchObject({ ok: true });
  });
});
