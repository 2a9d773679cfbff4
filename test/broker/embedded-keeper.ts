import { openEmbedded } from '../../daemon/broker/embedded/open.ts';
import { fastClock } from './embedded-steps.ts';
import { HUB, Users } from './embedded-users.ts';

/** A broker in a process of its own, so that it can be killed. Its clock runs twenty times as fast. */
const [dataDir = ''] = process.argv.slice(2);
const broker = await openEmbedded({
  host: '127.0.0.1',
  port: 0,
  hubId: HUB,
  dataDir,
  users: new Users(),
  clock: fastClock(20),
  onTrouble: (what, error) => process.stdout.write(`${what} ${error}\n`),
});
process.stdout.write(`${broker.url}\n`);
