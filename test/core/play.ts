import type { Decision } from '../../daemon/core/decision.ts';
import type { Household } from '../../daemon/core/model.ts';
import { ANNA, Home } from './home.ts';

/**
 * The tables' little language: one step a phrase, phrases divided by `;`.
 *
 *     lamp on | off | flip          somebody asks
 *     lamp obeys | obeys by reading the board acknowledges its standing order, or it was read back
 *     lamp fails unknown | on | off its attempts are used up; this is what the read-back said
 *     lamp reads on | off           a poll that started now
 *     lamp measured 1200            watts
 *     lamp retire | withdraw        an admin gives the relay up | the commit came too late for the caller
 *     main lost                     the board stopped answering
 *     restart                       the hub starts anew on the same ledger
 *     10 s                          time passes
 */
export function play(home: Home, steps: string): Decision {
  const phrases = steps.split(';').map((phrase) => phrase.trim());
  const decisions = phrases.filter((phrase) => phrase !== '').map((phrase) => step(home, phrase));
  const last = decisions.at(-1);
  if (last === undefined) throw new RangeError('a script needs a step');
  return last;
}

function step(home: Home, phrase: string): Decision {
  if (phrase === 'restart') return home.restart();
  const [subject = '', verb = '', word = ''] = phrase.split(' ');
  if (verb === 's') return pass(home, Number(subject));
  if (verb === 'lost') return home.decide({ kind: 'bus_lost', bus: subject, reason: 'no answer' });
  const run = VERBS[verb];
  if (run === undefined) throw new RangeError(`nobody knows how to "${phrase}"`);
  return run(home, subject, word);
}

const VERBS: Readonly<Record<string, (home: Home, id: string, word: string) => Decision>> = {
  on: (home, id) => home.toggle(id, 'on'),
  off: (home, id) => home.toggle(id, 'off'),
  flip: (home, id) => home.toggle(id, 'flip'),
  obeys: (home, id, word) => home.obeys(id, word === 'by' ? 'read' : 'ack'),
  fails: (home, id, word) => home.fails(id, word as 'on' | 'off' | 'unknown'),
  reads: (home, id, word) => home.reads({ [id]: word === 'on' }),
  measured: (home, id, word) => home.decide({ kind: 'measured', appliance: id, powerMw: Number(word) * 1000 }),
  retire: (home, id) => home.decide({ kind: 'retire', appliance: id, reason: 'unplugged', who: ANNA }),
  withdraw: (home, id) => home.decide({ kind: 'withdraw', appliance: id, generation: home.generation(id) }),
};

function pass(home: Home, seconds: number): Decision {
  home.upMs += seconds * 1000;
  return { events: [], reply: { kind: 'deferred', appliance: '' }, followUps: [] };
}

/** How a 1000 W lamp on a relay comes into each state that design.md 5 names. */
export const WAYS = {
  off: 'lamp reads off',
  'never read': '',
  'turning on': 'lamp reads off; lamp on',
  on: 'lamp reads off; lamp on; lamp obeys',
  'turning off': 'lamp reads off; lamp on; lamp obeys; lamp off',
  'off, unreachable': 'lamp reads off; main lost',
  'on, unreachable': 'lamp reads off; lamp on; lamp obeys; main lost',
  'stuck on': 'lamp reads off; lamp on; lamp obeys; lamp off; lamp fails on',
  'OFF failed, unreachable': 'lamp reads off; lamp on; lamp obeys; lamp off; lamp fails unknown',
  'ON failed, OFF under way': 'lamp reads off; lamp on; lamp fails off',
  'stuck off': 'lamp reads off; lamp on; lamp fails off; lamp obeys',
  retired: 'lamp reads off; main lost; lamp retire',
  'on before a restart': 'lamp reads off; lamp on; lamp obeys; restart',
  'off before a restart': 'lamp reads off; restart',
  'turning on before a restart': 'lamp reads off; lamp on; restart',
  'turning off before a restart': 'lamp reads off; lamp on; lamp obeys; lamp off; restart',
} as const;

export type Way = keyof typeof WAYS;

/** A house of 5000 W with the lamp in that state and nothing else. */
export function lampThatIs(way: Way, house: Partial<Household> = {}): Home {
  const home = new Home(house).add({ lamp: { w: 1000 } }, 'unread');
  if (WAYS[way] !== '') play(home, WAYS[way]);
  return home;
}
