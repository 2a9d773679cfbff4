import { describe, it } from 'vitest';
import { RELAY_CASES } from './relay-cases.ts';
import { RELAYS, subjectOf } from './relays.ts';
import { SKELETON } from './skeleton.ts';

describe.each([...RELAYS.map(subjectOf), SKELETON])('$name', (subject) => {
  it.each(RELAY_CASES)('$name', ({ run }) => run(subject));
});
