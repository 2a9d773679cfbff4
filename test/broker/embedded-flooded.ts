import { openEmbedded } from '../../daemon/broker/embedded/open.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { HUB, Users } from './embedded-users.ts';

/** A broker in a process of its own, whose memory is measured: each line that comes in is answered with it. */
const [dataDir = ''] = process.argv.slice(2);
const broker = await openEmbedded({
  host: '127.0.0.1',
  port: 0,
  hubId: HUB,
  dataDir,
  users: new Users(),
  clock: systemClock,
  onTrouble: (what, error) => process.stderr.write(`${what} ${error}\n`),
});
process.stdout.write(`${broker.url}\n`);
process.stdin.on('data', () => {
  const answer = { rssBytes: process.memoryUsage.rss(), ...broker.counts() };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
process.stdin.on('end', () => broker.close());
