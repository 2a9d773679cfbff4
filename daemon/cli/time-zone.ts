import { readlinkSync } from 'node:fs';
import type { CliIo } from './io.ts';

const LINK = '/etc/localtime';
const NAME = /\/zoneinfo\/(.+)$/;

/** The machine's time zone, from where ICU takes it: the data of ICU would cost each start 50 ms and 10 MB. */
export function machineTimezone({ TZ }: CliIo['env'], link = LINK): string {
  const linked = TZ === undefined ? nameIn(link) : null;
  // TZ has many forms, and some systems have a copy in the place of the link: ICU knows.
  return linked ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function nameIn(link: string): string | null {
  try {
    return NAME.exec(readlinkSync(link))?.[1] ?? null;
  } catch {
    return null;
  }
}
