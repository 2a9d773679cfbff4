import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE = 0o700;

/**
 * Makes a folder and those above it, for nobody else to read. Step by step: Node's recursive mkdir tries for ever where a
 * parent takes no folder (below /proc, seen on 24). Throws the system's error; returns whether it was not there before.
 */
export function ensureFolder(path: string): boolean {
  try {
    return makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (!isMissingParent(error) || parent === path) throw error;
    ensureFolder(parent);
    return makeOne(path);
  }
}

function makeOne(path: string): boolean {
  try {
    mkdirSync(path, { mode: PRIVATE });
    return true;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    throw error;
  }
}

function isMissingParent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
