import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of rules, codecs, twins and routes: nothing that one file could leave behind for the next. */
const RULES = ['core', 'drivers', 'house', 'http', 'meters', 'relays', 'simulator', 'telemetry', 'zones'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** Each takes half a minute or more, much of it waiting: begun last, they would keep one core idle at the end. */
const LONGEST = ['sim/sim', 'edges/kill-loop', 'edges/mqtt-broker-gone', 'cli/lock-run', 'edges/mqtt-plugs'];

/** A fresh checkout knows no durations; what is known to be long goes first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/browser/setup.ts', 'test/broker/setup.ts'],
    pool: 'forks',
    // On two cores: most of what takes long waits for processes, ports and clocks.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: RULES,
          // Three at once on two cores: a page or a process may miss its moment. What fails twice fails, what passed only
          // the second time is marked in the report, and VOLTSAFE_RETRIES=0 is for whoever looks for such.
          retry: Number(process.env['VOLTSAFE_RETRIES'] ?? 1),
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // A worker for each of 160 files took longer than what they test.
        test: {
          name: 'rules',
          include: RULES,
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
