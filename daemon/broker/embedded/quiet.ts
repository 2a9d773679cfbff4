import { createRequire } from 'node:module';

/**
 * Loads mqtt-packet without its debugging: it calls `debug` some twenty times for each packet, also where nobody looks, with
 * lists of arguments that are a twelfth of all memory the hub takes (test/bench/mqtt.ts). What else is loaded meanwhile is
 * silent, too.
 */
export async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const debug = moduleOfDebug();
  if (debug === null) return load();
  const { exports } = debug;
  debug.exports = () => silent;
  try {
    return await load();
  } finally {
    debug.exports = exports;
  }
}

/** The one that mqtt-packet gets; null where a later mqtt-packet does without. */
function moduleOfDebug(): NodeJS.Module | null {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('mqtt-packet'));
    require('debug');
    return require.cache[require.resolve('debug')] ?? null;
  } catch {
    return null;
  }
}

function silent(): void {}
