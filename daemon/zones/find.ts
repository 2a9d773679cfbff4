import { readFileSync } from 'node:fs';
import { intlZone } from './intl-zone.ts';
import { readTzif } from './tzif.ts';
import type { Zone } from './zone.ts';

/** tzdata, part of every system that the hub is made for. */
const FOLDER = '/usr/share/zoneinfo';
/** Of IANA, with their place: what stands in the folder besides is the same again, with leap seconds, or no zone. */
const NAME = /^UTC$|^(?!posix\/|right\/)[A-Za-z]+(\/[A-Za-z0-9_+-]+){1,2}$/;

/**
 * The zone of an IANA name, null where there is none. It is read from the system's own data, which is newer than Node's
 * as a rule, and small: the first use of Intl costs 8 MB of memory and 50 ms. Where the system has none, Intl is asked.
 */
export function findZone(name: string, folder = FOLDER): Zone | null {
  return (NAME.test(name) ? fileZone(`${folder}/${name}`) : null) ?? intlZone(name);
}

/** For a name that was checked when the settings were read. Throws RangeError where there is no such zone. */
export function zoneOf(name: string): Zone {
  const zone = findZone(name);
  if (zone === null) throw new RangeError(`there is no time zone ${name}`);
  return zone;
}

function fileZone(path: string): Zone | null {
  try {
    return readTzif(readFileSync(path));
  } catch {
    return null; // not there, not to be read, or no such file: Intl knows it then, or nobody
  }
}
