import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineTimezone } from '../../daemon/cli/time-zone.ts';
import { scratch } from './voltsafe.ts';

const OF_ICU = new Intl.DateTimeFormat().resolvedOptions().timeZone;

describe("the machine's time zone", () => {
  it('is the one that /etc/localtime leads to', () => {
    const link = join(scratch(), 'localtime');
    symlinkSync('/usr/share/zoneinfo/America/Argentina/Ushuaia', link);
    expect(machineTimezone({}, link)).toBe('America/Argentina/Ushuaia');
  });

  it('is what TZ names before that; other forms of it are for ICU to read', () => {
    const link = join(scratch(), 'localtime');
    symlinkSync('/usr/share/zoneinfo/America/Argentina/Ushuaia', link);
    expect(machineTimezone({ TZ: 'Asia/Tokyo' }, link)).toBe('Asia/Tokyo');
    for (const TZ of ['', 'CET', 'EST5EDT,M3.2.0,M11.1.0', ':Asia/Tokyo', 'Asia/Tokio'])
      expect(machineTimezone({ TZ }, link), TZ).toBe(OF_ICU);
  });

  it('is never a name that is none: links may lead to the same zones once more', () => {
    const link = join(scratch(), 'localtime');
    symlinkSync('/usr/share/zoneinfo/posix/Europe/Rome', link);
    expect(machineTimezone({}, link)).toBe(OF_ICU);
  });

  it('is what ICU says where a copy or nothing is in the place of the link', () => {
    const copy = join(scratch(), 'localtime');
    writeFileSync(copy, 'TZif2');
    expect(machineTimezone({}, copy)).toBe(OF_ICU);
    expect(machineTimezone({}, join(scratch(), 'localtime'))).toBe(OF_ICU);
  });
});
