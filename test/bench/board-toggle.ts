import { join } from 'node:path';
import { Board } from '../edges/board.ts';
import { toggles } from './client.ts';
import { seriesOf } from './figures.ts';
import { clientOf, startHubChild, untilReady } from './hub-child.ts';
import { pollExchangeMs, writeExchangeMs } from './line-time.ts';
import type { Place } from './place.ts';
import { besideRaw, RawDisk } from './raw-disk.ts';
import { heading, ms, note, p50p99, row, target } from './table.ts';

const ALLOWANCE_MS = 10;

/** One toggle after the other of a relay on `voltsafe simulate`, over a real pseudo terminal that is paced at 9600 baud. */
export async function boardToggle(place: Place): Promise<void> {
  const boardPath = join(place.folder, 'board');
  const board = await Board.start(boardPath);
  place.atEnd(() => board.unplug());
  const { url, token } = await startHubChild(place, { boardPath, appliances: 1 });
  const client = await clientOf(place, url);
  await untilReady(client);
  const requestOf = toggles('load-0', token);
  for (let i = 0; i < 20; i++) await client.demand(requestOf(i));
  report(await besideRaw(new RawDisk(place), { rounds: 100, count: 4 }, (i) => client.demand(requestOf(i))));
}

function report({ rawMs, oursMs }: { rawMs: number[]; oursMs: number[] }): void {
  const raw = seriesOf(rawMs);
  const ours = seriesOf(oursMs);
  const writeMs = writeExchangeMs();
  const pollMs = pollExchangeMs();
  const limitMs = writeMs + pollMs + 2 * raw.p99 + ALLOWANCE_MS;
  heading(`Board: toggles of a relay at 9600 baud, one client, ${ours.count} in turns with the bare disk (p50 / p99)`);
  row('raw: 4 kB appended, fdatasync', p50p99(raw));
  row('ours: POST .../toggle', p50p99(ours));
  row('ours less its line time, p50', ms(ours.p50 - writeMs));
  target('ours, p99', ms(ours.p99), `< ${ms(limitMs)}`, ours.p99 < limitMs);
  note(`line time of FC05 ${ms(writeMs)} + a poll under way, FC01 with 8 + 6 characters, ${ms(pollMs)}`);
  note(`+ two commits, taken as twice raw p99, ${ms(2 * raw.p99)} + ${ALLOWANCE_MS} ms`);
}
