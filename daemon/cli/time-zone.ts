import { readlinkSync } from 'node:fs';
import { findZone } from '../zones/find.ts';
import type { CliIo } from './io.ts';

const LINK = '/etc/localtime';
const NAME = /\/zoneinfo\/(.+)$/;

/** The machine's time zone, from where ICU takes it: the data of ICU would cost each start 50 ms and 8 MB. */
export function machineTimezone({ TZ }: CliIo['env'], link = LINK): string {
  const name = TZ === undefined ? nameIn(link) : plainName(TZ);
  // TZ has many forms, and some systems have a copy in the place of the link: ICU knows.
  return name ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Europe/Rome`, as containers are told; no abbreviation, no rule. */
function plainName(TZ: string): string | null {
  return TZ.includes('/') && findZone(TZ) !== null ? TZ : null;
}

function nameIn(link: string): string | null {
  try {
    const name = NAME.exec(readlinkSync(link))?.[1] ?? null;
    return name !== null && findZone(name) !== null ? name : null; // `posix/Europe/Rome` is a file, and no name
  } catch {
    return null;
  }
}
