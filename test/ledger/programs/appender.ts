import process from 'node:process';
import { openLedger } from '../../../daemon/ledger/client.ts';
import { granted } from '../events.ts';

/** Appends without end and prints each seq as soon as it is answered; its test kills it. */
const [dataDir = ''] = process.argv.slice(2);
const ledger = await openLedger({ dataDir, bootId: 'appender' });
process.stdout.write('open\n');
for (let seq = ledger.stored.lastSeq + 1; ; seq += 1) {
  await ledger.append([granted(seq)]);
  process.stdout.write(`${seq}\n`);
}
