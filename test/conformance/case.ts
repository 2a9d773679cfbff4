import { DriverError } from '../../relay-drivers/driver.ts';
import type { Places } from './places.ts';

/**
 * One promise that a family keeps, as a plain function: vitest runs it on every family, and `bites.test.ts` on drivers
 * that break it. It throws where the promise is broken.
 */
export interface Case<Subject> {
  readonly name: string;
  /** It asks for moments of a wire in memory; without this it runs over a real port too. */
  readonly isTimed?: true;
  run(subject: Subject): Promise<void>;
}

/** What every subject has: where it is tried. */
export interface Tried {
  /** In the titles of tests. */
  readonly name: string;
  readonly places: Places;
}

/** Once for every value, told in the failure. */
export async function forEach<T>(values: readonly T[], what: string, run: (value: T) => Promise<void>): Promise<void> {
  for (const value of values) {
    try {
      await run(value);
    } catch (failure) {
      throw new Error(`${what} ${String(value)}: ${failure instanceof Error ? failure.message : String(failure)}`, {
        cause: failure,
      });
    }
  }
}

const MAX_HEARD_BYTES = 1024;

/** Drivers throw nothing else, and what they throw is bounded (relay-drivers/driver.ts). */
export function asDriverError(failure: unknown, lies: string[]): DriverError {
  if (!(failure instanceof DriverError)) {
    lies.push(`what was thrown is no DriverError: ${String(failure)}`);
    return new DriverError('write_failed', String(failure));
  }
  if (failure.heard.length > MAX_HEARD_BYTES) lies.push(`${failure.heard.length} bytes are kept as heard`);
  return failure;
}
