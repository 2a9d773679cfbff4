import { describe, it } from 'vitest';
import { METERS, polledSubject, pushedSubject } from './meters.ts';
import { onTerminal } from './places.ts';
import { POLLED_CASES } from './polled-cases.ts';
import { PUSHED_CASES } from './pushed-cases.ts';
import { RELAY_CASES } from './relay-cases.ts';
import { RELAYS, subjectOf } from './relays.ts';

/** One of each kind, over a real pseudo terminal and a real serial port: the cases that ask for no moment of their own. */
const untimed = <T extends { readonly isTimed?: true }>(cases: readonly T[]) =>
  cases.filter(({ isTimed }) => isTimed !== true);
const onPort = <T extends object>(subject: T): T => ({ ...subject, places: onTerminal });

const relay = RELAYS.filter(({ twin }) => twin === 'waveshare')
  .slice(0, 1)
  .map(subjectOf)
  .map(onPort);
const polled = METERS.filter(({ twin }) => twin === 'pzem').map(polledSubject);
const pushed = METERS.filter(({ twin, phases }) => twin === 'dsmr-v5' && phases === undefined).map(pushedSubject);

describe.each(relay)('$name, on a pseudo terminal', (subject) => {
  it.each(untimed(RELAY_CASES))('$name', ({ run }) => run(subject));
});

describe.each(polled.filter((subject) => subject !== null).map(onPort))('$name, on a pseudo terminal', (subject) => {
  it.each(untimed(POLLED_CASES))('$name', ({ run }) => run(subject));
});

describe.each(pushed.filter((subject) => subject !== null).map(onPort))('$name, on a pseudo terminal', (subject) => {
  it.each(untimed(PUSHED_CASES))('$name', ({ run }) => run(subject));
});
