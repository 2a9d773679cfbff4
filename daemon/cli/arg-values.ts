import type { Args } from './args.ts';
import { usageError } from './errors.ts';

/** What stands behind an option, read as what it is meant to be; undefined where the option is not given. */

export function oneOf<T extends string>(args: Args, name: string, choices: readonly T[]): T | undefined {
  const given = args.value(name);
  const found = choices.find((choice) => choice === given);
  if (given !== undefined && found === undefined) throw usageError(`--${name} is one of ${choices.join(', ')}`);
  return found;
}

export function wholeNumber(args: Args, name: string, low: number, high: number): number | undefined {
  const given = args.value(name);
  return given === undefined ? undefined : toWhole(given, name, low, high);
}

/** Behind commas. */
export function wholeNumbers(args: Args, name: string, low: number, high: number): number[] | undefined {
  return args
    .value(name)
    ?.split(',')
    .map((text) => toWhole(text, name, low, high));
}

export function toWhole(text: string, name: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw usageError(`--${name} takes whole numbers from ${low} to ${high}, not "${text}"`);
}
