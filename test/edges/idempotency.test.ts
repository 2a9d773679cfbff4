import { describe, expect, it } from 'vitest';
import { type House, runningHouse } from './rig.ts';

/** A relay of the board, and a load without hardware. */
const KINDS = [
  ['a relay of the board', 1],
  ['a declared load', undefined],
] as const;

/** What was decided for somebody; that a relay was read meanwhile is no answer. */
async function answers(house: House): Promise<number[]> {
  const OUTCOMES = ['granted', 'unchanged', 'refused'];
  return (await house.api.decisions()).filter(({ outcome }) => OUTCOMES.includes(outcome)).map(({ seq }) => seq);
}

describe('idempotency', { timeout: 60_000 }, () => {
  it.each(KINDS)('50 ONs at once for %s: one grant, 50 times 200, one reservation', async (_, channel) => {
    const house = await runningHouse();
    const { api } = house;
    await house.add('heater', 3000, channel);
    const replies = await Promise.all(Array.from({ length: 50 }, () => api.toggle('heater', true)));
    expect(replies.map(({ status }) => status)).toEqual(new Array(50).fill(200));
    expect(replies.filter(({ body }) => body.changed)).toHaveLength(1);
    for (const { body } of replies) expect(body.appliance).toMatchObject({ is_on: true, relay_state: 'on' });
    expect((await api.load()).reserved_w).toBe(3000);
    const decisions = (await api.decisions()).filter(({ appliance }) => appliance === 'heater');
    expect(decisions.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1);
    expect(decisions.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(49);
    expect(new Set(replies.map(({ body }) => body.decision.seq)).size).toBe(50);
    if (channel !== undefined) expect(await house.board.written(channel)).toEqual([true]);
  });

  it.each(KINDS)('one key, 50 requests at once for %s: one decision, one answer', async (_, channel) => {
    const house = await runningHouse();
    const { api } = house;
    await house.add('heater', 3000, channel);
    const replies = await Promise.all(Array.from({ length: 50 }, () => api.toggle('heater', true, 'key-1')));
    expect(replies[0]).toMatchObject({ status: 200, body: { changed: true } });
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(await requests(house)).toHaveLength(1);
  });

  it('the same key replays the first answer, whatever happened since, and after a crash too', async () => {
    const house = await runningHouse();
    await house.add('heater', 3000, 1);
    await house.add('lamp', 100);
    await house.add('oven', 2500, 2);
    const ask = {
      'on-relay': () => house.api.toggle('heater', true, 'on-relay'),
      refusal: () => house.api.toggle('oven', true, 'refusal'),
      'on-load': () => house.api.toggle('lamp', true, 'on-load'),
      again: () => house.api.toggle('lamp', true, 'again'),
      off: () => house.api.toggle('heater', false, 'off'),
    };
    const first: Record<string, string> = {};
    for (const [key, send] of Object.entries(ask)) {
      const { status, text } = await send();
      expect(status, key).toBe(key === 'refusal' ? 403 : 200);
      first[key] = text;
    }
    const decided = await answers(house);
    for (const [key, send] of Object.entries(ask)) expect((await send()).text, key).toBe(first[key]);
    // Nothing was decided anew: the heater stays off, the refused oven too, though it would fit by now.
    expect(await answers(house)).toEqual(decided);

    await house.restart();
    const before = await answers(house);
    for (const [key, send] of Object.entries(ask)) expect((await send()).text, key).toBe(first[key]);
    expect(await answers(house)).toEqual(before);
    expect((await house.api.load()).reserved_w).toBe(100);
    expect(await house.board.closed()).toEqual([]);
  });

  it('another request under the same key is 422 and changes nothing; somebody else may use the key', async () => {
    const house = await runningHouse({ buses: {} });
    const { api } = house;
    await house.add('heater', 3000);
    await house.add('lamp', 100);
    expect((await api.toggle('heater', true, 'key')).status).toBe(200);
    for (const reused of [await api.toggle('heater', false, 'key'), await api.toggle('lamp', true, 'key')]) {
      expect(reused.status).toBe(422);
      expect(reused.body).toMatchObject({ code: 'idempotency_key_reused' });
    }
    expect((await api.load()).reserved_w).toBe(3000);
    const other = house.clientOf(await house.newToken('operator', 'other'));
    const { status, body } = await other.toggle('heater', false, 'key');
    expect({ status, body }).toMatchObject({ status: 200, body: { changed: true } });
    // A key is a header, not a wish: one that is none is refused as such.
    const empty = await api.ask('/api/appliances/lamp/toggle', {
      method: 'POST',
      body: { is_on: true },
      headers: { 'idempotency-key': '' },
    });
    expect(empty).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

/** What was asked and decided, without what the relays said. */
async function requests(house: House) {
  const asked = ['granted', 'refused', 'unchanged'];
  return (await house.api.decisions()).filter(({ outcome }) => asked.includes(outcome));
}
