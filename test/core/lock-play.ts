import type { Decision } from '../../daemon/core/decision.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { LockWish } from '../../daemon/core/locks/model.ts';
import { claimsOf, consequences, LockHome, PEOPLE, type Person, rowWords, wishFor, wordsOf } from './lock-home.ts';

/**
 * Scripts of the lock tables: one step a line, what follows from it behind the arrow. `transcript` runs one and writes
 * down what really follows, so that a test compares the script with itself.
 *
 *     ann acquire x y shared ttl=2000 wait=w1:5000 key=k:hash delay=500 max=9000 lockout
 *     ann renew x 1 [ttl=2000] | release x 1 [reason] | downgrade x 1 | force x
 *     ann on|off|flip lamp [tokens=1 | tokens=x=1,y=2] [key=k]
 *     cancel w1                  whoever waited is gone
 *     revoke                     the API token of `tok`
 *     lamp obeys | lapses | reads on | fails unknown | retires
 *     pass 1000 | drowse 1000    with a timer that is prompt, and with none; `due`: it comes at last
 *     asked 700                  the next step came in so long ago
 *     restart
 *     show x                     token: holders | waiters | delay
 */
export function transcript(home: LockHome, script: string): string {
  const lines = script.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const step = (line.split(' -> ')[0] ?? '').trim();
      const said = play(home, step.split(/\s+/));
      return said === '' ? step : `${step} -> ${said}`;
    })
    .join('\n');
}

/** As it was written, without what only lays it out. */
export function written(script: string): string {
  const lines = script.split('\n').map((line) => line.trim().replace(/\s+->\s+/, ' -> '));
  return lines.filter((line) => line !== '').join('\n');
}

function play(home: LockHome, words: readonly string[]): string {
  const [subject = '', verb = '', ...rest] = words;
  if (subject === 'show') return rowWords(home, verb);
  if (subject === 'asked') {
    home.askedUpMs = home.upMs - Number(verb);
    return '';
  }
  const decisions = decisionsOf(home, subject, verb, rest);
  home.askedUpMs = null;
  const isAsked = subject in PEOPLE;
  return decisions
    .flatMap((one) => [...(isAsked ? [wordsOf(one, RELEASES.has(verb))] : []), ...consequences(one)])
    .join('; ');
}

const RELEASES = new Set(['release', 'force']);

function decisionsOf(home: LockHome, subject: string, verb: string, rest: readonly string[]): Decision[] {
  switch (subject) {
    case 'pass':
      return home.pass(Number(verb));
    case 'drowse':
      home.drowse(Number(verb));
      return [];
    case 'due':
      return [home.tellDue()];
    case 'restart':
      return [home.restart()];
    case 'cancel':
      return [home.decide({ kind: 'cancel_wait', waiter: verb })];
    case 'revoke':
      return [home.decide({ kind: 'revoke_token', id: 't1', who: PEOPLE.ann })];
    default:
      return subject in PEOPLE
        ? [home.decide(asked(subject as Person, verb, rest))]
        : relay(home, subject, verb, rest[0] ?? '');
  }
}

function relay(home: LockHome, appliance: string, verb: string, word: string): Decision[] {
  switch (verb) {
    case 'obeys':
      return [home.obeys(appliance, word === 'unproven' ? 'unproven' : 'ack')];
    case 'reads':
      return [home.reads({ [appliance]: word === 'on' })];
    case 'fails':
      return [home.fails(appliance, word as 'on' | 'off' | 'unknown')];
    case 'retires':
      return [home.decide({ kind: 'retire', appliance, reason: 'unplugged', who: PEOPLE.ann })];
    case 'lapses':
      return [home.lapses(appliance) ?? []].flat();
    default:
      throw new RangeError(`nobody knows how to "${appliance} ${verb}"`);
  }
}

function asked(person: Person, verb: string, rest: readonly string[]): Input {
  const who = PEOPLE[person];
  const options = new Map(rest.filter((word) => word.includes('=')).map(pair));
  const [resource = '', token = '', ...more] = rest.filter((word) => !word.includes('='));
  switch (verb) {
    case 'acquire':
      return acquire(person, rest, options);
    case 'renew':
      return { kind: 'renew_lock', resource, token: Number(token), ttlMs: numberOf(options.get('ttl')), who };
    case 'release':
      return { kind: 'release_lock', resource, token: Number(token), reason: more.join(' ') || null, who };
    case 'downgrade':
      return { kind: 'downgrade_lock', resource, token: Number(token), who };
    case 'force':
      return { kind: 'force_release_lock', resource, reason: 'stuck', who };
    case 'on':
    case 'off':
    case 'flip':
      return toggle(person, verb, resource, options);
    default:
      throw new RangeError(`nobody knows how to "${verb}"`);
  }
}

function toggle(person: Person, want: 'on' | 'off' | 'flip', appliance: string, options: Map<string, string>): Input {
  const tokens = options.get('tokens');
  const key = options.get('key');
  const claims = tokens === undefined ? {} : { claims: claimsOf(tokens) };
  const kept = key === undefined ? {} : { key, hash: `${appliance} ${want}` };
  return { kind: 'toggle', appliance, want, who: PEOPLE[person], ...claims, ...kept };
}

function acquire(person: Person, rest: readonly string[], options: Map<string, string>): Input {
  const words = rest.filter((word) => !word.includes('='));
  const isLockout = words.includes('lockout');
  const change: Partial<LockWish> = {
    mode: words.includes('shared') ? 'shared' : 'exclusive',
    ttlMs: isLockout ? null : (numberOf(options.get('ttl')) ?? 1000),
    delayMs: numberOf(options.get('delay')) ?? 0,
    maxHoldMs: numberOf(options.get('max')),
    isLockout,
  };
  const resources = words.filter((word) => word !== 'shared' && word !== 'lockout');
  const [id = '', ms = ''] = options.get('wait')?.split(':') ?? [];
  const [key = '', hash = 'same'] = options.get('key')?.split(':') ?? [];
  return {
    kind: 'acquire_lock',
    wish: wishFor(resources, change),
    who: PEOPLE[person],
    wait: id === '' ? null : { id, ms: Number(ms) },
    ...(key === '' ? {} : { key, hash }),
  };
}

function pair(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** A lamp and an oven in the kitchen, a fan elsewhere, a heater without a relay; `tok` has its token. */
export function house(): LockHome {
  const home = new LockHome({ circuits: [{ id: 'kitchen', parent: null, limitMw: 4_000_000 }] });
  home.add({ lamp: { w: 100, circuit: 'kitchen' }, oven: { w: 200, circuit: 'kitchen' }, fan: { w: 50 } });
  home.add({ heater: { w: 70, channel: null, circuit: 'kitchen' } });
  const token = { id: 't1', name: 'tok', role: 'operator', secretHash: '', use: 'api' } as const;
  home.decide({ kind: 'create_token', token: { ...token, createdWallMs: 0, expiresUpMs: null }, who: PEOPLE.ann });
  return home;
}
