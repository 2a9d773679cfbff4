import { describe, it } from 'vitest';
import { METERS, polledSubject, pushedSubject } from './meters.ts';
import { POLLED_MEMORY } from './polled-cases.ts';
import { PUSHED_MEMORY } from './pushed-cases.ts';
import { RELAY_MEMORY } from './relay-cables.ts';
import { RELAYS, subjectOf } from './relays.ts';

/** The first entry of each family. */
function firsts<T extends { readonly family: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ family }, index) => entries.findIndex((one) => one.family === family) === index);
}

const meters = firsts(METERS);
const polled = meters.map(polledSubject).filter((subject) => subject !== null);
const pushed = meters.map(pushedSubject).filter((subject) => subject !== null);

describe('what babbles without end is not kept', () => {
  it.each(firsts(RELAYS).map(subjectOf))('$name', (subject) => RELAY_MEMORY.run(subject));
  it.each(polled)('$name', (subject) => POLLED_MEMORY.run(subject));
  it.each(pushed)('$name', (subject) => PUSHED_MEMORY.run(subject));
});
