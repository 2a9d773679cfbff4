import { describe, it } from 'vitest';
import { METERS, polledSubject, pushedSubject } from './meters.ts';
import { POLLED_CASES } from './polled-cases.ts';
import { PUSHED_CASES } from './pushed-cases.ts';
import { SKELETON_METER } from './skeleton.ts';

const polled = METERS.map(polledSubject).filter((subject) => subject !== null);
const pushed = METERS.map(pushedSubject).filter((subject) => subject !== null);

describe.each([...polled, SKELETON_METER])('$name', (subject) => {
  it.each(POLLED_CASES)('$name', ({ run }) => run(subject));
});

describe.each(pushed)('$name', (subject) => {
  it.each(PUSHED_CASES)('$name', ({ run }) => run(subject));
});
