import type { Series } from './figures.ts';

/** What is printed: a figure a line, and where issue 2 names a target, the target and whether it holds. */

const WHAT_COLUMNS = 58;
const FIGURE_COLUMNS = 24;
const TARGET_COLUMNS = 26;

const checked = { held: 0, missed: [] as string[] };

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function note(text: string): void {
  console.log(`  (${text})`);
}

export function row(what: string, figure: string): void {
  console.log(`  ${what.padEnd(WHAT_COLUMNS)} ${figure.padStart(FIGURE_COLUMNS)}`);
}

/** `holds` is said, never demanded: a busy machine is no reason to fail. */
export function target(what: string, figure: string, wanted: string, holds: boolean): void {
  if (holds) checked.held += 1;
  else checked.missed.push(what);
  const left = `  ${what.padEnd(WHAT_COLUMNS)} ${figure.padStart(FIGURE_COLUMNS)}`;
  console.log(`${left}   ${`target ${wanted}`.padEnd(TARGET_COLUMNS)} ${holds ? 'holds' : 'MISSED'}`);
}

export function summary(): void {
  const { held, missed } = checked;
  console.log(
    `\n${held} of ${held + missed.length} targets hold${missed.map((what) => `\n  missed: ${what}`).join('')}`,
  );
}

export function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 2 : 0)} ms`;
}

export function p50p99({ p50, p99 }: Series): string {
  return `${ms(p50)} / ${ms(p99)}`;
}

export function times(value: number): string {
  return `${value.toFixed(value < 100 ? 2 : 0)} x`;
}

export function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')} /s`;
}
