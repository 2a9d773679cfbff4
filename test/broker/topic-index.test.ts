import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopicIndex } from '../../daemon/broker/embedded/topic-index.ts';
import { matches } from '../../daemon/broker/embedded/topics.ts';

const topics = fc
  .array(fc.constantFrom('a', 'b', '', '$s'), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '', '$s', '+'), { maxLength: 4 }), fc.constantFrom('', '/#', '/a'))
  .map(([levels, end]) => `${levels.join('/')}${end}`.replace(/^\/#$/, '#') || '+');

function indexOf(kept: Iterable<string>): TopicIndex<string> {
  const index = new TopicIndex<string>();
  for (const topic of kept) index.set(topic, topic);
  return index;
}

describe('topics found by filter', () => {
  it('are those that a look at each of them finds, whatever came and went before', () => {
    fc.assert(
      fc.property(fc.array(topics), fc.array(topics), fc.array(filters), (some, gone, asked) => {
        const index = indexOf(some);
        for (const topic of gone) index.delete(topic);
        const left = [...new Set(some)].filter((topic) => !gone.includes(topic));
        for (const filter of asked)
          expect(index.match(filter).toSorted()).toEqual(left.filter((topic) => matches(filter, topic)).toSorted());
      }),
    );
  });

  it('hold the newest value', () => {
    const index = new TopicIndex<number>();
    index.set('a/b', 1);
    index.set('a/b', 2);
    expect(index.match('a/+')).toEqual([2]);
  });

  it('keep nothing of what was deleted, and what lies below it', () => {
    const index = indexOf(['a', 'a/b', 'a/b/c']);
    index.delete('a/b');
    expect(index.match('#')).toEqual(['a', 'a/b/c']);
    index.delete('never/there');
    index.delete('a/b/c');
    expect(index.match('a/#')).toEqual(['a']);
  });
});
