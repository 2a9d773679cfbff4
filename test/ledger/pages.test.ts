import { expect, it } from 'vitest';
import { openLedger } from '../../daemon/ledger/client.ts';
import { grants } from './events.ts';
import { tempDir } from './fixtures.ts';

it('rows that are copied on come in small pages, and an append waits for one of them at most', async () => {
  const ledger = await openLedger({ dataDir: tempDir(), bootId: 'b' });
  await ledger.append(grants(1, 3_000));
  const done: string[] = [];
  const reads = [1, 2, 3, 4].map((n) => ledger.readRows(0, 250).then((rows) => done.push(`read ${n}: ${rows.length}`)));
  await ledger.append(grants(3_001, 3_001)).then(() => done.push('append'));
  await Promise.all(reads);
  expect(done.indexOf('append')).toBeLessThanOrEqual(1);
  const page = await ledger.readRows(0, 10_000);
  expect(page).toHaveLength(250);
  expect(page[0]).toMatchObject({ seq: 1, kind: 'ordered', hash: expect.any(Buffer) });
  expect((await ledger.readRows(2_990, 250)).at(-1)?.seq).toBe(3_001);
  await ledger.close();
});
