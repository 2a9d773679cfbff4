import process from 'node:process';
import { openLedger } from '../../../daemon/ledger/client.ts';
import { Replicator } from '../../../daemon/replication/replicator.ts';
import { pause } from '../../../relay-drivers/clock.ts';
import { realClock } from '../../drivers/real-clock.ts';
import { granted } from '../../ledger/events.ts';
import { plainTarget, QUICK } from '../settings.ts';

/** A hub that decides without end, and copies what it decided; its test kills it. Prints the seq that is durable. */

const [dataDir = '', url = ''] = process.argv.slice(2);
const ledger = await openLedger({ dataDir, bootId: 'chaos' });
let seq = ledger.stored.lastSeq;
const replicator = new Replicator({
  target: plainTarget(url),
  hub: { id: 'chaos', name: 'Chaos', version: '1.0.0' },
  events: { origin: ledger.stored.origin, lastSeq: () => seq, read: (after, limit) => ledger.readRows(after, limit) },
  power: null,
  cursors: null,
  standing: () => ({ asOfSeq: seq, appliances: [{ id: 'oven', name: `as of ${seq}` }], locks: [] }),
  clock: realClock,
  timing: QUICK,
});
replicator.start();
process.stdin.once('end', () => process.exit(0)).resume();
process.stdout.write('open\n');

/** A queue commits what gathered while it committed: now one decision, now many. */
for (let turn = 1; ; turn += 1) {
  const count = 1 + ((turn * 7) % 23);
  await ledger.append(Array.from({ length: count }, (_, i) => granted(seq + 1 + i)));
  seq += count;
  replicator.wake();
  process.stdout.write(`${seq}\n`);
  await pause(realClock, 2);
}
