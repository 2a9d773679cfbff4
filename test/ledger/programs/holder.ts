import process from 'node:process';
import { openLedger } from '../../../daemon/ledger/client.ts';

/** Opens a ledger and keeps it until a line arrives on stdin; says `open`, or the error it got as JSON. */
const [dataDir = ''] = process.argv.slice(2);
try {
  const ledger = await openLedger({ dataDir, bootId: 'holder' });
  process.stdout.write('open\n');
  process.stdin.once('data', () => void ledger.close().then(() => process.exit(0)));
} catch (error) {
  process.stdout.write(`${JSON.stringify(error)}\n`);
}
