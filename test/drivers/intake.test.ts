import { describe, expect, it } from 'vitest';
import type { Question } from '../../relay-drivers/line/exchange.ts';
import { Intake } from '../../relay-drivers/line/intake.ts';

const REPLY = 0xee;

/** A question whose reply is the one byte EE; notes how much it was shown at once. */
function question(seen: number[]): Question<number> {
  const parse = (bytes: Uint8Array) => {
    seen.push(bytes.length);
    const start = bytes.indexOf(REPLY);
    return start < 0 ? null : { reply: REPLY, start, end: start + 1 };
  };
  return { label: 'test', request: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), parse };
}

describe('what one exchange keeps of what it hears', () => {
  it('is bounded, and what comes last is kept', () => {
    const seen: number[] = [];
    const intake = new Intake(question(seen), 'off', false);
    for (let turn = 0; turn < 100; turn += 1) expect(intake.push(new Uint8Array(100))).toBeNull();
    expect(intake.push(Uint8Array.of(REPLY))?.reply).toBe(REPLY);
    expect(Math.max(...seen)).toBe(1024);
  });

  it('does not take a reply for the first thing heard because what came before it was let go', () => {
    const flood = new Uint8Array(3000);
    flood[3000 - 1024] = REPLY;
    expect(new Intake(question([]), 'unknown', false).push(flood)).toEqual({ reply: REPLY, echo: 'unknown' });
  });

  it('a reply that comes byte by byte is taken once it is whole', () => {
    const intake = new Intake(question([]), 'on', false);
    for (const byte of [1, 2, 3, 4, 5, 6, 7, 8]) expect(intake.push(Uint8Array.of(byte))).toBeNull();
    expect(intake.push(Uint8Array.of(REPLY))).toEqual({ reply: REPLY, echo: 'on' });
  });
});
