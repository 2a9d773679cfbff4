import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const DRIVERS = new URL('../drivers/', import.meta.url);
const CAPTURES = new URL('captures/', DRIVERS);

/** Everything that was recorded or printed of devices; `captures/README.md` has the sources. */
const RECORDINGS = [
  ...['esy5q3da1004_v304', 'fluvius_v171', 'unpadded_crc', 'v2_2', 'v3', 'v4_2', 'v5', 'v5_two_mbus'].map(
    (name) => `dsmr-p1/${name}.txt`,
  ),
  'aliexpress-8relay-8input.real.jsonl',
  'eastron-sdm-manual.jsonl',
  'eastron-sdm630.real.jsonl',
  'eastron-sdm630v2-block.real.jsonl',
  'homeassistant-discovery.jsonl',
  'kmtronic-numato-denkovi.jsonl',
  'lctech-lc-modbus.manual.jsonl',
  'lctech-power-up-banner.real.jsonl',
  'lcus.jsonl',
  'pzem004t-v3.real.jsonl',
  'r421a08-fc06.jsonl',
  'shelly-gen1-and-gen2.real.jsonl',
  'shelly2pmg3-cover.GetStatus.json',
  'tasmota-discovery-and-energy.jsonl',
  'tasmota-state.real.jsonl',
  'waveshare-relay.wiki.jsonl',
];

function filesOf(folder: URL, below = ''): string[] {
  return readdirSync(new URL(below, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(folder, `${below}${entry.name}/`) : [`${below}${entry.name}`],
  );
}

/** The tests that name a recording as one of theirs. */
function replaysOf(recording: string, tests: ReadonlyMap<string, string>): string[] {
  const name = recording.replace(/^.*\//, '').replace(/\.(jsonl|json|txt)$/, '');
  const quoted = new RegExp(`['"\`/]${name.replaceAll('.', '\\.')}(\\.json)?['"\`]|^\\s*${name}:`, 'm');
  return [...tests].filter(([, source]) => quoted.test(source)).map(([file]) => file);
}

/** Of drivers, and of what the hub says to Home Assistant. */
const FOLDERS = [DRIVERS, new URL('../broker/', import.meta.url)];

const TESTS = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name): [string, string] => [name, readFileSync(new URL(name, folder), 'utf8')]),
  ),
);

describe('the recordings', () => {
  it('are all here, and no other', () => {
    expect(
      filesOf(CAPTURES)
        .filter((name) => name !== 'README.md')
        .toSorted(),
    ).toEqual(RECORDINGS.toSorted());
  });

  it.each(RECORDINGS)('%s is replayed', (recording) => {
    expect(replaysOf(recording, TESTS)).not.toEqual([]);
  });

  it('one that nobody replays is found', () => {
    expect(replaysOf('nobody.real.jsonl', TESTS)).toEqual([]);
  });

  it.each(RECORDINGS)('%s has its source in captures/README.md', (recording) => {
    const [place = ''] = recording.split('/');
    expect(readFileSync(new URL('README.md', CAPTURES), 'utf8')).toContain(place);
  });
});
