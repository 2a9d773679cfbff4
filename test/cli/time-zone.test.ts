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
    expect(machineTimezone({ TZ: 'Asia/Tokyo' }, link), 'TZ goes first, as ICU reads it').toBe(OF_ICU);
  });

  it('is what ICU says where a copy or nothing is in the place of the link', () => {
    const copy = join(scratch(), 'localtime');
    writeFileSync(copy, 'TZif2');
    expect(machineTimezone({}, copy)).toBe(OF_ICU);
    expect(machineTimezone({}, join(scratch(), 'localtime'))).toBe(OF_ICU);
  });
});
