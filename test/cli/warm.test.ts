import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../daemon/cli/warm.ts';
import { testIo } from './test-io.ts';
import { BIN, scratch, voltsafe } from './voltsafe.ts';

describe('voltsafe warm', () => {
  it('leaves start and run nothing to compile', { timeout: 120_000 }, async () => {
    const [cache, folder] = [scratch(), scratch()];
    const env = { ...process.env, CACHE_DIRECTORY: cache };
    expect(await voltsafe(['warm'], { env })).toEqual({ code: 0, out: '', err: '' });
    const before = compiled(cache);
    // Of a test network: each loads all that it needs, finds that it cannot listen there, and ends.
    const host = '203.0.113.1';
    const config = join(folder, 'house.yaml');
    writeFileSync(config, `http: { host: ${host}, port: 0 }`);
    for (const args of [
      ['start', '--host', host, '--port', '0'],
      ['run', '--config', config],
    ]) {
      const ended = await voltsafe([...args, '--data-dir', join(folder, 'data')], { env });
      expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('no such address') });
      expect(compiled(cache)).toEqual(before);
    }
  });

  it('says in one line why not, and is content', async () => {
    const io = testIo({ self: [process.execPath, '-e', 'console.error("no pty"); process.exit(1)'] });
    expect(await run([], io)).toBe(0);
    expect(io.errLines).toEqual([
      'voltsafe: not all is compiled ahead (no pty); the first start does the rest and takes longer',
    ]);
  });

  it('says so too where nothing can be started', async () => {
    const io = testIo({ self: ['/nonexistent', BIN] });
    expect(await run([], io)).toBe(0);
    expect(io.errLines).toHaveLength(1);
    expect(io.outLines).toEqual([]);
  });

  it('takes no words', async () => {
    expect(await voltsafe(['warm', 'up'])).toMatchObject({ code: 2, out: '' });
  });
});

function compiled(cache: string): string[] {
  const folder = join(cache, 'voltsafe-hub', 'compiled');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
