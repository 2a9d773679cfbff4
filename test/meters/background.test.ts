import { describe, expect, it } from 'vitest';
import { Background } from '../../daemon/meters/background.ts';
import { PeakHold } from '../../daemon/meters/peak-hold.ts';
import { Steps } from '../../daemon/meters/steps.ts';

const MINUTE_MS = 60_000;
const LIMIT_MW = 5_000_000;

/** A meter that is read each second; watts everywhere. */
class Circuit {
  readonly background: Background;
  readonly #periodMs: number;
  nowMs = 0;

  constructor(heldW = 0, periodMs = 1000) {
    const heldMw = heldW * 1000;
    const staleAfterMs = Math.max(10_000, 2.5 * periodMs);
    this.background = new Background({ periodMs, settleMs: 2000, staleAfterMs, heldMw, nowMs: 0 });
    this.#periodMs = periodMs;
  }

  manages(watts: number): void {
    this.background.manages(this.nowMs, watts * 1000);
  }

  /** So many samples, a period apart. */
  says(watts: number, samples: number) {
    for (let i = 1; i < samples; i++) {
      this.reads(watts);
      this.nowMs += this.#periodMs;
    }
    return this.reads(watts);
  }

  passes(minutes: number, watts: number): void {
    for (let second = 0; second < minutes * 60; second += 5) {
      this.nowMs += 5000;
      this.reads(watts);
    }
  }

  /** One sample, judged when it has settled; nothing else happens meanwhile. */
  reads(watts: number): { backgroundW: number; overW: number | null } {
    const sample = { atMs: this.nowMs, powerMw: Math.round(watts * 1000) };
    this.background.measured(sample);
    const { backgroundMw, overMw } = this.background.judge(sample, LIMIT_MW);
    return { backgroundW: backgroundMw / 1000, overW: overMw === null ? null : overMw / 1000 };
  }
}

describe('what is measured beyond the appliances', () => {
  it.each([
    [1000, 300, 700],
    [1000.001, 300, 710],
    [999.999, 300, 700],
    // Less than they may draw, or exported: there is no background.
    [200, 300, 0],
    [-2000, 0, 0],
  ])('%f W measured, %f W counted: %f W', (measured, counted, background) => {
    const circuit = new Circuit();
    circuit.manages(counted);
    expect(circuit.says(measured, 3).backgroundW).toBe(background);
  });
});

describe('a sample and a relay that goes off need not be of one moment', () => {
  it('what was measured before an OFF was confirmed is no background', () => {
    const circuit = new Circuit();
    circuit.manages(2000);
    circuit.nowMs = 8000;
    circuit.says(2100, 3);
    circuit.manages(0);
    // The telegram that comes a moment later tells of the second before.
    circuit.nowMs = 10_300;
    expect(circuit.reads(2100).backgroundW).toBe(100);
    circuit.nowMs = 10_999;
    expect(circuit.says(2100, 3).backgroundW).toBe(100);
    // Older than that no sample is: something draws 2000 W that no relay of ours switches.
    circuit.nowMs = 13_000;
    expect(circuit.says(2100, 3).backgroundW).toBe(2100);
  });

  it('a telegram each 10 s tells the present as well: the OFF explains the next few seconds, not two periods', () => {
    const circuit = new Circuit(0, 10_000);
    circuit.manages(2000);
    circuit.says(2000, 3);
    circuit.nowMs += 5000;
    circuit.manages(0);
    circuit.nowMs += 5000;
    expect(circuit.says(2100, 2).backgroundW).toBe(2100);
  });

  it('nor is what was measured before an ON that a hand gave was counted', () => {
    const circuit = new Circuit();
    circuit.manages(0);
    circuit.nowMs = 10_000;
    const sample = { atMs: circuit.nowMs, powerMw: 2_000_000 };
    circuit.background.measured(sample);
    circuit.nowMs = 11_900;
    circuit.manages(2000);
    expect(circuit.background.judge(sample, LIMIT_MW).backgroundMw).toBe(0);
  });

  it('one for the other: the more of both', () => {
    const circuit = new Circuit();
    circuit.manages(2000);
    circuit.nowMs = 10_000;
    circuit.manages(0);
    circuit.manages(1500);
    expect(circuit.reads(2000).backgroundW).toBe(0);
  });
});

describe('a moment is no background', () => {
  it.each([
    [1000, 2, 100],
    [1000, 3, 900],
    [2000, 1, 100],
    [2000, 2, 900],
    [10_000, 1, 100],
    [10_000, 2, 900],
    // Each of many in a second, and each of two seconds.
    [100, 15, 100],
    [100, 16, 900],
  ])('read each %i ms, %i samples of 900 W among 100 W: %i W', (periodMs, samples, background) => {
    const circuit = new Circuit(0, periodMs);
    circuit.says(100, 30);
    circuit.nowMs += periodMs;
    circuit.says(900, samples);
    circuit.nowMs += periodMs;
    expect(circuit.says(100, 30).backgroundW).toBe(background);
  });

  it('what lasted is the least of it', () => {
    const circuit = new Circuit();
    const seen = [900, 700, 800, 100].map((watts) => {
      circuit.nowMs += 1000;
      return circuit.reads(watts).backgroundW;
    });
    expect(seen).toEqual([0, 0, 700, 700]);
  });
});

describe('a peak is held for a quarter of an hour', () => {
  it('and then falls to the next', () => {
    const circuit = new Circuit();
    circuit.says(900, 3);
    circuit.passes(5, 100);
    circuit.nowMs += 1000;
    circuit.says(600, 4);
    circuit.passes(10, 100);
    expect(circuit.reads(100).backgroundW).toBe(900);
    circuit.passes(1, 100);
    expect(circuit.reads(100).backgroundW).toBe(600);
    circuit.passes(5, 100);
    expect(circuit.reads(100).backgroundW).toBe(100);
  });

  it('by a meter that is silent for ever, and for a quarter of an hour after it speaks again', () => {
    const circuit = new Circuit();
    circuit.says(900, 3);
    circuit.nowMs = 600 * MINUTE_MS;
    expect(circuit.reads(100).backgroundW).toBe(900);
    circuit.passes(15, 100);
    expect(circuit.reads(100).backgroundW).toBe(900);
    circuit.passes(1, 100);
    expect(circuit.reads(100).backgroundW).toBe(100);
  });

  it('over a restart, until a quarter of an hour was heard', () => {
    const circuit = new Circuit(900);
    circuit.nowMs = 600 * MINUTE_MS;
    circuit.passes(14, 100);
    expect(circuit.reads(100).backgroundW).toBe(900);
    circuit.passes(2, 100);
    expect(circuit.reads(100).backgroundW).toBe(100);
  });

  it.each([0, 900])('by a meter with gaps no longer than by another (held %i W at the start)', (heldW) => {
    const circuit = new Circuit(heldW);
    if (heldW === 0) circuit.says(900, 3);
    for (let gap = 0; gap < 3; gap++) {
      circuit.passes(5, 100);
      expect(circuit.reads(100).backgroundW).toBe(900);
      circuit.nowMs += 11_000;
    }
    circuit.passes(1, 100);
    expect(circuit.reads(100).backgroundW).toBe(100);
  });

  it('remembers no more than it needs', () => {
    const peak = new PeakHold();
    for (let minute = 0; minute < 1000; minute++) peak.add(minute * MINUTE_MS, 1000 - minute);
    expect(peak.highest).toBe(1000 - (999 - 15));
  });
});

describe('over the limit', () => {
  function every(circuit: Circuit, watts: readonly number[]): (number | null)[] {
    return watts.map((one) => {
      circuit.nowMs += 1000;
      return circuit.reads(one).overW;
    });
  }

  it('is what all samples of the window were', () => {
    const circuit = new Circuit();
    circuit.manages(5500);
    expect(every(circuit, [4000, 5300, 5200, 5400, 5100, 5600])).toEqual([null, null, null, null, 5100, 5100]);
  });

  it('is not what was measured while something went off', () => {
    const circuit = new Circuit();
    circuit.manages(5500);
    every(circuit, [5300, 5300, 5300, 5300]);
    circuit.manages(4500);
    // A sample may tell of a window ago, and a window of samples is looked at.
    expect(every(circuit, [5300, 5300, 5300, 5300, 5300])).toEqual([null, null, null, null, null]);
    expect(every(circuit, [5300])).toEqual([5300]);
  });
});

describe('over the limit while something falls', () => {
  it('is what is left of it: a watt that falls is no excuse for the others', () => {
    const circuit = new Circuit();
    const seen = Array.from({ length: 10 }, (_, second) => {
      circuit.manages(5500 - second);
      circuit.nowMs += 1000;
      return circuit.reads(5600).overW;
    });
    expect(seen.slice(0, 2)).toEqual([null, null]);
    for (const over of seen.slice(2)) expect(over).toBeGreaterThan(5590);
  });

  it('and nothing where what fell is enough', () => {
    const circuit = new Circuit();
    circuit.manages(5500);
    circuit.says(5600, 5);
    circuit.manages(4900);
    circuit.nowMs += 1000;
    expect(circuit.says(5600, 3).overW).toBeNull();
  });

  it('is judged of a flood of samples as well', () => {
    const circuit = new Circuit(0, 60_000);
    for (let i = 0; i < 3000; i++) {
      circuit.nowMs += 10;
      circuit.background.measured({ atMs: circuit.nowMs, powerMw: 1 });
    }
    expect(circuit.reads(1)).toEqual({ backgroundW: 0, overW: null });
  });
});

describe('a value that stays until it changes', () => {
  it.each([
    [0, 7],
    [1000, 7],
    [1500, 7],
    [1999, 7],
    [2000, 3],
    [9000, 3],
  ])('highest since %i ms: %i', (sinceMs, highest) => {
    const steps = new Steps(60_000);
    steps.set(0, 5);
    steps.set(1000, 7);
    steps.set(2000, 3);
    expect([steps.highestSince(sinceMs), steps.present]).toEqual([highest, 3]);
  });

  it('is bounded, and forgets no high value for it', () => {
    const steps = new Steps(1_000_000);
    steps.set(0, 999_999);
    for (let i = 1; i < 10_000; i++) steps.set(i, i % 7);
    expect(steps.highestSince(0)).toBe(999_999);
  });
});
