import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPages } from '../../daemon/backups.ts';
import { backupHandlers } from '../../daemon/cli/backup-handlers.ts';
import { serveControl } from '../../daemon/cli/control-server.ts';
import { dispatch } from '../../daemon/cli/dispatch.ts';
import { LedgerStore } from '../../daemon/ledger/store.ts';
import { grants } from '../ledger/events.ts';
import { testIo } from './test-io.ts';
import { scratch } from './voltsafe.ts';

/** A data directory with a ledger of some events; a page of it is less than all. */
function home(events = 600) {
  const folder = scratch();
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const store = new LedgerStore(join(dataDir, 'ledger.db'), { bootId: 'boot', newOrigin: () => 'origin-1' });
  store.append(grants(1, events));
  store.close();
  return { folder, dataDir, file: join(folder, 'copy.db') };
}

/** The ledger as a running hub holds it, behind its control socket. */
async function running(dataDir: string): Promise<void> {
  const pages = await openPages(dataDir);
  const server = await serveControl(dataDir, backupHandlers(pages), () => {});
  onTestFinished(async () => {
    await server.close();
    await pages.close();
  });
}

async function run(...words: string[]) {
  const io = testIo();
  return { code: await dispatch(words, io), out: io.outLines.join('\n'), err: io.errLines.join('\n') };
}

describe('voltsafe backup', () => {
  it.each(['a running hub', 'a hub that does not run'])('copies the ledger of %s', async (which) => {
    const { dataDir, file, folder } = home();
    if (which === 'a running hub') await running(dataDir);
    const { code, out, err } = await run('backup', file, '--data-dir', dataDir);
    expect({ code, out }).toEqual({
      code: 0,
      out: `${file}: 600 events, the last of 2025-10-09T08:53:20.600Z, ${(statSync(file).size / 1e6).toFixed(2)} MB; read back and whole`,
    });
    expect(err).toMatch(/hashes of tokens and of MQTT passwords: keep it private/);
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'data']);
    const copy = new LedgerStore(file, { bootId: 'x', newOrigin: () => 'y' });
    expect([copy.origin, copy.read(0, 1000)]).toEqual(['origin-1', grants(1, 600)]);
    copy.close();
  });

  it('replaces nothing unless it is told to', async () => {
    const { dataDir, file } = home(3);
    writeFileSync(file, 'dear to somebody');
    const refused = await run('backup', file, '--data-dir', dataDir);
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/is there already.*--force/) });
    expect(statSync(file).size).toBe(16);
    expect(await run('backup', file, '--force', '--data-dir', dataDir)).toMatchObject({ code: 0 });
    expect(statSync(file).size).toBeGreaterThan(1000);
  });

  it.each(['ledger.db', 'ledger.db-wal', 'ledger.reserve', 'telemetry.db', 'control.sock', 'board'])(
    'writes over nothing of the hub: %s',
    async (name) => {
      const { dataDir } = home(3);
      const { code, err } = await run('backup', join(dataDir, '..', 'data', name), '--force', '--data-dir', dataDir);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/name of the hub's own files/) });
    },
  );

  it('says what is wrong with where it shall go, or come from', async () => {
    const { dataDir, folder, file } = home(3);
    const at = ['--data-dir', dataDir];
    expect(await run('backup', join(folder, 'no', 'x.db'), ...at)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no folder/),
    });
    expect(await run('backup', folder, '--force', ...at)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is no file/),
    });
    expect(await run('backup', ...at)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the file to write is missing/),
    });
    expect(await run('backup', '/dev/shm/../../proc/x.db', ...at)).toMatchObject({ code: 1 });
    const none = join(folder, 'none');
    expect(await run('backup', file, '--data-dir', none)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no ledger in/),
    });
    expect([existsSync(none), existsSync(file)]).toEqual([false, false]);
  });
});

describe('voltsafe restore', () => {
  it('puts a backup back and says what it cannot know', async () => {
    const { dataDir, file } = home(5);
    await run('backup', file, '--data-dir', dataDir);
    const { code, out, err } = await run('restore', file, '--data-dir', dataDir);
    expect({ code, out }).toEqual({
      code: 0,
      out: `restored into ${dataDir}: 5 events, the last of 2025-10-09T08:53:20.005Z`,
    });
    expect(err).toMatch(/^the ledger of before is kept as .*\/ledger\.db\.before-restore-\S+Z\n/);
    expect(err).toMatch(/lockouts and locks of since are gone/);
  });

  it('is refused while a hub runs, and for a file that is no backup', async () => {
    const { dataDir, file, folder } = home(5);
    await run('backup', file, '--data-dir', dataDir);
    const bad = join(folder, 'bad.db');
    writeFileSync(bad, 'hello');
    expect(await run('restore', bad, '--data-dir', dataDir)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/bad\.db cannot be restored: .*the ledger was not touched/),
    });
    await running(dataDir);
    expect(await run('restore', file, '--data-dir', dataDir)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/is in use by .*; stop the other hub/),
    });
  });
});
