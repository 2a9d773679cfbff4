import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { liveWorld } from './campaign.ts';
import { MUTANTS } from './mutants.ts';

/** The whole campaign (10,000 worlds of 100 inputs, and every mutant) runs on demand: VOLTSAFE_SIM_WORLDS=10000. */
const WORLDS = Number(process.env['VOLTSAFE_SIM_WORLDS'] ?? 40);
const INPUTS = 100;
/** Each mutant is noticed within 40 worlds; a checker that needs more than this is too blunt. */
const MUTANT_WORLDS = 150;

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The campaign in a process of its own, on the same Node. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function campaign(seed: number, worlds: number): Promise<Run> {
  return run(['test/sim/campaign.ts', '--seed', `${seed}`, '--worlds', `${worlds}`, '--inputs', `${INPUTS}`]);
}

describe('the simulated home', () => {
  it(`breaks no invariant in ${WORLDS} seeded worlds`, { timeout: 3_600_000 }, async () => {
    const half = Math.ceil(WORLDS / 2);
    const runs = await Promise.all([campaign(1, half), campaign(1 + half, WORLDS - half)]);
    for (const { code, out, err } of runs) {
      expect(err.includes('Broken') ? err : '').toBe('');
      expect(code).toBe(0);
      const sums = JSON.parse(out) as Record<string, number>;
      // A campaign in which nothing happens proves nothing.
      for (const name of ['granted', 'refused', 'unreachable', 'superseded', 'replayed', 'kills'])
        expect(sums[name], name).toBeGreaterThan(0);
      console.log(`simulation: ${out.trim()}`);
    }
  });

  it('is the same history for the same seed', { timeout: 60_000 }, async () => {
    const [first, second] = [await liveWorld(7, INPUTS), await liveWorld(7, INPUTS)];
    expect(second.hash).toBe(first.hash);
    expect((await liveWorld(8, INPUTS)).hash).not.toBe(first.hash);
  });
});

const RULES = [
  ...Array.from({ length: 12 }, (_, i) => `S${i + 1}`),
  ...Array.from({ length: 5 }, (_, i) => `L${i + 1}`),
  'progress',
];

/** The rare ones take a hundred worlds each. */
const LOOKED_FOR = MUTANTS.filter(({ isRare = false }) => !isRare || WORLDS > 1000);

describe('the checkers bite when a rule is taken out', () => {
  it.for(LOOKED_FOR.map(({ name }) => name))('%s', { timeout: 180_000 }, async (name) => {
    const args = [
      '--import',
      './test/sim/mutate.ts',
      'test/sim/campaign.ts',
      '--worlds',
      `${MUTANT_WORLDS}`,
      '--inputs',
      `${INPUTS}`,
    ];
    const { code, out, err } = await run(args, { VOLTSAFE_MUTANT: name });
    expect(err).not.toContain('mend the mutant');
    const { broken } = JSON.parse(out || '{}') as { broken?: string };
    // By a checker, not because the mutant tripped over itself.
    expect(RULES).toContain(broken);
    expect(code).toBe(1);
  });
});
