import type { Event } from '../../daemon/core/events.ts';
import { openLedger } from '../../daemon/ledger/client.ts';
import { seriesOf } from './figures.ts';
import { ANNA } from './in-process.ts';
import type { Place } from './place.ts';
import { besideRaw, RawDisk } from './raw-disk.ts';
import { heading, p50p99, row, times } from './table.ts';

/** The ledger alone, from its caller's thread through the worker and back, beside the bare disk. */
export async function disk(place: Place): Promise<void> {
  const ledger = await openLedger({ dataDir: place.newFolder(), bootId: 'bench' });
  place.atEnd(() => ledger.close());
  const { rawMs, oursMs } = await besideRaw(new RawDisk(place), { rounds: 100, count: 6 }, (i) =>
    ledger.append([unchanged(i + 1)]),
  );
  const raw = seriesOf(rawMs);
  const ours = seriesOf(oursMs);
  heading('Disk: one commit of the ledger beside the bare disk, in turns (p50 / p99)');
  row('raw: 4 kB appended, fdatasync', p50p99(raw));
  row('ours: one event committed by the thread of the ledger', p50p99(ours));
  row('ours to raw, p50', times(ours.p50 / raw.p50));
}

/** An honest row: what an ON for what is on already leaves. */
function unchanged(seq: number): Event {
  const request = { isOn: true };
  const about = { seq, upMs: seq, wallMs: seq, who: ANNA, reservedMw: 0, limitMw: 5_000_000 };
  return { kind: 'unchanged', appliance: 'load-0', joins: null, request, ...about };
}
