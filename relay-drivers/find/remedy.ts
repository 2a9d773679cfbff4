import type { Wiring } from '../diagnose.ts';
import { type FindOptions, findOn } from './find.ts';
import type { Finding } from './finding.ts';

const BAUDS = [9600, 19_200, 2400, 4800, 38_400, 115_200, 57_600];
const PARITIES = ['none', 'even', 'odd'] as const;

/** What a board tells of itself as unit 0; then what people give, and LCTech's own. All of them take a minute: `ports --scan`. */
const ADDRESSES = [null, [1, 32], [255, 255]] as const;

type Deps = Pick<FindOptions, 'openPort' | 'clock' | 'progress'>;

/**
 * A Modbus device that does not answer as configured: with which baud rate and parity it would, or with which unit
 * address something does. Null: nothing answers at all, but the units of other entries (`taken`). Reads only.
 */
export async function remedyFor(
  { path, baud, parity, unit }: Wiring,
  taken: readonly number[],
  deps: Deps,
): Promise<Finding | null> {
  if (unit === null) return null;
  const known = { ...deps, isModbus: true, listenMs: 0 };
  const formats = PARITIES.flatMap((one) => BAUDS.map((rate) => ({ baud: rate, parity: one })));
  // The most common mistakes first: another rate with the same parity, then another parity at the same rate.
  const byLikelihood = formats.sort((a, b) => differences(a) - differences(b));
  for (const format of byLikelihood) {
    const { findings } = await findOn(path, { ...known, ...format, scan: [unit, unit] });
    if (findings[0] !== undefined) return findings[0];
  }
  for (const scan of ADDRESSES) {
    const { findings } = await findOn(path, { ...known, baud, parity, ...(scan === null ? {} : { scan }) });
    const other = findings.find((finding) => finding.unit !== null && !taken.includes(finding.unit));
    if (other !== undefined) return other;
  }
  return null;

  function differences(format: { baud: number; parity: string }): number {
    return (format.baud === baud ? 0 : 1) + (format.parity === parity ? 0 : 1.5);
  }
}

/** What to change in the configuration. */
export function sayRemedy(finding: Finding, wiring: Wiring): string {
  const changes = [
    ...(finding.unit === wiring.unit ? [] : [`unit: ${finding.unit}`]),
    ...(finding.baud === wiring.baud ? [] : [`baud: ${finding.baud}`]),
    ...(finding.parity === wiring.parity ? [] : [`parity: ${finding.parity}`]),
    ...(finding.driver === null || finding.driver === wiring.driver ? [] : [`driver: ${finding.driver}`]),
  ];
  const asConfigured = 'it answers now as it is configured; look again';
  return changes.length === 0 ? asConfigured : `set ${changes.join(' and ')}: that is how it answers (${finding.says})`;
}
