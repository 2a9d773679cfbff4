import { describe, expect, it } from 'vitest';
import { Channel } from '../../relay-drivers/plugs/channel.ts';
import { MAX_UNPROVEN, TIMES } from '../../relay-drivers/plugs/limits.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Steps of a story: `on` and `off` are sent, ON and OFF are told, `quiet` passes; what is certain is noted after each. */
type Step = 'on' | 'off' | 'ON' | 'OFF' | 'kept ON' | 'kept OFF' | 'quiet' | 'gone';

async function story(
  canBeAsked: boolean,
  steps: readonly Step[],
): Promise<{ certain: string[]; asked: number; known: string }> {
  const clock = new VirtualClock();
  const certain: string[] = [];
  let asked = 0;
  const ask = () => {
    asked += 1;
    return canBeAsked;
  };
  const channel = new Channel({ clock, ask, onCertain: (isOn) => certain.push(isOn ? 'ON' : 'OFF') });
  for (const step of steps) {
    if (step === 'quiet') await clock.advance(TIMES.quietMs);
    else if (step === 'gone') channel.gone();
    else if (step === 'on' || step === 'off') channel.sent(step === 'on');
    else if (step === 'ON' || step === 'OFF') channel.hear(step === 'ON');
    else channel.hearKept(step === 'kept ON');
  }
  const { known } = channel;
  return { certain, asked, known: known === null ? '?' : `${known.isOn ? 'ON' : 'OFF'}${known.isLive ? '' : ' kept'}` };
}

describe('a device that can be asked', () => {
  it.each<[string, Step[], string[], number]>([
    ['tells by itself', ['ON', 'OFF'], ['ON', 'OFF'], 0],
    ['obeys', ['on', 'ON'], ['ON'], 0],
    ['is so already', ['off', 'OFF'], ['OFF'], 0],
    ['obeys two orders in turn', ['on', 'off', 'ON', 'OFF'], ['OFF'], 0],
    ['said OFF before the ON reached it', ['on', 'off', 'OFF'], [], 0],
    ['said so, and is asked once the backlog is through', ['on', 'off', 'OFF', 'OFF', 'quiet'], [], 1],
    ['says it again when it was asked: the ON was lost', ['on', 'off', 'OFF', 'quiet', 'OFF'], ['OFF'], 1],
    ['said OFF, then obeys both', ['on', 'off', 'OFF', 'ON', 'OFF'], ['OFF'], 0],
    ['obeys the late ON after it was asked', ['on', 'off', 'OFF', 'quiet', 'ON', 'OFF'], ['OFF'], 1],
    ['was asked before the last order: that answer may be older', ['on', 'off', 'OFF', 'quiet', 'on', 'ON'], [], 1],
    ['tells an order twice', ['on', 'ON', 'ON', 'off', 'OFF', 'OFF'], ['ON', 'ON', 'OFF', 'OFF'], 0],
    ['obeys three orders, of which the last is like the first', ['on', 'off', 'on', 'ON'], [], 0],
    ['is what it is, and not what was ordered', ['on', 'OFF', 'quiet', 'OFF'], ['OFF'], 1],
  ])('%s', async (_, steps, certain, asked) => {
    expect(await story(true, steps)).toMatchObject({ certain, asked });
  });
});

describe('a device that tells changes only', () => {
  it.each<[string, Step[], string[], string]>([
    ['is as the broker kept it', ['kept ON'], [], 'ON kept'],
    ['may have changed since', ['kept ON', 'off'], [], '?'],
    ['is as it was, where the order wants just that', ['kept OFF', 'off'], [], 'OFF kept'],
    ['was told before the last order', ['on', 'kept OFF'], [], '?'],
    ['changes as ordered', ['on', 'ON'], ['ON'], 'ON'],
    ['is asked of nobody, and stands by what it said', ['on', 'OFF', 'quiet'], ['OFF'], 'OFF'],
    ['obeyed the first, and is waited for', ['on', 'off', 'ON', 'quiet', 'quiet'], [], '?'],
    ['obeyed both, slowly', ['on', 'off', 'ON', 'quiet', 'quiet', 'OFF'], ['OFF'], 'OFF'],
    ['says more before it is quiet', ['on', 'off', 'OFF', 'ON', 'quiet'], [], '?'],
    ['was kept off before the ON that it told', ['kept OFF', 'on', 'off', 'ON'], [], '?'],
    ['said itself what the broker keeps', ['OFF', 'kept OFF'], ['OFF'], 'OFF'],
    ['was gone, and with it what it was to obey', ['off', 'on', 'OFF', 'gone', 'off', 'OFF'], ['OFF'], 'OFF'],
  ])('%s', async (_, steps, certain, known) => {
    expect(await story(false, steps)).toMatchObject({ certain, known });
  });
});

it('commands that are never answered are remembered to a limit, and the last of them all the same', async () => {
  const orders = Array.from({ length: 10 * MAX_UNPROVEN }, (_, at): Step => (at % 2 === 0 ? 'on' : 'off'));
  const { certain } = await story(true, [...orders, 'OFF']);
  expect(certain).toEqual([]);
  const answers = Array.from({ length: MAX_UNPROVEN }, (_, at): Step => (at % 2 === 0 ? 'ON' : 'OFF'));
  expect((await story(true, [...orders, ...answers])).certain).toEqual(['OFF']);
});
