import { DriverError, type Terms } from '../driver.ts';

/** For boards whose state takes more than one exchange to read, or comes without anything that checks it. */

/** More than one spoiled reading, or a relay that moved in between, is worth another try. */
const MAX_READINGS = 4;

/** Channel after channel. The reading is as old as its first exchange: what was ordered later is not what was read. */
export async function oneByOne(
  channels: number,
  terms: Terms,
  read: (channel: number, terms: Terms) => Promise<boolean>,
): Promise<boolean[]> {
  const states: boolean[] = [];
  for (let channel = 1; channel <= channels; channel += 1) {
    states.push(await read(channel, channel === 1 ? terms : continued(terms)));
  }
  return states;
}

/** Nothing checks these bytes, and one flipped bit would free watts: they count when two in a row say the same. */
export async function agreed(terms: Terms, read: (terms: Terms) => Promise<boolean[]>): Promise<boolean[]> {
  let before = await read(terms);
  for (let reading = 2; reading <= MAX_READINGS; reading += 1) {
    const states = await read(continued(terms));
    if (states.every((isOn, index) => isOn === before[index])) return states;
    before = states;
  }
  throw new DriverError('timeout', `of ${MAX_READINGS} readings no two in a row said the same`);
}

/** Refuses a channel that the board has not; nothing is sent. */
export function requireChannel(board: string, channel: number, channels: number): void {
  if (Number.isInteger(channel) && channel >= 1 && channel <= channels) return;
  throw new DriverError(
    'exception',
    `${board}: channel ${channel} does not exist on a board of ${channels}; nothing was sent`,
  );
}

/** The terms of a later exchange of one reading: `started` was said at its first. */
function continued(terms: Terms): Terms {
  return { priority: terms.priority, stillValid: () => terms.stillValid() };
}
