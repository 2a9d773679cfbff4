import { describe, expect, it } from 'vitest';
import { openLedger } from '../../daemon/ledger/client.ts';
import { grants } from './events.ts';
import { linesOf, startProgram, tempDir } from './fixtures.ts';

const ROUNDS = 5;

describe('SIGKILL right after an answer', () => {
  it(`loses nothing that was answered, ${ROUNDS} times on one ledger`, { timeout: 60_000 }, async () => {
    const dataDir = tempDir();
    let answered = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const child = startProgram('appender', dataDir);
      const next = linesOf(child);
      expect(await next()).toBe('open');
      for (let appended = 0; appended < 7 * round; appended += 1) answered = Number(await next());
      child.kill('SIGKILL');
      for (let line = await next(); line !== null; line = await next()) answered = Number(line);
      const ledger = await openLedger({ dataDir, bootId: `after-${round}` });
      expect(ledger.stored.lastSeq).toBeGreaterThanOrEqual(answered);
      expect(ledger.stored.tail).toEqual(grants(1, ledger.stored.lastSeq));
      await ledger.close();
    }
    expect(answered).toBeGreaterThanOrEqual(7 * 15);
  });
});
