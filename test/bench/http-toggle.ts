import { toggles } from './client.ts';
import { seriesOf } from './figures.ts';
import { clientOf, startHubChild } from './hub-child.ts';
import type { Place } from './place.ts';
import { besideRaw, RawDisk } from './raw-disk.ts';
import { heading, ms, p50p99, row, target, times } from './table.ts';

const ABOVE_RAW_MS = 5;

/** One toggle after the other of a declared load, by one client, beside the bare disk. */
export async function httpToggle(place: Place): Promise<void> {
  const { url, token } = await startHubChild(place);
  const client = await clientOf(place, url);
  const requestOf = toggles('load-0', token);
  // The first ones compile the hub's code, as they do once in the life of a hub.
  for (let i = 0; i < 200; i++) await client.demand(requestOf(i));
  const { rawMs, oursMs } = await besideRaw(new RawDisk(place), { rounds: 200, count: 6 }, (i) =>
    client.demand(requestOf(i)),
  );
  const raw = seriesOf(rawMs);
  const ours = seriesOf(oursMs);
  const limitMs = raw.p99 + ABOVE_RAW_MS;
  heading(`HTTP: toggles of a declared load, one client, ${ours.count} in turns with the bare disk (p50 / p99)`);
  row('raw: 4 kB appended, fdatasync', p50p99(raw));
  row('ours: POST .../toggle', p50p99(ours));
  row('ours to raw, p50', times(ours.p50 / raw.p50));
  target('ours, p99', ms(ours.p99), `< ${ms(limitMs)} (raw p99 + ${ABOVE_RAW_MS})`, ours.p99 < limitMs);
}
