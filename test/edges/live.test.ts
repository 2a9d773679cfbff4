import { describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from './client.ts';
import { Feed } from './feed.ts';
import { PATIENTLY, runningHouse } from './rig.ts';

async function listen(client: Client, query = ''): Promise<Feed> {
  const feed = await Feed.open(client, query);
  onTestFinished(() => feed.close());
  return feed;
}

describe('the live feed', { timeout: 60_000 }, () => {
  it('begins with how things stand, and tells whatever anybody changes, in order', async () => {
    const house = await runningHouse();
    const { api, board } = house;
    await house.add('heater', 3000, 1);
    await house.add('lamp', 100, 2);
    const feed = await listen(api);
    await expect.poll(() => feed.messages[0], PATIENTLY).toMatchObject({ type: 'snapshot', load: { reserved_w: 0 } });
    expect(feed.last('heater')).toMatchObject({ is_on: false, relay_state: 'off' });

    const phone = house.clientOf(await house.newToken('operator', 'phone'));
    const { body } = await phone.toggle('heater', true);
    await expect.poll(() => feed.last('heater'), PATIENTLY).toMatchObject({ is_on: true, relay_state: 'on' });
    const granted = feed.messages.find((one) => one.type === 'event' && one.seq === body.decision.seq);
    expect(granted).toMatchObject({ type: 'event', kind: 'ordered', decision: { actor: 'phone', outcome: 'granted' } });
    expect(granted).toMatchObject({ load: { reserved_w: 3000 } });

    await board.button(2);
    await expect.poll(() => feed.last('lamp'), PATIENTLY).toMatchObject({ is_on: true, relay_state: 'on' });
    await board.fault({ mute: true });
    await expect.poll(() => feed.last('lamp'), PATIENTLY).toMatchObject({ relay_state: 'unknown' });
    expect(feed.seqs).toEqual([...feed.seqs].sort((a, b) => a - b));
    expect(new Set(feed.seqs).size).toBe(feed.seqs.length);
  });

  it('tells a refusal with its figures', async () => {
    const house = await runningHouse({ buses: {} });
    await house.add('sauna', 6000);
    const feed = await listen(house.api);
    await house.api.toggle('sauna', true);
    const refusal = { outcome: 'refused', code: 'capacity_exceeded', requested_w: 6000, exceeded_by_w: 1000 };
    await expect.poll(() => feed.messages.at(-1), PATIENTLY).toMatchObject({ kind: 'refused', decision: refusal });
  });

  it('goes on where a client left off, or begins anew; ends with the hub', async () => {
    const house = await runningHouse({ buses: {} });
    const { api } = house;
    await house.add('lamp', 100);
    const { seq } = (await api.toggle('lamp', true)).body.decision;
    await api.toggle('lamp', false);
    const resumed = await listen(api, `?after=${seq}`);
    await expect.poll(() => resumed.last('lamp'), PATIENTLY).toMatchObject({ is_on: false });
    expect(resumed.messages.every(({ type }) => type === 'event')).toBe(true);
    expect(resumed.seqs[0]).toBe(Number(seq) + 1);

    await house.restart();
    await expect.poll(() => resumed.isOpen, PATIENTLY).toBe(false);
    // From before the hub's memory, and from a future that never was.
    for (const after of [1, 1_000_000]) {
      const anew = await listen(house.api, `?after=${after}`);
      await expect.poll(() => anew.messages[0], PATIENTLY).toMatchObject({ type: 'snapshot' });
    }
  });

  it('is not for strangers', async () => {
    const house = await runningHouse({ buses: {} });
    await expect(Feed.open(house.clientOf('vs_wrong'))).rejects.toThrow('401');
    await expect(Feed.open(house.clientOf(null))).rejects.toThrow('401');
    const viewer = house.clientOf(await house.newToken('viewer', 'viewer'));
    expect((await listen(viewer)).isOpen).toBe(true);
  });
});
