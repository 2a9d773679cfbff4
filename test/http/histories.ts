import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PowerRow } from '../../daemon/core/power.ts';
import { HistoryView } from '../../daemon/history-view.ts';
import type { HistoryPort, PowerPoint, PowerQuestion } from '../../daemon/http/history-port.ts';
import { NO_HISTORY } from '../../daemon/http/history-port.ts';
import { openTelemetry } from '../../daemon/telemetry/client.ts';
import { realClock } from '../drivers/real-clock.ts';
import { batch, minute, minutes } from '../telemetry/fixtures.ts';

export { minute, minutes };

/** A real history in its thread, of these minutes, as the hub shows it. Closed with the test, or when `atEnd` runs what it is given. */
export async function keptHistory(
  rows: readonly PowerRow[],
  timezone = 'Europe/Rome',
  atEnd: (close: () => Promise<void>) => void = onTestFinished,
): Promise<HistoryPort> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voltsafe-history-'));
  const telemetry = openTelemetry({
    dataDir,
    timezone,
    clock: realClock,
    isClockSure: () => false,
    onTrouble: () => undefined,
  });
  atEnd(async () => {
    await telemetry.close();
    await rm(dataDir, { recursive: true });
  });
  for (let at = 0; at < rows.length; at += 5000) await telemetry.write(batch(rows.slice(at, at + 5000)));
  await telemetry.flush();
  return new HistoryView({ timezone, telemetry: () => telemetry, replication: () => null });
}

/** A history of one source without a gap, that tells what it was asked. */
export function endlessHistory(): HistoryPort & { readonly asked: PowerQuestion[] } {
  const asked: PowerQuestion[] = [];
  const power = async (question: PowerQuestion): Promise<PowerPoint[]> => {
    asked.push(question);
    const count = Math.ceil((question.toMs - question.fromMs) / 60_000);
    return minutes(question.fromMs, count, () => ({ source: question.source })).map((row) => ({
      ...row,
      spanMs: 60_000,
    }));
  };
  return { ...NO_HISTORY, asked, power };
}
