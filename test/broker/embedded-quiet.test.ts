import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const QUIET = fileURLToPath(new URL('../../daemon/broker/embedded/quiet.ts', import.meta.url));

/** Where somebody asked for debugging, a packet through mqtt-packet says whether it does any. */
function said(load: string): string {
  const program = `
    import { createRequire } from 'node:module';
    import { quietly } from ${JSON.stringify(QUIET)};
    const { default: packets } = await ${load};
    packets.generate({ cmd: 'pingreq' });
    createRequire(${JSON.stringify(QUIET)})('debug')('others')('are heard');`;
  const env = { ...process.env, DEBUG: '*' };
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { env, encoding: 'utf8' }).stderr;
}

it('mqtt-packet is loaded without its debugging, and nothing else is', () => {
  const loud = said(`import('mqtt-packet')`);
  expect(loud).toContain('mqtt-packet:writeToStream');
  const quiet = said(`quietly(() => import('mqtt-packet'))`);
  expect(quiet).not.toContain('mqtt-packet');
  expect(quiet).toContain('are heard');
});
