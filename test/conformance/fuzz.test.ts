import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { text } from '../drivers/captured.ts';
import { growthOf } from './babble.ts';
import { FuzzInputs } from './fuzz-inputs.ts';
import { FUZZ_TARGETS, type FuzzTarget } from './fuzz-targets.ts';
import { PLUG_FUZZ_TARGETS } from './plug-fuzz-targets.ts';

/** `VOLTSAFE_FUZZ_INPUTS=1000000 npx vitest run test/conformance/fuzz.test.ts --testTimeout 3600000` for the long run. */
const INPUTS = Number(process.env.VOLTSAFE_FUZZ_INPUTS ?? 8_000);
/** Another world with each run, printed; `VOLTSAFE_FUZZ_SEED` repeats one. */
const SEED = Number(process.env.VOLTSAFE_FUZZ_SEED ?? process.hrtime.bigint() % 1_000_000_007n);

/** One telegram and what belongs to it; a codec that kept what it saw would hold a thousand times as much. */
const MAX_GROWTH_BYTES = 300_000;

describe(`codecs under ${INPUTS} inputs each, VOLTSAFE_FUZZ_SEED=${SEED}`, () => {
  it.each([...FUZZ_TARGETS, ...PLUG_FUZZ_TARGETS])('$name', async (target) => {
    // Warm: what a first call leaves behind (compiled code, tables) is no growth.
    fuzz(target, SEED + 1, Math.min(INPUTS, 500));
    const growth = await growthOf(() => fuzz(target, SEED, INPUTS), MAX_GROWTH_BYTES);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

function fuzz({ goldens, take }: FuzzTarget, seed: number, count: number): void {
  const inputs = new FuzzInputs(goldens, seededRandom(seed));
  for (let turn = 0; turn < count; turn += 1) {
    const bytes = inputs.next();
    try {
      take(bytes);
    } catch (failure) {
      throw new Error(`input ${turn}, ${text(bytes)}: ${String(failure)}`, { cause: failure });
    }
  }
}

it('an input that breaks a codec is told with its bytes', () => {
  const target: FuzzTarget = {
    name: 'bad',
    goldens: [Uint8Array.of(1, 2, 3)],
    take: (bytes) => {
      if (bytes.length > 3) throw new RangeError('too long for me');
    },
  };
  expect(() => fuzz(target, 1, 1000)).toThrow(/^input \d+, [0-9A-F ]+: RangeError: too long for me$/);
});
