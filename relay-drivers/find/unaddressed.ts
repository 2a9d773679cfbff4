import { encodeChannelQuery, exactChannelState, STATUS_QUERY as KMTRONIC_QUERY } from '../kmtronic/codec.ts';
import { encodeFrame, findState, findStatusText, LCUS, STATUS_QUERY } from '../lcus/codec.ts';
import { encodeCommand, findAnswer } from '../numato/codec.ts';
import type { Finding } from './finding.ts';
import type { Talk } from './talk.ts';

/** Boards without address and check. Some are asked only where their owner says that such a board is there (README). */
export const ON_REQUEST = ['lcus', 'kmtronic', 'numato'] as const;
export type OnRequest = (typeof ON_REQUEST)[number];

/** The board takes one frame at a time (wire-formats A3). */
const LCUS_REST_MS = 100;

type Kind = Pick<Finding, 'role' | 'driver' | 'settings' | 'says'>;

/** Behind the lone FF of LCUS: ends what a KMtronic board may take for the beginning of a frame, with a channel it has not. */
export const FILLER = Uint8Array.of(0xfe, 0xfe);

/** The one question of this kind that switches nothing anywhere. */
export async function lcusInWords(talk: Talk): Promise<Kind | null> {
  const channels = linesIn(await talk.answerTo(STATUS_QUERY));
  await talk.say(FILLER);
  return channels === null ? null : board('lcus', channels, 'LCUS board that tells its relays in words');
}

export async function onRequest(talk: Talk, family: OnRequest): Promise<Kind | null> {
  switch (family) {
    case 'lcus':
      return lcusWithFeedback(talk);
    case 'kmtronic':
      return kmtronic(talk);
    case 'numato':
      return numato(talk);
  }
}

async function lcusWithFeedback(talk: Talk): Promise<Kind | null> {
  let channels = 0;
  for (let channel = 1; channel <= 8; channel += 1) {
    await talk.rest(LCUS_REST_MS);
    const request = encodeFrame({ channel, command: LCUS.query });
    if ((await talk.ask(request, (bytes) => findState(channel, bytes))) === null) break;
    channels = channel;
  }
  return channels === 0 ? null : board('lcus', channels, 'LCUS board that gives feedback');
}

async function kmtronic(talk: Talk): Promise<Kind | null> {
  const one = await talk.ask(encodeChannelQuery(1), (bytes) => exactChannelState(1, bytes));
  if (one !== null) {
    const two = await talk.ask(encodeChannelQuery(2), (bytes) => exactChannelState(2, bytes));
    return board('kmtronic', two === null ? 1 : 2, 'KMtronic board');
  }
  // As many raw bytes as it has relays: nothing else tells how many.
  const states = await talk.answerTo(KMTRONIC_QUERY);
  const isBoard = [4, 8].includes(states.length) && states.every((state) => state <= 1);
  return isBoard ? board('kmtronic', states.length, 'KMtronic board') : null;
}

/** The answer has a hexadecimal digit for every four relays. */
async function numato(talk: Talk): Promise<Kind | null> {
  // Ends what somebody may have half typed.
  await talk.ask(Uint8Array.of(0x0d), () => null);
  const digits = await talk.ask(encodeCommand({ kind: 'readall' }, 16), (bytes) =>
    findAnswer('relay readall', /[0-9a-fA-F]{1,16}/, bytes),
  );
  return digits === null ? null : board('numato', digits.length * 4, 'Numato module (check channels)');
}

function board(driver: string, channels: number, says: string): Kind {
  return { role: 'board', driver, settings: { channels }, says: `${says}, ${channels} channels` };
}

/** As many lines as came in order from CH1 on. */
function linesIn(bytes: Uint8Array): number | null {
  return [8, 7, 6, 5, 4, 3, 2, 1].find((channels) => findStatusText(channels, bytes) !== null) ?? null;
}
