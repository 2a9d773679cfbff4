#!/usr/bin/env node
// The package's bin. It is plain JavaScript because the Node that starts it may be too old to read TypeScript: an
// npm script or npx finds the pinned Node first and goes straight on, any other start is handed over to it here.
// And it turns on the compile cache before the first line of TypeScript is read: when all of it is in the cache, Node
// never loads what strips types, which is some 20 MB of memory.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import module from 'node:module'; // older Nodes lack half of it: no named imports
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 24;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The Node that came with `npm ci`; null when it is not there. */
function pinnedNode() {
  try {
    return join(dirname(module.createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return null;
  }
}

/** A place that cannot be written changes nothing but the time and memory of a start. */
function keepCompiled() {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME, HOME } = process.env; // the first is systemd's
  const base = CACHE_DIRECTORY || XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (!base) return;
  const folder = join(base, 'voltsafe-hub');
  if (isThere(base) && isThere(folder)) module.enableCompileCache(join(folder, 'compiled'));
}

/** Step by step: Node's recursive mkdir tries for ever where a parent takes no folder (HOME below /proc, seen on 24). */
function isThere(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    return error.code === 'EEXIST';
  }
  return true;
}

function giveUp(why) {
  process.stderr.write(`voltsafe: needs Node ${OLDEST_MAJOR} and this is ${process.version}; ${why}: run npm ci\n`);
  process.exit(1);
}

function handOver(file) {
  const child = spawn(file, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => giveUp(`its own one does not start (${error.message})`));
  child.on('exit', (code) => process.exit(code === null ? 1 : code));
}

if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) {
  // What is written (ledger, socket, log, cache) is nobody else's to read.
  process.umask(0o077);
  keepCompiled();
  import('./main.ts');
} else {
  const file = pinnedNode();
  if (file === null) giveUp('its own one is not installed');
  else handOver(file);
}
