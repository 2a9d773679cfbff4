import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ensureFolder } from '../../daemon/folder.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'voltsafe-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('makes what is missing, for nobody else to read, and says whether it was there', () => {
  const path = join(scratch(), 'a', 'b');
  expect(ensureFolder(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(ensureFolder(path)).toBe(false);
});

it.each(['/proc/nope', '/proc/nope/deeper', '/dev/null/x'])('%s is an error at once, not an endless try', (path) => {
  expect(() => ensureFolder(path)).toThrow(/ENOENT|ENOTDIR/);
});

it('a file in its place is an error', () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  expect(() => ensureFolder(file)).toThrow(/EEXIST/);
});
