import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findZone, zoneOf } from '../../daemon/zones/find.ts';
import { intlZone } from '../../daemon/zones/intl-zone.ts';
import { readRule } from '../../daemon/zones/rule.ts';
import { readTzif } from '../../daemon/zones/tzif.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(1975, 0, 1);
const TO_MS = Date.UTC(2075, 0, 1);
const FOLDER = '/usr/share/zoneinfo';

const offsetH = (zone: ReturnType<typeof zoneOf>, at: string) => zone.offsetMsAt(Date.parse(at)) / HOUR_MS;

/** The moments at which the file of a zone says other than Intl. */
function differing(name: string): (moments: readonly number[]) => string[] {
  const file = readTzif(readFileSync(`${FOLDER}/${name}`));
  const intl = intlZone(name);
  return (moments) =>
    moments.filter((at) => file.offsetMsAt(at) !== intl?.offsetMsAt(at)).map((at) => new Date(at).toISOString());
}

// Every country's rules since 1975 and to 2075. Node brings tzdata of its own, some months older or newer.
describe.runIf(existsSync(`${FOLDER}/Europe/Rome`))('zoneinfo, beside Intl', () => {
  const names = Intl.supportedValuesOf('timeZone').filter((name) => existsSync(`${FOLDER}/${name}`));

  it('knows the same zones', () => {
    expect(names.length).toBeGreaterThan(400);
  });

  it('shows the same time everywhere, but where a country has just changed its mind', () => {
    const moments = Array.from({ length: 120 }, (_, i) => FROM_MS + i * ((TO_MS - FROM_MS) / 120) + i * 7 * HOUR_MS);
    const others = names.filter((name) => differing(name)(moments).length > 0);
    expect(others.length, others.join(', ')).toBeLessThanOrEqual(8);
  });

  it.each([
    'Europe/Rome',
    'America/New_York',
    'Europe/Dublin',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'America/Nuuk',
    'Asia/Kolkata',
    'America/Santiago',
    'Etc/UTC',
    'Asia/Jerusalem',
  ])('%s: the same at any quarter of an hour', (name) => {
    const quarters = fc.integer({ min: FROM_MS / 900_000, max: Date.UTC(2060, 0, 1) / 900_000 });
    const found = differing(name);
    fc.assert(
      fc.property(quarters, (quarter) => {
        expect(found([quarter * 900_000])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['Europe/Rome', 'America/New_York', 'Australia/Lord_Howe'])('%s: changes at the same moment', (name) => {
    const hours = Array.from({ length: 366 * 24 }, (_, i) => Date.UTC(2049, 0, 1) + i * HOUR_MS);
    expect(differing(name)(hours)).toEqual([]);
  });

  it('takes no file that counts leap seconds', () => {
    const path = `${FOLDER}/right/Europe/Rome`;
    if (existsSync(path)) expect(() => readTzif(readFileSync(path))).toThrow(RangeError);
    expect(findZone('right/Europe/Rome')).toBeNull();
  });
});

describe('a zone', () => {
  it('is found by its IANA name', () => {
    expect(offsetH(zoneOf('Europe/Rome'), '2026-01-01T00:00Z')).toBe(1);
    expect(offsetH(zoneOf('Europe/Rome'), '2026-07-01T00:00Z')).toBe(2);
    expect(offsetH(zoneOf('UTC'), '2026-07-01T00:00Z')).toBe(0);
  });

  it('is the same where the system has no zoneinfo', () => {
    const without = findZone('America/New_York', '/nowhere');
    expect(without?.offsetMsAt(Date.parse('2026-07-01T00:00Z'))).toBe(-4 * HOUR_MS);
  });

  it.each([
    '',
    'Europe/Rmoe',
    '../../etc/passwd',
    'Europe/../Europe/Rome',
    'Europe',
    '/Europe/Rome',
    'posix/Europe/Rome',
  ])('is none: %j', (name) => {
    expect(findZone(name)).toBeNull();
    expect(() => zoneOf(name)).toThrow(RangeError);
  });
});

describe('a file that is no zone file', () => {
  const rome = () => Uint8Array.from(readFileSync(`${FOLDER}/Europe/Rome`));

  it('is refused, wherever it is cut', () => {
    const whole = rome();
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => readTzif(whole.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });

  it('is refused for its first bytes', () => {
    expect(() => readTzif(new Uint8Array(200))).toThrow(RangeError);
  });
});

describe('the rule of a zone file (RFC 9636, 3.3.1)', () => {
  it.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T00:59Z', 1],
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T01:00Z', 2],
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T00:59Z', 2],
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T01:00Z', 1],
    ['EST5EDT,M3.2.0,M11.1.0', '2026-03-08T07:00Z', -4],
    ['EST5EDT,M3.2.0,M11.1.0', '2026-11-01T05:59Z', -4],
    ['EST5EDT,M3.2.0,M11.1.0', '2026-11-01T06:00Z', -5],
    ['IST-1GMT0,M10.5.0,M3.5.0/1', '2026-01-15T00:00Z', 0],
    ['IST-1GMT0,M10.5.0,M3.5.0/1', '2026-07-15T00:00Z', 1],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-01-15T00:00Z', 11],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-06-15T00:00Z', 10],
    ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2026-06-15T00:00Z', 10.5],
    ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '2026-03-29T00:59Z', -2],
    ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '2026-03-29T01:00Z', -1],
    ['EET-2EEST,M3.4.4/50,M10.4.4/50', '2026-03-28T00:00Z', 3],
    ['<+03>-3', '2026-06-15T00:00Z', 3],
    ['XXX3YYY,J60/0,J300/0', '2028-02-29T12:00Z', -3],
    ['XXX3YYY,J60/0,J300/0', '2028-03-01T12:00Z', -2],
    ['XXX3YYY,59/0,300/0', '2028-02-29T12:00Z', -2],
  ] as const)('%s at %s: %d h', (rule, at, hours) => {
    expect(offsetH(readRule(rule), at)).toBe(hours);
  });

  it.each(['', 'CET', 'CET-1CEST', 'CET-1CEST,M3.5.0', 'CET-1CEST,M3.5.0,M10.5.0/x', '1', ',,'])(
    'is none: %j',
    (text) => {
      expect(() => readRule(text)).toThrow(RangeError);
    },
  );
});
