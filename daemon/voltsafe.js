#!/usr/bin/env node
// The package's bin. It is plain JavaScript because the Node that starts it may be too old to read TypeScript: an
// npm script or npx finds the pinned Node first and goes straight on, any other start is handed over to it here.
// And it turns on the compile cache before the first line of TypeScript is read: when all of it is in the cache, Node
// never loads what strips types, which is some 20 MB of memory.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import module from 'node:module'; // older Nodes lack half of it: no named imports
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

const OLDEST_MAJOR = 24;
/** Commands that stay; the others end before it matters. */
const HUBS = ['start', 'run'];
/** What those load of Node sooner or later. */
const OWN_MODULES = ['child_process', 'cluster', 'fs/promises', 'http2', 'https', 'perf_hooks', 'readline', 'zlib'];
const POOL_BYTES = 8 * 1024;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The Node that came with `npm ci`; null when it is not there. */
function pinnedNode() {
  try {
    return join(dirname(module.createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return null;
  }
}

/** Where the environment says, as systemd does; else beside the packages, which `npm ci` fills; else in the home. */
function cachePlaces() {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME, HOME } = process.env;
  const checkout = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
  return [CACHE_DIRECTORY, XDG_CACHE_HOME, checkout, HOME && join(HOME, '.cache')].filter(Boolean);
}

/** No place at all changes nothing but the time and memory of a start. One that can only be read is as good. */
function keepCompiled() {
  const { FAILED } = module.constants.compileCacheStatus;
  for (const place of cachePlaces()) {
    const folder = join(place, 'voltsafe-hub');
    if (!isThere(place) || !isThere(folder)) continue;
    if (module.enableCompileCache(join(folder, 'compiled')).status !== FAILED) return;
  }
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

/**
 * New objects get 1 MB at a time, as V8 begins with, and not up to 16 MB: 11 MB less after a start, for a tenth more CPU
 * time per decision (measured). What was compiled under other flags is not taken, from no cache: so Node's own modules,
 * which come compiled, are read before the flag is set, and the cache is turned on after it.
 *
 * And old objects are collected when there are 25 % more of them, not several times as many, and are moved together then:
 * with 1,000 plugs on MQTT the hub would have some 80 MB more without the one and 5 without the other, at much the same
 * CPU time (measured, test/bench/mqtt.ts).
 *
 * And small buffers are cut from pieces of 8 kB, as Node did before 24, not of 64: mqtt-packet keeps for ever what it made
 * of each length that a packet had, a few bytes each, and with them the whole pieces (5 MB, and one more for each length).
 */
async function keepSmall() {
  await Promise.all(OWN_MODULES.map((name) => import(`node:${name}`)));
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  v8.setFlagsFromString('--heap-growing-percent=20');
  Buffer.poolSize = POOL_BYTES;
}

/**
 * How glibc keeps memory: one arena for all threads, where else each keeps what it ever took to compile and to collect; large
 * pieces given back as they are freed, where else they leave holes. 14 MB and 5 MB of 200 with 1,000 plugs on MQTT, 2 to 4
 * after a start (measured, test/bench). glibc reads this where a process begins, so it begins once more, as the same
 * process, which costs 0.05 s; the service sets it itself.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '16384', MALLOC_TRIM_THRESHOLD_: '65536' };

function holdLittle() {
  if (process.platform !== 'linux' || process.env.MALLOC_ARENA_MAX !== undefined) return;
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve?.(process.execPath, words, { ...process.env, ...MALLOC });
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
  if (HUBS.includes(process.argv[2])) {
    holdLittle();
    await keepSmall();
  }
  keepCompiled();
  import('./main.ts');
} else {
  const file = pinnedNode();
  if (file === null) giveUp('its own one is not installed');
  else handOver(file);
}
