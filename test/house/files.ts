import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Made by tools or at run time; nothing of ours. */
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', 'data', 'coverage', 'captures']);

/** Every file of the repository, as paths from its root. */
export function files(under = '.'): string[] {
  const found = readdirSync(posix.join(ROOT, under), { withFileTypes: true });
  return found.flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = posix.join(under, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

export function readText(path: string): string {
  return readFileSync(posix.join(ROOT, path), 'utf8');
}

export function exists(path: string): boolean {
  return existsSync(posix.join(ROOT, path));
}

/** What lies at the root, whatever it is. */
export function atRoot(): string[] {
  return readdirSync(ROOT);
}
