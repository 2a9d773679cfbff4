import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveControl } from '../../daemon/cli/control-server.ts';
import { dispatch } from '../../daemon/cli/dispatch.ts';
import { tokenHandlers } from '../../daemon/cli/token-handlers.ts';
import { ListDesk } from './desk.ts';
import { testIo } from './test-io.ts';
import { scratch, voltsafe } from './voltsafe.ts';

/** A hub, as far as tokens go, that runs on a data directory of its own. */
async function runningHub() {
  const dataDir = scratch();
  const desk = new ListDesk();
  const server = await serveControl(
    dataDir,
    tokenHandlers(desk, () => Date.parse('2026-01-02T03:04:05Z')),
    () => {},
  );
  onTestFinished(() => server.close());
  return { dataDir, desk };
}

describe('tokens of a running hub', () => {
  it('are printed once, alone on stdout; the hub is told the hash', async () => {
    const { dataDir, desk } = await runningHub();
    const { code, out, err } = await voltsafe([
      'token',
      'create',
      '--role',
      'operator',
      '--name',
      'Küche',
      '--data-dir',
      dataDir,
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^vs_[\w-]{43}\n$/);
    expect(err).not.toContain(out.trim());
    expect(desk.tokens()).toMatchObject([
      {
        name: 'Küche',
        role: 'operator',
        use: 'api',
        secretHash: createHash('sha256').update(out.trim()).digest('hex'),
        createdWallMs: Date.parse('2026-01-02T03:04:05Z'),
        expiresUpMs: null,
      },
    ]);
    expect(desk.asked).toMatchObject([{ kind: 'create_token', who: { role: 'admin', source: 'cli' } }]);
  });

  it('are listed and revoked', async () => {
    const { dataDir, desk } = await runningHub();
    const io = testIo();
    expect(await dispatch(['token', 'create', '--role', 'viewer', '--name', 'Wall', '--data-dir', dataDir], io)).toBe(
      0,
    );
    const id = desk.tokens()[0]?.id ?? '';
    const list = testIo();
    expect(await dispatch(['token', 'list', '--data-dir', dataDir], list)).toBe(0);
    expect(list.outLines).toEqual([`${id}  viewer    api      2026-01-02T03:04:05.000Z  Wall`]);
    expect(await dispatch(['token', 'revoke', id, '--data-dir', dataDir], testIo())).toBe(0);
    expect(desk.tokens()).toEqual([]);
    const again = testIo();
    expect(await dispatch(['token', 'revoke', id, '--data-dir', dataDir], again)).toBe(1);
    expect(again.errLines).toEqual([`voltsafe: there is no token ${id} (not_found)`]);
  });
});
