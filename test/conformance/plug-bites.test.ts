import { describe, expect, it } from 'vitest';
import * as bad from './plug-bad.ts';
import { PLUG_CASES } from './plug-cases.ts';
import type { PlugSubject } from './plug-world.ts';

async function failing(subject: PlugSubject, lookedAt: RegExp): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of PLUG_CASES.filter((each) => lookedAt.test(each.name))) {
    try {
      await run(subject);
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

describe('the suite bites a plug that', () => {
  it('does nothing wrong: not at all', async () => {
    expect(await failing(bad.faultless, /./)).toEqual([]);
  });

  it.each([
    ['believes what the broker kept', bad.believesRetained, /^what the broker kept/],
    ['believes what the broker kept of the dead', bad.believesTheDead, /^the broker comes back with old/],
    ['takes any state for an answer', bad.takesAnyState, /^a device that tells another state/],
    ['keeps a command for later', bad.keepsForLater, /^the broker stops/],
    ['does not cut what it gave up', bad.neverCuts, /^frozen, its ON given up/],
    ['takes the first word that fits for an answer', bad.takesTheFirst, /^a word from before an order/],
    ['takes a late answer for the next one', bad.takesTheFirst, /^an answer that comes too late/],
    ['makes 0 W of a message without power', bad.zeroForPartial, /^a message that lacks something/],
    ['throws at what it does not understand', bad.throwsAtGarbage, /^what is no message of its family/],
    ['does not tell of its button', bad.deafToButton, /^its own button/],
  ])('%s', async (_, subject, name) => {
    expect(await failing(subject, name)).toHaveLength(1);
  });
});
